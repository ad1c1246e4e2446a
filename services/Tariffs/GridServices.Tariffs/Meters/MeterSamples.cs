using System.Collections.Immutable;
using GridServices.Contracts;
using NodaTime;

namespace GridServices.Tariffs.Meters;

/// <summary>
/// Energy from telemetry. Registers count where two readings both have them: their differences add up to the last watt-hour. Else the mean of the power at both
/// ends. Readings further apart than <c>StaleAfter</c> leave a gap: what was drawn in it has no time, so it can belong to no window.
/// </summary>
internal static class MeterSamples
{
    /// <summary>No connection carries more: a register that leaps further was replaced or is wrong.</summary>
    public const decimal MostKw = 1_000_000_000;

    /// <summary>The samples that new readings close, and the reading to go on from. Readings that are not newer are skipped.</summary>
    public static (ImmutableArray<MeterSample> Samples, Reading? Last) Compute(Reading? last, IEnumerable<Reading> readings, Duration longest)
    {
        var samples = ImmutableArray.CreateBuilder<MeterSample>();
        foreach (var reading in readings.Where(r => r.NetPowerW is not null || r.EnergyImportWh is not null).OrderBy(r => r.At))
        {
            if (last is not null && reading.At <= last.At)
            {
                continue;
            }

            if (last is not null && reading.At - last.At <= longest && Between(last, reading) is { } sample && IsPlausible(sample))
            {
                samples.Add(sample);
            }

            last = reading;
        }

        return (samples.ToImmutable(), last);
    }

    private static bool IsPlausible(MeterSample sample) =>
        Math.Max(Math.Abs(sample.Kvarh ?? 0), Math.Max(Math.Abs(sample.NetKwh), sample.ImportKwh)) <= MostKw * (sample.Until - sample.From).ToInt64Nanoseconds() / 3_600_000_000_000m;

    private static MeterSample? Between(Reading a, Reading b)
    {
        var seconds = (b.At - a.At).ToInt64Nanoseconds() / 1_000_000_000m;
        decimal? kvarh = a.ReactivePowerVar is { } first && b.ReactivePowerVar is { } second ? Kwh(((decimal)first + second) / 2, seconds) : null;
        if (a.EnergyImportWh is { } before && b.EnergyImportWh is { } after && after >= before)
        {
            var import = (after - before) / 1000m;
            var export = a.EnergyExportWh is { } x && b.EnergyExportWh is { } y && y >= x ? (y - x) / 1000m : 0;
            return new MeterSample(a.At, b.At, import - export, import, kvarh);
        }

        if (a.NetPowerW is not { } from || b.NetPowerW is not { } until)
        {
            return null;
        }

        return new MeterSample(a.At, b.At, Kwh(((decimal)from + until) / 2, seconds), Kwh(Imported(from, until), seconds), kvarh);
    }

    /// <summary>Mean import of a power that runs straight from one value to the other, past zero if need be.</summary>
    private static decimal Imported(decimal from, decimal until)
    {
        var (low, high) = (Math.Min(from, until), Math.Max(from, until));
        return high <= 0 ? 0 : low >= 0 ? (low + high) / 2 : high / 2 * high / (high - low);
    }

    private static decimal Kwh(decimal watts, decimal seconds) => watts * seconds / 3_600_000;
}
