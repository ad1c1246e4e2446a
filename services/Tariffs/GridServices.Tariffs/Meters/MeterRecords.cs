using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Readers;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Tariffs.Meters;

/// <summary>A value on its way into a meter's store.</summary>
/// <param name="Start">Where the interval starts.</param>
/// <param name="Kw">Mean power.</param>
/// <param name="Mark">What is known of it.</param>
public sealed record MeterRecord(Instant Start, decimal Kw, IntervalMark Mark);

/// <summary>The channels of a meter's records.</summary>
public static class MeterChannels
{
    /// <summary>Net, or the import register where there is an export register.</summary>
    public const string Net = "net";

    public const string Export = "export";
    public const string Reactive = "reactive";
}

/// <summary>Interval data brought onto the grid that a meter keeps.</summary>
public static class MeterRecords
{
    /// <summary>The records by channel; data finer than the grid are averaged, what then is not whole is marked as estimated.</summary>
    public static ReadResult<ImmutableSortedDictionary<string, ImmutableArray<MeterRecord>>> Read(MeterData data, MeterGrid grid)
    {
        var channels = ImmutableSortedDictionary.CreateBuilder<string, ImmutableArray<MeterRecord>>(StringComparer.Ordinal);
        foreach (var (name, series) in new[] { (MeterChannels.Net, data.Net), (MeterChannels.Export, data.Export), (MeterChannels.Reactive, data.Reactive) })
        {
            if (series is null)
            {
                continue;
            }

            if (FindMismatch(series, grid) is { } refusal)
            {
                return ReadResult<ImmutableSortedDictionary<string, ImmutableArray<MeterRecord>>>.Refused(refusal);
            }

            channels[name] = Averaged(series, grid);
            if (channels[name].FirstOrDefault(r => Math.Abs(r.Kw) > MeterSamples.MostKw) is { } beyond)
            {
                return ReadResult<ImmutableSortedDictionary<string, ImmutableArray<MeterRecord>>>.Refused(
                    new ReadError(ErrorClass.Plausibility, "/", $"{beyond.Kw} kW at {beyond.Start} is more than any connection carries; check the unit"));
            }
        }

        return ReadResult<ImmutableSortedDictionary<string, ImmutableArray<MeterRecord>>>.Read(channels.ToImmutable());
    }

    private static ReadError? FindMismatch(IntervalSeries series, MeterGrid grid)
    {
        if (series.StepSeconds > grid.StepSeconds || grid.StepSeconds % series.StepSeconds != 0)
        {
            return new ReadError(ErrorClass.DataMisaligned, "/minutes",
                $"the data are in steps of {series.StepSeconds} s, the meter keeps {grid.StepSeconds} s; register it with the interval of its data");
        }

        return new MeterGrid(series.StepSeconds, grid.PhaseSeconds % series.StepSeconds).Contains(series.Start)
            ? null
            : new ReadError(ErrorClass.DataMisaligned, "/start", $"intervals of {series.StepSeconds} s that start at {series.Start} are not on the meter's grid of the local clock; fix the start");
    }

    private static ImmutableArray<MeterRecord> Averaged(IntervalSeries series, MeterGrid grid)
    {
        var parts = grid.StepSeconds / series.StepSeconds;
        var (missing, estimated) = (Flags(series.Missing, series.Count), Flags(series.Estimated, series.Count));
        var records = ImmutableArray.CreateBuilder<MeterRecord>(series.Count / parts + 2);
        for (var i = 0; i < series.Count;)
        {
            var start = grid.GetStart(series.GetStart(i));
            var (sum, known, isEstimated) = ((Int128)0, 0, false);
            for (; i < series.Count && grid.GetStart(series.GetStart(i)) == start; i++)
            {
                sum += missing[i] ? 0 : series.Values[i];
                known += missing[i] ? 0 : 1;
                isEstimated |= estimated[i];
            }

            if (known > 0)
            {
                records.Add(new MeterRecord(start, series.Kw(sum, known), IntervalMark.Known | (isEstimated || known < parts ? IntervalMark.Estimated : IntervalMark.None)));
            }
        }

        return records.ToImmutable();
    }

    private static bool[] Flags(ImmutableArray<IndexRange> ranges, int count)
    {
        var flags = new bool[count];
        foreach (var range in ranges)
        {
            flags.AsSpan(range.From, range.Count).Fill(true);
        }

        return flags;
    }
}
