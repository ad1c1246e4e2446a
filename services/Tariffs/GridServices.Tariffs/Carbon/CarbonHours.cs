using System.Collections.Immutable;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intensity;
using GridServices.Tariffs.Intervals;
using NodaTime;

namespace GridServices.Tariffs.Carbon;

/// <summary>
/// A site's intervals held against intensity and renewables, hour by hour of the local clock.
/// <code>
///   used    = drawn + own generation - fed in
///   matched = own generation used + min(drawn, contracted)        in each hour for itself
///   grams   = sum over the hour's intervals of drawn x intensity
/// </code>
/// </summary>
public sealed class CarbonHours
{
    private const int Digits = 9;
    private readonly DateTimeZone zone;
    private readonly MeterData data;
    private readonly ImmutableArray<RenewableSupply> supplies;
    private readonly IntensityCurve curve;
    private readonly bool[] missing;
    private readonly bool[] estimated;
    private readonly bool[]? exportMissing;
    private readonly ImmutableArray<bool[]> supplyMissing;
    private readonly bool hasOnSite;

    private CarbonHours(DateTimeZone zone, MeterData data, ImmutableArray<RenewableSupply> supplies, IntensityCurve curve)
    {
        (this.zone, this.data, this.supplies, this.curve) = (zone, data, supplies, curve);
        (missing, estimated) = (Flags(data.Net.Missing, data.Net.Count), Flags(data.Net.Estimated, data.Net.Count));
        exportMissing = data.Export is { } export ? Flags(export.Missing, data.Net.Count, export.Count) : null;
        supplyMissing = [.. supplies.Select(s => Flags(s.Series.Missing, s.Series.Count))];
        foreach (var range in supplies.SelectMany(s => s.Series.Estimated).Concat(data.Export?.Estimated.Where(r => r.From + r.Count <= data.Net.Count) ?? []))
        {
            estimated.AsSpan(range.From, range.Count).Fill(true);
        }

        hasOnSite = supplies.Any(s => s.Kind == SupplyKind.OnSite);
    }

    /// <param name="zone">Whose clock the hours are of.</param>
    /// <param name="data">The site's meter: net, or import with export beside it.</param>
    /// <param name="supplies">On the same intervals.</param>
    /// <param name="curve">Of the site's grid zone.</param>
    /// <exception cref="BillRefusedException">The intervals do not make up hours.</exception>
    public static ImmutableArray<CarbonHour> Compute(DateTimeZone zone, MeterData data, ImmutableArray<RenewableSupply> supplies, IntensityCurve curve)
    {
        var (hours, all) = (new CarbonHours(zone, data, supplies, curve), ImmutableArray.CreateBuilder<CarbonHour>());
        for (var from = 0; from < data.Net.Count;)
        {
            var until = hours.GetEnd(from);
            all.Add(hours.Hour(from, until));
            from = until;
        }

        return all.ToImmutable();
    }

    /// <summary>The start of the hour of the local clock that holds a moment.</summary>
    public static Instant GetStart(DateTimeZone zone, Instant moment)
    {
        var local = moment.InZone(zone).TimeOfDay;
        return moment - Duration.FromNanoseconds(local.NanosecondOfDay % NodaConstants.NanosecondsPerHour);
    }

    private int GetEnd(int from)
    {
        var (net, hour, until) = (data.Net, GetStart(zone, data.Net.GetStart(from)), from + 1);
        while (until < net.Count && GetStart(zone, net.GetStart(until)) == hour)
        {
            until++;
        }

        return GetStart(zone, net.GetStart(until) - Duration.Epsilon) == hour
            ? until
            : throw new BillRefusedException($"the interval from {net.GetStart(until - 1)} reaches into another hour of {zone.Id}: give intervals that make up hours, e.g. of 15 min; the energy of longer ones is not split by a guess");
    }

