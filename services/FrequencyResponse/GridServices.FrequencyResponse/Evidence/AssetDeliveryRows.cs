using NodaTime;

namespace GridServices.FrequencyResponse.Evidence;

/// <summary>What an asset was told in a span, and what of it was measured.</summary>
/// <param name="From">Inclusive.</param>
/// <param name="Until">Exclusive.</param>
/// <param name="Asset">Its name; null = all those that the log does not name, in sum.</param>
/// <param name="Delivered">Its sums.</param>
public sealed record AssetDeliveryRow(Instant From, Instant Until, string? Asset, AssetMinute Delivered);

/// <summary>Reads from the log who was told how much and who gave it. What is not in the log is in no row: nothing is filled in.</summary>
public static class AssetDeliveryRows
{
    /// <summary>A minute is written once no reading of it can come any more.</summary>
    public static readonly Duration Reach = Duration.FromMinutes(3);

    /// <param name="segments">In their order, as far as <see cref="Reach"/> after the span.</param>
    /// <param name="assets">Gives the assets' names from the settings (JSON) that hold in the segment.</param>
    /// <param name="span">Minutes that begin in it.</param>
    /// <param name="step">A row's length: whole minutes, counted from midnight UTC.</param>
    public static IEnumerable<AssetDeliveryRow> Build(IEnumerable<byte[]> segments, Func<ReadOnlyMemory<byte>, IReadOnlyList<string>> assets, Interval span, Duration step)
    {
        ArgumentNullException.ThrowIfNull(segments);
        ArgumentNullException.ThrowIfNull(assets);
        var open = new SortedDictionary<Instant, SortedDictionary<string, AssetMinute>>();
        foreach (var (start, asset, minute) in segments.SelectMany(s => Minutes(s, assets)).Where(m => span.Contains(m.Start)))
        {
            var from = Floor(start, step);
            if (!open.TryGetValue(from, out var rows))
            {
                open[from] = rows = new SortedDictionary<string, AssetMinute>(StringComparer.Ordinal);
            }

            rows[asset] = rows.TryGetValue(asset, out var held) ? held.Plus(minute) : minute;
            foreach (var row in Done(open, start - Reach, step))
            {
                yield return row;
            }
        }

        foreach (var row in Done(open, Instant.MaxValue, step))
        {
            yield return row;
        }
    }

    /// <summary>The steps that are over by then; the unnamed rest, named by nothing, comes last.</summary>
    private static IEnumerable<AssetDeliveryRow> Done(SortedDictionary<Instant, SortedDictionary<string, AssetMinute>> open, Instant by, Duration step)
    {
        while (open.Count > 0 && open.First() is var (from, rows) && (by == Instant.MaxValue || from + step <= by))
        {
            open.Remove(from);
            foreach (var (asset, sum) in rows.OrderBy(r => r.Key.Length == 0))
            {
                yield return new AssetDeliveryRow(from, from + step, asset.Length == 0 ? null : asset, sum);
            }
        }
    }

    private static List<(Instant Start, string Asset, AssetMinute Minute)> Minutes(byte[] segment, Func<ReadOnlyMemory<byte>, IReadOnlyList<string>> assets)
    {
        var minutes = new List<(Instant Start, string Asset, AssetMinute Minute)>();
        IReadOnlyList<string> names = [];
        var reader = new EvidenceReader(segment);
        while (reader.TryRead(out var record))
        {
            if (record.Kind == EvidenceKind.Settings)
            {
                names = assets(record.Body.ToArray());
            }
            else if (record.Kind == EvidenceKind.Assets && AssetMinutes.TryRead(record.Body, out var start, out var rows))
            {
                minutes.AddRange(rows.Select(r => (Instant.FromUnixTimeTicks(start / NodaConstants.NanosecondsPerTick), r.Asset < names.Count ? names[r.Asset] : string.Empty, r)));
            }
        }

        return minutes;
    }

    private static Instant Floor(Instant at, Duration step) => Instant.FromUnixTimeTicks(at.ToUnixTimeTicks() / step.BclCompatibleTicks * step.BclCompatibleTicks);
}
