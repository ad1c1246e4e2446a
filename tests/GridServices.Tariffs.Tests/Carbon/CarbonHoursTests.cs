using System.Collections.Immutable;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Carbon;
using GridServices.Tariffs.Intensity;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Tests.Carbon;

/// <summary>Grams and matching by hour: what is not known is never 0 g and never matched.</summary>
public sealed class CarbonHoursTests
{
    private static readonly Instant Start = Instant.FromUtc(2026, 1, 15, 0, 0);

    /// <summary>An evening and the whole of the night in which clocks go forward; the numbers are of a program of its own in exact fractions.</summary>
    [Fact]
    public void A_week_over_a_clock_change_is_what_another_program_calculates()
    {
        var report = Known();
        Near(1758m, 343_895m, 60.125m, 5, 2394.75m, 0.788330m, 129_586.321910m, 1179.5625m, 143, report.Total!);
        Near(1167.75m, 222_171.125m, 38.75m, 3, 1583.3125m, 0.785812m, 83_314.448069m, 781m, 95, report.Cycles[0]);
        Near(590.25m, 121_723.875m, 21.375m, 2, 811.4375m, 0.793291m, 46_271.873842m, 398.5625m, 48, report.Cycles[1]);
        var night = report.Hours.Single(h => h.From == Instant.FromUtc(2026, 3, 29, 0, 0));
        Assert.Equal((10.625m, 4.875m, 2994.125m, 7.25m, 12.125m, 0.782258m), (night.DrawnKwh, night.OnSiteKwh!.Value, night.Grams!.Value, night.ContractedKwh, night.MatchedKwh!.Value, night.MatchedShare!.Value));
        Assert.Contains("5 of 143 hours: 60.125 kWh", Assert.Single(report.Notes), StringComparison.Ordinal);
        Assert.True(report.Provisional);
    }

    [Fact]
    public void An_hour_whose_intensity_is_not_known_has_no_grams_also_where_half_of_it_is_known()
    {
        var hours = Hours(Net(10, 10, 10, 10), curve: Curve((0, 90, 100), (120, 180, 0)));
        Assert.Equal([1000m, null, 0m, null], hours.Select(h => h.Grams));
        Assert.Equal([100m, null, 0m, null], hours.Select(h => h.GramsPerKwh));
        var sum = CarbonSum.Compute(hours);
        Assert.Equal((1000m, 20m, 2, true), (sum.Grams!.Value, sum.KwhWithoutIntensity, sum.HoursWithoutIntensity, sum.Provisional));
        Assert.Null(CarbonSum.Compute([hours[1], hours[3]]).Grams);
    }

    [Fact]
    public void Surplus_of_one_hour_does_not_count_in_another()
    {
        var hours = Hours(Net(10, 10, 10), [Supply(SupplyKind.Contracted, 30, 0, 4)]);
        Assert.Equal([1m, 0m, 0.4m], hours.Select(h => h.MatchedShare));
        var sum = CarbonSum.Compute(hours);
        Assert.Equal((0.466667m, 14m, 34m), (sum.MatchedShare!.Value, sum.MatchedKwh, sum.ContractedKwh));
        Assert.Equal([0m, 1000m, 600m], hours.Select(h => h.UnmatchedGrams));
        Assert.False(sum.Provisional);
    }

    [Fact]
    public void Own_generation_counts_as_far_as_it_was_used_on_the_site_and_its_share_of_a_contract_only()
    {
        var hours = Hours(Net(2, -3, 0), [Supply(SupplyKind.OnSite, 4, 5, 0), Supply(SupplyKind.Contracted, 8, 8, 8, percent: 12.5m)]);
        Assert.Equal([4m, 2m, 0m], hours.Select(h => h.OnSiteKwh));
        Assert.Equal([5m, 2m, 0m], hours.Select(h => h.MatchedKwh));
        Assert.Equal([0.833333m, 1m, null], hours.Select(h => h.MatchedShare));
        Assert.Equal([200m, 0m, 0m], hours.Select(h => h.Grams));
    }

    [Fact]
    public void A_missing_reading_is_no_load_of_0_and_missing_generation_matches_nothing()
    {
        var site = MeterData.From(Net(10, 10, 10).Net.Marked([new IndexRange(1, 1)], [new IndexRange(0, 1)]));
        var hours = Hours(site, [Supply(SupplyKind.Contracted, 10, 10, 10)]);
        Assert.Equal([1m, null, 1m], hours.Select(h => h.MatchedShare));
        Assert.Equal([1000m, null, 1000m], hours.Select(h => h.Grams));
        var sum = CarbonSum.Compute(hours);
        Assert.Equal((1, 1, true), (sum.MissingIntervals, sum.HoursWithoutMatch, sum.Provisional));

        var dark = Supply(SupplyKind.OnSite, 10, 10, 10);
        var unknown = Hours(Net(10, 10, 10), [dark with { Series = dark.Series.Marked([new IndexRange(2, 1)], []) }]);
        Assert.Equal([0.5m, 0.5m, null], unknown.Select(h => h.MatchedShare));
        var contract = Supply(SupplyKind.Contracted, 10, 10, 0);
        var late = Hours(Net(10, 10, 10), [contract with { Series = contract.Series.Marked([new IndexRange(2, 1)], []) }]);
        Assert.Equal((0m, 1), (late[2].MatchedShare!.Value, late[2].DoubtfulIntervals));
    }