    private CarbonHour Hour(int from, int until)
    {
        var (drawn, fedIn, grams, isPriced, count) = (0m, 0m, 0m, true, 0);
        for (var i = from; i < until; i++)
        {
            if (missing[i])
            {
                continue;
            }

            count++;
            var (import, export) = Flows(i);
            (drawn, fedIn) = (drawn + import, fedIn + export);
            if (isPriced && curve.Mean(data.Net.GetStart(i), data.Net.GetStart(i + 1)) is { } intensity)
            {
                grams += import * intensity;
            }
            else
            {
                isPriced = false;
            }
        }

        var hour = new CarbonHour
        {
            From = data.Net.GetStart(from),
            Until = data.Net.GetStart(until),
            DrawnKwh = decimal.Round(drawn, Digits),
            OnSiteKwh = OnSite(from, until, fedIn),
            GramsPerKwh = curve.Mean(data.Net.GetStart(from), data.Net.GetStart(until)) is { } mean ? decimal.Round(mean, 6) : null,
            Grams = isPriced && count > 0 ? decimal.Round(grams, 6) : null,
            ContractedKwh = Generated(SupplyKind.Contracted, from, until),
            MissingIntervals = until - from - count,
            DoubtfulIntervals = Doubtful(from, until),
        };
        return hour.MissingIntervals > 0 ? hour : Matched(hour);
    }

    private static CarbonHour Matched(CarbonHour hour)
    {
        if (hour.OnSiteKwh is not { } onSite)
        {
            return hour;
        }

        var (byContract, used) = (Math.Min(hour.DrawnKwh, hour.ContractedKwh), hour.DrawnKwh + onSite);
        return hour with
        {
            MatchedKwh = onSite + byContract,
            MatchedShare = used > 0 ? decimal.Round((onSite + byContract) / used, 6) : null,
            UnmatchedGrams = hour.Grams is not { } grams ? null : hour.DrawnKwh == 0 ? 0 : decimal.Round(grams * (hour.DrawnKwh - byContract) / hour.DrawnKwh, 6),
        };
    }

    /// <summary>Own generation less what was fed in, over the hour; a battery that feeds in more than that makes it 0, never less.</summary>
    private decimal? OnSite(int from, int until, decimal fedIn)
    {
        if (!hasOnSite)
        {
            return 0;
        }

        for (var i = from; i < until; i++)
        {
            if (missing[i] || exportMissing?[i] == true || supplies.Select((s, n) => s.Kind == SupplyKind.OnSite && supplyMissing[n][i]).Any(m => m))
            {
                return null;
            }
        }

        return decimal.Round(Math.Max(0, Generated(SupplyKind.OnSite, from, until) - fedIn), Digits);
    }

    private decimal Generated(SupplyKind kind, int from, int until)
    {
        var sum = 0m;
        foreach (var supply in supplies.Where(s => s.Kind == kind))
        {
            Int128 units = 0;
            foreach (var value in supply.Series.Values[from..until])
            {
                units += value;
            }

            sum += supply.Series.Kwh(units) * supply.Percent / 100;
        }

        return decimal.Round(sum, Digits);
    }

    private int Doubtful(int from, int until)
    {
        var count = 0;
        for (var i = from; i < until; i++)
        {
            count += !missing[i] && (estimated[i] || exportMissing?[i] == true || supplyMissing.Any(s => s[i])) ? 1 : 0;
        }

        return count;
    }

    private (decimal Import, decimal Export) Flows(int i)
    {
        var net = data.Net.Kwh(data.Net.Values[i]);
        return (Math.Max(0, net), data.Export is not { } export ? Math.Max(0, -net) : i < export.Count ? export.Kwh(export.Values[i]) : 0);
    }

    /// <param name="ranges">What is flagged.</param>
    /// <param name="count">Intervals in all.</param>
    /// <param name="known">Those from here on are flagged too: the series ends before.</param>
    private static bool[] Flags(ImmutableArray<IndexRange> ranges, int count, int known = int.MaxValue)
    {
        var flags = new bool[count];
        flags.AsSpan(Math.Min(known, count)).Fill(true);
        foreach (var range in ranges.Where(r => r.From + r.Count <= count))
        {
            flags.AsSpan(range.From, range.Count).Fill(true);
        }

        return flags;
    }
}
