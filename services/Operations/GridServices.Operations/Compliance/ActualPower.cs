using GridServices.Contracts;
using NodaTime;

namespace GridServices.Operations.Compliance;

/// <summary>A mean power and how it is known; <see cref="Kw"/> null = missing.</summary>
internal readonly record struct KnownPower(decimal? Kw, DataQuality Quality)
{
    public static KnownPower Missing { get; } = new(null, DataQuality.Missing);
}

/// <summary>A span in which a reading says what the power is.</summary>
[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Auto)]
internal readonly record struct HeldReading(Instant From, Instant Until, long PowerW);

/// <summary>The site's mean power over a span, from the best source that covers all of it: meter, then telemetry, then an estimate.</summary>
internal sealed class ActualPower
{
    private readonly MeterInterval[] _meter;
    private readonly HeldReading[] _held;

    public ActualPower(IReadOnlyList<MeterInterval> meter, IReadOnlyList<Reading> readings, Duration holds)
    {
        _meter = [.. meter.Where(m => m.Kwh is not null && m.Until > m.From).OrderBy(m => m.From)];
        _held = [.. Hold(readings, holds)];
    }

    /// <summary>Readings that hold somewhere in [from, until), in order; they do not overlap.</summary>
    public IEnumerable<HeldReading> HeldIn(Instant from, Instant until)
    {
        var (low, high) = (0, _held.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _held[middle].Until > from ? (low, middle) : (middle + 1, high);
        }

        for (; low < _held.Length && _held[low].From < until; low++)
        {
            yield return _held[low];
        }
    }

    public KnownPower Over(Instant from, Instant until)
    {
        var metered = ByMeter(from, until);
        var telemetered = metered.Quality == DataQuality.Metered ? KnownPower.Missing : ByTelemetry(from, until);
        return metered.Quality == DataQuality.Metered ? metered : telemetered.Quality == DataQuality.Telemetry ? telemetered : metered;
    }

    /// <summary>Metered intervals inside the span that are means above a limit: whatever telemetry says, there was an excess.</summary>
    public IEnumerable<MeterInterval> Measured(Instant from, Instant until) => _meter.Where(m => !m.IsEstimate && m.From >= from && m.Until <= until);

    private KnownPower ByMeter(Instant from, Instant until)
    {
        var (at, kwh, isEstimate) = (from, 0m, false);
        foreach (var m in _meter.Where(m => m.From < until && m.Until > from))
        {
            var (start, end) = (Instant.Max(m.From, from), Instant.Min(m.Until, until));
            if (start != at)
            {
                // A gap, or two values for one time: neither is a measurement.
                return KnownPower.Missing;
            }

            // A value that reaches beyond the span was not measured for the part inside it.
            isEstimate |= m.IsEstimate || m.From < from || m.Until > until;
            kwh += m.Kwh!.Value * Seconds(start, end) / Seconds(m.From, m.Until);
            at = end;
        }

        return at < until ? KnownPower.Missing : new KnownPower(kwh * 3600 / Seconds(from, until), isEstimate ? DataQuality.Estimated : DataQuality.Metered);
    }

    private KnownPower ByTelemetry(Instant from, Instant until)
    {
        var (at, wattSeconds) = (from, 0m);
        foreach (var held in HeldIn(from, until))
        {
            var (start, end) = (Instant.Max(held.From, from), Instant.Min(held.Until, until));
            if (start > at)
            {
                return KnownPower.Missing;
            }

            wattSeconds += held.PowerW * Seconds(start, end);
            at = end;
        }

        return at < until ? KnownPower.Missing : new KnownPower(wattSeconds / Seconds(from, until) / 1000, DataQuality.Telemetry);
    }

    /// <summary>Each reading holds until the next one, and no longer than readings may. Two values for one time: neither is a measurement.</summary>
    private static IEnumerable<HeldReading> Hold(IReadOnlyList<Reading> readings, Duration holds)
    {
        (Instant At, long[] Watts)[] own = [.. readings.Where(r => r.AssetId is null && r.NetPowerW is not null).GroupBy(r => r.At, r => r.NetPowerW!.Value).OrderBy(g => g.Key).Select(g => (g.Key, g.Distinct().ToArray()))];
        for (var i = 0; i < own.Length; i++)
        {
            var end = own[i].At + holds;
            if (own[i].Watts is [var only])
            {
                yield return new HeldReading(own[i].At, i + 1 < own.Length ? Instant.Min(end, own[i + 1].At) : end, only);
            }
        }
    }

    internal static decimal Seconds(Instant from, Instant until) => (until - from).BclCompatibleTicks / 10_000_000m;
}
