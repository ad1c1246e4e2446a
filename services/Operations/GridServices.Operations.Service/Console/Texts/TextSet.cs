using System.Globalization;
using System.Resources;

namespace GridServices.Operations.Service.Console.Texts;

/// <summary>The console's texts in one language, by key. A test holds that every key is in every language and that pages use no other.</summary>
internal sealed class TextSet(Language language)
{
    private static readonly Dictionary<string, ResourceManager> Resources = Language.All.ToDictionary(
        language => language.Code, language => new ResourceManager($"Texts.{language.Code}", typeof(TextSet).Assembly), StringComparer.Ordinal);

    internal Language Language => language;

    /// <summary>The text; the key itself where there is none, which a person can report.</summary>
    internal string this[string key] => Find(key) ?? key;

    /// <summary>The text with its places <c>{0}</c>, <c>{1}</c> filled.</summary>
    internal string this[string key, params object?[] values] => string.Format(CultureInfo.InvariantCulture, this[key], values);

    /// <summary>The text, or null where the language has none.</summary>
    internal string? Find(string key) => Resources[language.Code].GetString(key, CultureInfo.InvariantCulture);

    /// <summary>The keys that begin so, in order.</summary>
    internal IReadOnlyList<string> Keys(string prefix)
    {
        using var set = new ResourceReader(typeof(TextSet).Assembly.GetManifestResourceStream($"Texts.{language.Code}.resources")!);
        return [.. set.Cast<System.Collections.DictionaryEntry>().Select(entry => (string)entry.Key).Where(key => key.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
    }

    /// <summary>The word for a state, kind or role of ours; the value as it is on the wire where no word is known, never nothing.</summary>
    internal string Word(string handler, object? value)
    {
        var name = Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty;
        return name.Length == 0 ? this["none"] : Find($"{handler}.{char.ToLowerInvariant(name[0])}{name[1..]}") ?? name;
    }
}
