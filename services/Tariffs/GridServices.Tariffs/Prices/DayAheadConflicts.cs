using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Tariffs.Readers;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Tariffs.Prices;

/// <summary>
/// Series of one document that contradict each other. Of several classification sequences the lowest is the price, which is told; two series of one
/// sequence that differ over the same time have no such order, so the document is refused.
/// </summary>
internal static class DayAheadConflicts
{
    private const int MostSeries = 2_000;

    /// <exception cref="WireFormatException">There is no one price.</exception>
    public static ImmutableArray<Finding> Check(ImmutableArray<DayAheadSeries> all, string path)
    {
        if (all.Length > MostSeries)
        {
            throw new WireFormatException(ErrorClass.LimitCount, path, $"the document has {all.Length} series; at most {MostSeries} are read at once");
        }

        RequireOne(all.Select(s => s.Currency), "currencies", path);
        RequireOne(all.Select(s => s.Zone).Where(z => z.Length > 0), "bidding zones", path);
        var findings = ImmutableArray.CreateBuilder<Finding>();
        var sorted = all.OrderBy(s => s.Start).ToArray();
        var open = new List<DayAheadSeries>();
        foreach (var series in sorted)
        {
            open.RemoveAll(o => o.End <= series.Start);
            foreach (var other in open)
            {
                if (Differ(series, other) is { } at)
                {
                    findings.Add(CreateFinding(series, other, at, path));
                }
            }

            open.Add(series);
        }

        return [.. findings.DistinctBy(f => f.Detail)];
    }

    private static Finding CreateFinding(DayAheadSeries a, DayAheadSeries b, Instant at, string path)
    {
        var said = $"{b.Resolution.TotalMinutes:0} min: {b.PerKwhAt(at)}, {a.Resolution.TotalMinutes:0} min: {a.PerKwhAt(at)} {a.Currency}/kWh";
        return a.Sequence == b.Sequence
            ? throw new WireFormatException(ErrorClass.DataConflict, path, $"two series of classification sequence {a.Sequence} have other prices at {at} ({said}); leave the wrong one out")
            : new Finding(
                ErrorClass.DataConflict, path, $"sequences {Math.Min(a.Sequence, b.Sequence)} and {Math.Max(a.Sequence, b.Sequence)} have other prices from {at} on ({said}); the lowest sequence is taken");
    }

    /// <summary>The first moment at which both hold and say otherwise.</summary>
    private static Instant? Differ(DayAheadSeries a, DayAheadSeries b)
    {
        var end = Instant.Min(a.End, b.End);
        var step = Duration.Min(a.Resolution, b.Resolution);
        for (var at = Instant.Max(a.Start, b.Start); at < end; at += step)
        {
            if (a.PerKwhAt(at) != b.PerKwhAt(at))
            {
                return at;
            }
        }

        return null;
    }

    private static void RequireOne(IEnumerable<string> values, string what, string path)
    {
        if (values.Distinct(StringComparer.Ordinal).Take(3).ToArray() is { Length: > 1 } several)
        {
            throw new WireFormatException(ErrorClass.DataConflict, path, $"the document has several {what} ({string.Join(", ", several.Select(s => SafeText.Quote(s, 40)))}); a price series has one: give one document for each");
        }
    }
}
