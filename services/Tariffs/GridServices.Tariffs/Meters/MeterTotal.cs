using System.Collections.Immutable;
using System.Globalization;
using GridServices.Contracts;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Tariffs.Meters;

/// <summary>What several meters recorded as one: totalised supplies, and sub-meters that are deducted.</summary>
public static class MeterTotal
{
    private const int MostMeters = 100;

    /// <summary>The sum, interval by interval. Where one of them has no reading the sum has none; where one was estimated, or the deducted ones read more than the others, it is an estimate.</summary>
    /// <param name="meters">On one grid, each with whether it is added or deducted.</param>
    public static MeterData Of(ImmutableArray<(MeterData Data, MeterSign Takes)> meters)
    {
        var exports = meters.Any(m => m.Data.Export is not null);
        return new MeterData
        {
            Net = Sum(meters, m => m.Net, isImport: true),
            Export = exports ? Sum([.. meters.Where(m => m.Data.Export is not null)], m => m.Export!, isImport: true) : null,
            Reactive = meters.All(m => m.Data.Reactive is not null) ? Sum(meters, m => m.Reactive!, isImport: false) : null,
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
            yield return new ReadError(ErrorClass.SchemaInvalid, plan.Telemetry ? "/telemetry" : "/publish", "a meter that is summed of others is only billed: say telemetry: false and publish: false; the meters it sums may have limits");
        }

        for (var i = 0; i < plan.SumOf.Length; i++)
        {
            if (!Identifiers.IsSafe(plan.SumOf[i].MeterId) || plan.SumOf.Take(i).Any(s => s.MeterId == plan.SumOf[i].MeterId))
            {
                yield return new ReadError(ErrorClass.SemanticId, string.Create(CultureInfo.InvariantCulture, $"/sumOf/{i}/meterId"), "each meter stands once, by its id of 1 to 128 characters");
            }
        }
    }

    private static IntervalSeries Sum(ImmutableArray<(MeterData Data, MeterSign Takes)> meters, Func<MeterData, IntervalSeries> of, bool isImport)
    {
        var grid = of(meters[0].Data);
        var (sum, missing, estimated) = (new decimal[grid.Count], new bool[grid.Count], new bool[grid.Count]);
        foreach (var (data, takes) in meters)
        {
            var series = of(data);
            if (series.Start != grid.Start || series.StepSeconds != grid.StepSeconds || series.Count != grid.Count || series.Unit != grid.Unit)
            {
                throw new BillRefusedException("the meters of the sum do not lie on one grid; register them with one interval and tariffs of one time zone");
            }

            Mark(missing, series.Missing);
            Mark(estimated, series.Estimated);
            for (var i = 0; i < sum.Length; i++)
            {
                sum[i] += takes == MeterSign.Add ? series[i] : -series[i];
            }
        }

        var deducted = isImport && meters.Any(m => m.Takes == MeterSign.Deduct) && meters.All(m => !of(m.Data).HasNegative);
        for (var i = 0; i < sum.Length; i++)
        {
            sum[i] = missing[i] ? 0 : sum[i];
            estimated[i] = !missing[i] && (estimated[i] || (deducted && sum[i] < 0));
        }

        return IntervalSeries.Of(grid.Start, Duration.FromSeconds(grid.StepSeconds), grid.Unit, sum).Marked(Ranges(missing), Ranges(estimated));
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
}
