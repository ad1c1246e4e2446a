namespace GridServices.Contracts;

/// <summary>Keeps the first fault of a reading; reading goes on with placeholders, and what was read is dropped when there is one.</summary>
internal sealed class Faults
{
    public Problem? First { get; private set; }

    public bool Any => First is not null;

    public void Add(ErrorClass kind, JsonPath path, string detail) => First ??= Problems.Of(kind, detail, path.ToString());
}

/// <summary>A place in a JSON document; written as a JSON Pointer (RFC 6901) only when a problem needs it.</summary>
internal sealed class JsonPath(JsonPath? parent, string name)
{
    public static JsonPath Root { get; } = new(null, string.Empty);

    public JsonPath Child(string member) => new(this, member);

    public JsonPath Child(int index) => new(this, index.ToString(System.Globalization.CultureInfo.InvariantCulture));

    public override string ToString() =>
        parent is null ? string.Empty : $"{parent}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";
}
