using System.Globalization;

namespace GridServices.Contracts;

/// <summary>Keeps the first fault of a reading; reading goes on with placeholders, and what was read is dropped when there is one.</summary>
internal sealed class Faults
{
    public Problem? First { get; private set; }

    public bool Any => First is not null;

    public void Add(ErrorClass kind, JsonPath path, string detail) => First ??= Problems.Create(kind, detail, path.ToString());
}

/// <summary>A place in a JSON document; written as a JSON Pointer (RFC 6901) only when a problem needs it.</summary>
internal sealed class JsonPath(JsonPath? parent, string? member, int index)
{
    public static JsonPath Root { get; } = new(null, null, 0);

    public JsonPath Child(string name) => new(this, name, 0);

    public JsonPath Child(int place) => new(this, null, place);

    public override string ToString() =>
        parent is null ? string.Empty
        : member is null ? string.Create(CultureInfo.InvariantCulture, $"{parent}/{index}")
        : $"{parent}/{member.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";
}
