using System.Globalization;
using NodaTime;

namespace GridServices.Local.Feed;

/// <summary>What happened while it ran, for the closing summary.</summary>
internal sealed class Tally
{
    public const string LimitSource = "limit";
    private static readonly (string First, string One, string Many)[] Kinds =
    [
        ("event ", "OpenADR event", "OpenADR events"),
        ("control ", "IEEE 2030.5 control", "IEEE 2030.5 controls"),
        ("response ", "frequency response", "frequency responses"),
    ];

    private readonly Dictionary<string, HashSet<string>> things = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, SiteTally> sites = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Change> open = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, int> warnings = new(StringComparer.Ordinal);

    public void Add(Change change, Instant at)
    {
        if (Array.Find(Kinds, kind => change.Key.StartsWith(kind.First, StringComparison.Ordinal)) is { First: { } first })
        {
            (things.TryGetValue(first, out var seen) ? seen : things[first] = new(StringComparer.Ordinal)).Add(change.Key);
        }

        if (change is { Source: LimitSource, Site: { } site, Weight: ChangeWeight.Normal })
        {
            sites[site] = new SiteTally((sites.GetValueOrDefault(site)?.Changes ?? 0) + 1, at, change.Text);
        }

        Note(change);
    }

    /// <summary>A service wrote a warning or an error into its log.</summary>
    public void AddWarning(string program) => warnings[program] = warnings.GetValueOrDefault(program) + 1;

    /// <summary>What happened, what needs attention, where to look next. Nothing where nothing happened.</summary>
    public IReadOnlyList<string> Lines(string logs, string console)
    {
        var counts = Kinds.Where(kind => things.ContainsKey(kind.First)).Select(kind => Count(things[kind.First].Count, kind.One, kind.Many)).ToList();
        return
        [
            .. counts.Count > 0 ? ["What happened: " + string.Join(", ", counts) + "."] : Array.Empty<string>(),
            .. sites.Select(site => $"  {site.Key}: {Count(site.Value.Changes, "change", "changes")} of what is allowed, the last at {site.Value.LastAt:HH:mm:ss}Z: {site.Value.Last}"),
            .. Attention(),
            .. warnings.Select(program => $"  {program.Key} wrote {Count(program.Value, "warning", "warnings")}: see {Path.Combine(logs, program.Key + ".log")}"),
            $"Everything that was told, in full: {console}",
        ];
    }

    private IEnumerable<string> Attention() => open.Count == 0
        ? ["Nothing needs attention."]
        : open.Values.Select(change => $"  {change.Source}, {change.Text}").Prepend("To look at next (each VEN and client has a doctor, GET …/doctor, that says what to do):");

    private void Note(Change change)
    {
        var key = $"{change.Source}\n{change.Key}";
        if (change.Weight == ChangeWeight.Alarm)
        {
            open[key] = change;
        }
        else
        {
            open.Remove(key);
        }
    }

    private static string Count(int n, string one, string many) => $"{n.ToString(CultureInfo.InvariantCulture)} {(n == 1 ? one : many)}";

    private sealed record SiteTally(int Changes, Instant LastAt, string Last);
}
