using System.Globalization;
using System.Text.RegularExpressions;

namespace GridServices.Contracts.Json;

/// <summary>A place in a JSON document; written as a JSON Pointer (RFC 6901) only when a fault needs it.</summary>
public sealed partial class JsonPath
{
    private readonly JsonPath? _parent;
    private readonly string? _member;
    private readonly int _index;

    private JsonPath(JsonPath? parent, string? member, int index) => (_parent, _member, _index) = (parent, member, index);

    /// <summary>The document itself: the empty pointer.</summary>
    public static JsonPath Root { get; } = new(null, null, 0);

    /// <summary>A member of the object that is here.</summary>
    public JsonPath Child(string name) => new(this, name, 0);

    /// <summary>An item, from 0, of the array that is here.</summary>
    public JsonPath Child(int index) => new(this, null, index);

    /// <summary>True of the document itself.</summary>
    public bool IsRoot => _parent is null;

    /// <summary>The pointer of a place as the parser writes it: <c>$.rates[0]['a.b']</c>.</summary>
    public static string FromParser(string? path)
    {
        var at = Root;
        foreach (Match step in Steps().Matches(path ?? string.Empty))
        {
            at = step.Groups["index"].Success ? at.Child(int.Parse(step.Groups["index"].ValueSpan, CultureInfo.InvariantCulture)) : at.Child(step.Groups["name"].Value);
        }

        return at.ToString();
    }

    /// <summary>The pointer, with names as they are in the document.</summary>
    public override string ToString() =>
        _parent is null ? string.Empty
        : _member is null ? string.Create(CultureInfo.InvariantCulture, $"{_parent}/{_index}")
        : $"{_parent}/{_member.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";

    [GeneratedRegex(@"\.(?<name>[^.\[\]]+)|\[(?<index>[0-9]{1,9})\]|\['(?<name>[^']*)'\]", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Steps();
}
