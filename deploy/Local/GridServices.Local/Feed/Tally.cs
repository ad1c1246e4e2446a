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

    private readonly Dictionary<string, HashSet<string>> _things = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, SiteTally> _sites = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Change> _open = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, int> _warnings = new(StringComparer.Ordinal);

    public void Add(Change change, Instant at)
    {
        if (Array.Find(Kinds, kind => change.Key.StartsWith(kind.First, StringComparison.Ordinal)) is { First: { } first })
        {
            (_things.TryGetValue(first, out var seen) ? seen : _things[first] = new(StringComparer.Ordinal)).Add(change.Key);
        }

        if (change is { Source: LimitSource, Site: { } site, Weight: ChangeWeight.Normal })
        {
            (_sites.TryGetValue(site, out var tally) ? tally : _sites[site] = new SiteTally()).Add(change, at);
        }

        Note(change);
    }

    /// <summary>A service wrote a warning or an error into its log.</summary>
    public void AddWarning(string program) => _warnings[program] = _warnings.GetValueOrDefault(program) + 1;

    /// <summary>What happened, what needs attention, where to look next. Nothing where nothing happened.</summary>
    public IReadOnlyList<string> Lines(string logs, string console)
    {
        var counts = Kinds.Where(kind => _things.ContainsKey(kind.First)).Select(kind => Count(_things[kind.First].Count, kind.One, kind.Many)).ToList();
        return
        [
            .. counts.Count > 0 ? ["What happened: " + string.Join(", ", counts) + "."] : Array.Empty<string>(),
            .. _sites.SelectMany(site => site.Value.Lines(site.Key)),
            .. Attention(logs),
            $"Every line in full: {console}",
        ];
    }

    private IEnumerable<string> Attention(string logs) => _open.Count + _warnings.Count == 0
        ? ["Nothing needs attention."]
        :
        [
            "To look at next:",
            .. _open.Values.Select(change => $"  {change.Source}: {change.Text}"),
            .. _warnings.Select(program => $"  {program.Key} wrote {Count(program.Value, "warning", "warnings")} into {Path.Combine(logs, program.Key + ".log")}"),
            .. _open.Values.Any(change => change.Owner.Length > 0)
            ? ["  (Each VEN and client has a doctor that says what to do: GET /v1/vens/{venKey}/doctor, /v1/clients/{clientKey}/doctor.)"] : Array.Empty<string>(),
        ];

    private void Note(Change change)
    {
        var key = $"{change.Source}\n{change.Key}";
        if (change.Weight == ChangeWeight.Alarm)
        {
            _open[key] = change;
        }
        else
        {
            _open.Remove(key);
        }
    }

    private static string Count(int n, string one, string many) => $"{n.ToString(CultureInfo.InvariantCulture)} {(n == 1 ? one : many)}";

    private sealed class SiteTally
    {
        private readonly SortedDictionary<string, string> latest = new(StringComparer.Ordinal);
        private int changes;
        private Instant lastAt;

        public void Add(Change change, Instant at)
        {
            (changes, lastAt) = (changes + 1, at);
            latest[change.Key] = change.Text;
        }

        public IEnumerable<string> Lines(string site) => latest.Values.Select(text => $"    {text}")
            .Prepend($"  {site}: {Count(changes, "change", "changes")} of what is allowed, the last at {lastAt:HH:mm:ss}Z; at the end:");
    }
}