    [Fact]
    public void Hours_are_of_the_local_clock_and_longer_intervals_are_not_split_by_a_guess()
    {
        var kolkata = DateTimeZoneProviders.Tzdb["Asia/Kolkata"];
        var half = MeterData.From(IntervalSeries.Create(Start, Duration.FromMinutes(30), IntervalUnit.Kwh, [1m, 2m, 3m, 4m]));
        Assert.Equal([1m, 5m, 4m], CarbonHours.Compute(kolkata, half, [], Curve((0, 120, 1))).Select(h => h.DrawnKwh));
        var whole = MeterData.From(IntervalSeries.Create(Start, Duration.FromMinutes(60), IntervalUnit.Kwh, [1m]));
        Assert.Contains("another hour of Asia/Kolkata", Assert.Throws<BillRefusedException>(() => CarbonHours.Compute(kolkata, whole, [], Curve((0, 60, 1)))).Message, StringComparison.Ordinal);
        Assert.Throws<BillRefusedException>(() => CarbonHours.Compute(DateTimeZone.Utc, MeterData.From(IntervalSeries.Create(Start, Duration.FromDays(1), IntervalUnit.Kwh, [1m])), [], Curve((0, 60, 1))));
    }

    [Fact]
    public void An_export_register_is_held_against_generation()
    {
        var site = Net(2, 2) with { Export = IntervalSeries.Create(Start, Duration.FromHours(1), IntervalUnit.Kw, [1m, 9m]) };
        var hours = Hours(site, [Supply(SupplyKind.OnSite, 5, 5)]);
        Assert.Equal([4m, 0m], hours.Select(h => h.OnSiteKwh));
        Assert.Equal([0.666667m, 0m], hours.Select(h => h.MatchedShare));
    }

    private static CarbonReport Known()
    {
        var zone = DateTimeZoneProviders.Tzdb["Europe/Berlin"];
        var (start, end) = (zone.AtStartOfDay(new LocalDate(2026, 3, 28)).ToInstant(), zone.AtStartOfDay(new LocalDate(2026, 4, 3)).ToInstant());
        var count = (int)((end - start).TotalMinutes / 15);
        IntervalSeries Series(Func<long, decimal> kw) => IntervalSeries.Create(start, Duration.FromMinutes(15), IntervalUnit.Kw, [.. Enumerable.Range(0, count).Select(i => kw(i))]);
        var curve = new IntensityCurve("DE", [.. Enumerable.Range(0, count / 2).Where(j => j % 50 != 49).Select(j => new IntensityPoint(start + Duration.FromMinutes(30 * j), start + Duration.FromMinutes(30 * (j + 1)), j * 53 % 400))]);
        return CarbonReport.Compute(
            zone,
            curve,
            MeterData.From(Series(i => ((i * 37 % 101) - 30) / 2m)),
            [new RenewableSupply("pv", SupplyKind.OnSite, Series(i => i * i * 7 % 90 / 4m)), new RenewableSupply("wind", SupplyKind.Contracted, Series(i => i * 29 % 67), 25)],
            BillingCycle.CalendarMonths(new LocalDate(2026, 3, 28), new LocalDate(2026, 4, 3)),
            []);
    }

    private static void Near(decimal drawn, decimal grams, decimal dark, int darkHours, decimal matched, decimal share, decimal unmatched, decimal contracted, int hours, CarbonSum sum)
    {
        Assert.Equal((drawn, grams, dark, darkHours, matched, contracted, hours), (sum.DrawnKwh, sum.Grams!.Value, sum.KwhWithoutIntensity, sum.HoursWithoutIntensity, sum.MatchedKwh, sum.ContractedKwh, sum.Hours));
        Assert.Equal(share, sum.MatchedShare!.Value);
        Assert.Equal(unmatched, sum.UnmatchedGrams!.Value, 3);
    }

    private static ImmutableArray<CarbonHour> Hours(MeterData site, ImmutableArray<RenewableSupply> supplies = default, IntensityCurve? curve = null) =>
        CarbonHours.Compute(DateTimeZone.Utc, site, supplies.IsDefault ? [] : supplies, curve ?? Curve((0, 600, 100)));

    private static MeterData Net(params decimal[] kw) => MeterData.From(IntervalSeries.Create(Start, Duration.FromHours(1), IntervalUnit.Kw, kw));

    private static RenewableSupply Supply(SupplyKind kind, decimal a, decimal b, decimal? c = null, decimal percent = 100) =>
        new(kind.ToString(), kind, IntervalSeries.Create(Start, Duration.FromHours(1), IntervalUnit.Kw, c is { } third ? [a, b, third] : [a, b]), percent);

    private static IntensityCurve Curve(params (int From, int Until, decimal Grams)[] points) =>
        new("Z", [.. points.Select(p => new IntensityPoint(Start + Duration.FromMinutes(p.From), Start + Duration.FromMinutes(p.Until), p.Grams))]);
}
