using System.Collections.Frozen;

namespace GridServices.Wire;

/// <summary>The texts of a closed enumeration, both ways.</summary>
public sealed class Terms<T>
    where T : struct, Enum
{
    private readonly FrozenDictionary<string, T> _values;
    private readonly FrozenDictionary<T, string> _texts;

    /// <summary>Pairs of text and value; a later text for the same value is read, not written.</summary>
    public Terms(params (string Text, T Value)[] pairs)
    {
        _values = pairs.ToFrozenDictionary(p => p.Text, p => p.Value, StringComparer.Ordinal);
        _texts = pairs.DistinctBy(p => p.Value).ToFrozenDictionary(p => p.Value, p => p.Text);
    }

    public IEnumerable<string> Texts => _texts.Values;

    public bool TryParse(string text, out T value) => _values.TryGetValue(text, out value);

    public string Format(T value) => _texts[value];
}
