namespace GridServices.Contract.Tests.Access;

/// <summary>The ids that a service gave to what the first tenant holds, by collection ("customers").</summary>
internal sealed class HeldIds
{
    /// <summary>Of the form of an id, but nobody's.</summary>
    private const string Nobodys = "01JZZZZZZZZZZZZZZZZZZZZZZZ";

    private readonly Dictionary<string, string> _ids = new(StringComparer.Ordinal);

    internal void Add(string collection, string id) => _ids.TryAdd(collection, id);

    internal string GetId(string collection, string whose) => whose == "home" && _ids.TryGetValue(collection, out var id) ? id : Nobodys;

    /// <summary>Writes the ids and names into a text that has <c>{customers}</c> and <c>{whose}</c> in their places.</summary>
    internal string In(string text, string whose)
    {
        var written = text.Replace("{whose}", whose, StringComparison.Ordinal);
        return _ids.Keys.Aggregate(written, (t, collection) => t.Replace($"{{{collection}}}", GetId(collection, whose), StringComparison.Ordinal));
    }
}
