using System.Collections.Immutable;
using System.Globalization;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intensity;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Carbon;

/// <summary>What a site and its sessions emitted, and how much of the site's energy renewables matched hour by hour.</summary>
public sealed record CarbonReport
{
    /// <summary>The grid zone whose intensity was taken.</summary>
    public required string GridZone { get; init; }

    /// <summary>Whose clock the hours and days are of.</summary>
    public required string TimeZone { get; init; }

    /// <summary>The sum of all hours; absent where no intervals of a site are given.</summary>
    public CarbonSum? Total { get; init; }

    /// <summary>The billing cycles, each as a bill has them.</summary>
    public required IReadOnlyList<CarbonSum> Cycles { get; init; }

    public required IReadOnlyList<CarbonHour> Hours { get; init; }

    public required IReadOnlyList<SessionCarbon> Sessions { get; init; }

    /// <summary>What was taken for granted, and what is not known.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>An intensity or a reading is missing, or a reading is an estimate.</summary>
    public required bool Provisional { get; init; }

    /// <param name="zone">Whose clock.</param>
    /// <param name="curve">Intensity of the grid zone.</param>
    /// <param name="data">The site; null = sessions alone.</param>
    /// <param name="supplies">Renewables on the site's intervals.</param>
    /// <param name="cycles">Days that are summed up.</param>
    /// <param name="sessions">Charging sessions.</param>
    /// <exception cref="BillRefusedException">The intervals do not make up hours.</exception>
    public static CarbonReport Compute(
        DateTimeZone zone, IntensityCurve curve, MeterData? data, ImmutableArray<RenewableSupply> supplies, ImmutableArray<BillingCycle> cycles, ImmutableArray<ChargedSession> sessions)
    {
        ImmutableArray<CarbonHour> hours = data is null ? [] : CarbonHours.Compute(zone, data, supplies, curve);
        var byStart = data is null ? null : hours.ToDictionary(h => CarbonHours.GetStart(zone, h.From));
        var charged = sessions.Select(s => SessionCarbon.Compute(s, zone, curve, byStart)).ToImmutableArray();
        var total = data is null ? null : CarbonSum.Compute(hours);
        CarbonSum[] summed = data is null ? [] : [.. cycles.Select(c => Sum(c, hours, zone))];
        return new CarbonReport
        {
            GridZone = curve.Zone,
            TimeZone = zone.Id,
            Total = total,
            Cycles = summed,
            Hours = hours,
            Sessions = charged,
            Notes = [.. CreateNotes(total, charged, byStart, curve.Zone)],
            Provisional = total?.Provisional == true || charged.Any(s => s.Grams is null),
        };
    }

    private static CarbonSum Sum(BillingCycle cycle, ImmutableArray<CarbonHour> hours, DateTimeZone zone)
    {
        var (from, until) = (zone.AtStartOfDay(cycle.From).ToInstant(), zone.AtStartOfDay(cycle.Until).ToInstant());
        CarbonHour[] held = [.. hours.Where(h => h.From >= from && h.From < until)];
        var sum = CarbonSum.Compute(held, cycle.From, cycle.Until);
        return sum with { Provisional = sum.Provisional || held.Aggregate(Duration.Zero, (all, h) => all + (h.Until - h.From)) < until - from };
    }

    private static IEnumerable<string> CreateNotes(CarbonSum? total, ImmutableArray<SessionCarbon> sessions, Dictionary<Instant, CarbonHour>? site, string gridZone)
    {
        if (total is { HoursWithoutIntensity: > 0 })
        {
            yield return string.Create(
                CultureInfo.InvariantCulture, $"the intensity of {gridZone} is not known in {total.HoursWithoutIntensity} of {total.Hours} hours: {total.KwhWithoutIntensity:0.###} kWh drawn in them are in no grams");
        }

        if (total is { HoursWithoutMatch: > 0 })
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"readings are missing in {total.HoursWithoutMatch} hours: they are in no matched share");
        }

        if (sessions.Count(s => s.Grams is null) is var dark and > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{dark} sessions have energy in hours in which nothing is known of what a kWh emitted");
        }

        var taken = sessions.SelectMany(s => s.Hours).GroupBy(h => h.From).ToDictionary(g => g.Key, g => g.Sum(h => h.Kwh));
        if (site is not null && taken.Count(t => site.GetValueOrDefault(t.Key) is { MissingIntervals: 0, UsedKwh: { } used } && t.Value > used) is var more and > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"in {more} hours the sessions took more than the site used: check the meters and the sessions' times");
        }
    }
}
