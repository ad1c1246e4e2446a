using System.Collections.Immutable;
using System.Globalization;
using GridServices.Contracts;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Tariffs.Meters;

/// <summary>What several meters recorded as one: totalised supplies, and sub-meters that are deducted.</summary>
public static class MeterTotal
{
    private const int MostMeters = 100;

    /// <summary>
    /// The sum, interval by interval. Where one of them has no reading the sum has none. It is an estimate where one of them is, where the deducted ones read more than the others, or feed in
    /// behind a meter that does not tell export. With an export register among them what each draws and feeds in is netted by interval, and split again by the sum's sign.
    /// </summary>
    /// <param name="meters">On one grid, each with whether it is added or deducted.</param>
    /// <exception cref="BillRefusedException">The meters do not lie on one grid.</exception>
    public static MeterData Compute(ImmutableArray<(MeterData Data, MeterSign Takes)> meters)
    {
        var net = Sum([.. meters.SelectMany(Flows)]);
        if (meters.Any(m => m.Takes == MeterSign.Deduct) && !meters.Any(m => m.Takes == MeterSign.Add && (m.Data.Export is not null || m.Data.Net.HasNegative)))
        {
            MarkUnmeasurable(net, meters);
        }

        var hasExport = meters.Any(m => m.Data.Export is not null);
        return new MeterData
        {
            Net = hasExport ? Series(meters, net, kw => Math.Max(0, kw)) : Series(meters, net, kw => kw),
            Export = hasExport ? Series(meters, net, kw => Math.Max(0, -kw)) : null,
            Reactive = meters.All(m => m.Data.Reactive is not null) ? Series(meters, Sum([.. meters.Select(m => (m.Data.Reactive!, Sign(m.Takes)))]), kvar => kvar) : null,
        };
    }

    /// <summary>What a meter that is summed of others may not be besides.</summary>
    internal static IEnumerable<ReadError> Faults(MeterPlan plan)
    {
        if (plan.SumOf.IsEmpty)
        {
            yield break;
        }

        if (plan.SumOf.Length > MostMeters || plan.SumOf.All(s => s.Takes == MeterSign.Deduct))
        {
            yield return new ReadError(ErrorClass.LimitCount, "/sumOf", $"1 to {MostMeters} meters, of which one at least is added");
        }

        if (plan.Telemetry || plan.Publish)
        {
            yield return new ReadError(ErrorClass.SchemaInvalid, plan.Telemetry ? "/telemetry" : "/publish",
                "a meter that is summed of others is only billed: say telemetry: false and publish: false; the meters it sums may have limits");
        }

        for (var i = 0; i < plan.SumOf.Length; i++)
        {
            if (!Identifiers.IsSafe(plan.SumOf[i].MeterId) || plan.SumOf.Take(i).Any(s => s.MeterId == plan.SumOf[i].MeterId))
            {
                yield return new ReadError(ErrorClass.SemanticId, string.Create(CultureInfo.InvariantCulture, $"/sumOf/{i}/meterId"), "each meter stands once, by its id of 1 to 128 characters");
            }
        }
    }

    /// <summary>The series of a meter with the sign by which each counts.</summary>
    private static IEnumerable<(IntervalSeries Series, int Sign)> Flows((MeterData Data, MeterSign Takes) meter)
    {
        yield return (meter.Data.Net, Sign(meter.Takes));
        if (meter.Data.Export is { } export)
        {
            yield return (export, -Sign(meter.Takes));
        }
    }

    private static int Sign(MeterSign takes) => takes == MeterSign.Add ? 1 : -1;

    private static Total Sum(ImmutableArray<(IntervalSeries Series, int Sign)> parts)
    {
        var grid = parts[0].Series;
        var total = new Total(new decimal[grid.Count], new bool[grid.Count], new bool[grid.Count]);
        foreach (var (series, sign) in parts)
        {
            if (series.Start != grid.Start || series.StepSeconds != grid.StepSeconds || series.Count != grid.Count || series.Unit != grid.Unit)
            {
                throw new BillRefusedException("the meters of the sum do not lie on one grid; register them with one interval and tariffs of one time zone");
            }

            Mark(total.Missing, series.Missing);
            Mark(total.Estimated, series.Estimated);
            for (var i = 0; i < total.Values.Length; i++)
            {
                total.Values[i] += sign * series[i];
            }
        }

        return total;
    }

    /// <summary>No added meter tells export: below 0, or while a deducted one feeds in, the sum cannot be measured.</summary>
    private static void MarkUnmeasurable(Total net, ImmutableArray<(MeterData Data, MeterSign Takes)> meters)
    {
        MeterData[] deducted = [.. meters.Where(m => m.Takes == MeterSign.Deduct).Select(m => m.Data)];
        for (var i = 0; i < net.Values.Length; i++)
        {
            net.Estimated[i] |= net.Values[i] < 0 || Array.Exists(deducted, d => d.Net[i] < (d.Export?[i] ?? 0));
        }
    }

    private static IntervalSeries Series(ImmutableArray<(MeterData Data, MeterSign Takes)> meters, Total total, Func<decimal, decimal> part)
    {
        var (grid, values, estimated) = (meters[0].Data.Net, new decimal[total.Values.Length], new bool[total.Values.Length]);
        for (var i = 0; i < values.Length; i++)
        {
            (values[i], estimated[i]) = total.Missing[i] ? (0, false) : (part(total.Values[i]), total.Estimated[i]);
        }

        return IntervalSeries.Create(grid.Start, Duration.FromSeconds(grid.StepSeconds), grid.Unit, values).Marked(Ranges(total.Missing), Ranges(estimated));
    }

    private static void Mark(bool[] flags, ImmutableArray<IndexRange> ranges)
    {
        foreach (var range in ranges)
        {
            flags.AsSpan(range.From, range.Count).Fill(true);
        }
    }

    private static ImmutableArray<IndexRange> Ranges(bool[] flags)
    {
        var ranges = ImmutableArray.CreateBuilder<IndexRange>();
        for (var i = 0; i < flags.Length; i++)
        {
            if (flags[i] && (i == 0 || !flags[i - 1]))
            {
                var end = Array.IndexOf(flags, value: false, i);
                ranges.Add(new IndexRange(i, (end < 0 ? flags.Length : end) - i));
            }
        }

        return ranges.ToImmutable();
    }

    private sealed record Total(decimal[] Values, bool[] Missing, bool[] Estimated);
}
