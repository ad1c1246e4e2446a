using System.Collections.Immutable;
using System.Text;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Requests;
using GridServices.Tariffs.Settlement;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Tests.Settlement;

/// <summary>Money only for what was measured: a missing reading is neither a load of 0 nor delivered energy, and each number says where it comes from.</summary>
public sealed class MeasuredOnlyTests
{
    private static readonly LocalDate EventDay = new(2026, 7, 15);
    private static readonly BaselineRule TwoOfTwo = new() { Name = "2 of 2", WindowDays = 2, Select = 2, Days = DayGrouping.Any, MaxLookbackDays = 5 };

    private static readonly DemandResponseTerms Terms = new()
    {
        EnergyPrice = 1,
        NominatedKw = 40,
        CapacityPrice = 10,
        ShortfallPenaltyPerKwh = 5,
        Ladder = [new LadderStep(RatioTo: 0.5m, Kind: LadderKind.Penalty, Value: 1), new LadderStep(RatioFrom: 0.5m, Kind: LadderKind.Capped)],
    };

    [Fact]
    public void An_hour_of_the_event_without_readings_is_neither_paid_nor_fined()
    {
        var (baseline, settled) = Settle(missing: [At(EventDay, 15)]);
        Assert.Equal([40m, null, 40m, 40m], baseline.DeliveredKwh);
        Assert.Equal([60m, null, 60m, 60m], baseline.ActualKw);
        Assert.Equal(MeasurementSource.None, baseline.ActualSource[1]);
        Assert.Equal((120m, 120m, 0m), (settled.EnergyKwh, settled.EnergyPayment, settled.ShortfallPenalty));
        Assert.Equal((1m, 40 * 10 * 3 / 4m), (settled.Capacity!.Ratio, settled.Capacity.Payment));
        Assert.Equal((4, 3, 0, true), (settled.EventHours, settled.MeasuredHours, settled.EstimatedHours, settled.Provisional));
    }

    [Fact]
    public void An_event_that_nobody_measured_earns_nothing()
    {
        var (_, settled) = Settle(missing: [.. Enumerable.Range(14, 4).Select(h => At(EventDay, h))]);
        Assert.Equal((0m, 0m, 0, true), (settled.Total, settled.EnergyKwh, settled.MeasuredHours, settled.Provisional));
        Assert.Null(settled.Capacity);
    }

    [Fact]
    public void A_baseline_day_that_lacks_a_reading_is_replaced_and_never_averaged_as_zero()
    {
        var (baseline, settled) = Settle(missing: [At(EventDay.PlusDays(-1), 16)]);
        Assert.Equal([EventDay.PlusDays(-3), EventDay.PlusDays(-2)], baseline.Selected);
        Assert.Equal(("data missing", MeasurementSource.None), (baseline.Days[0].Reason, baseline.Days[0].Source));
        Assert.Equal((160m, false), (settled.EnergyKwh, settled.Provisional));
    }

    [Fact]
    public void Estimates_are_paid_and_marked_on_both_sides()
    {
        var (ofEvent, settled) = Settle(estimated: [At(EventDay, 14)]);
        Assert.Equal((MeasurementSource.Estimate, MeasurementSource.Meter), (ofEvent.ActualSource[0], ofEvent.ActualSource[1]));
        Assert.Equal((160m, 1, true), (settled.EnergyKwh, settled.EstimatedHours, settled.Provisional));
        var (ofBaseline, again) = Settle(estimated: [At(EventDay.PlusDays(-1), 17)]);
        Assert.Equal((MeasurementSource.Meter, MeasurementSource.Estimate), (ofBaseline.BaselineSource[0], ofBaseline.BaselineSource[3]));
        Assert.Equal((MeasurementSource.Estimate, 1), (ofBaseline.Days[0].Source, again.EstimatedHours));
    }

    [Fact]
    public void What_telemetry_read_says_so() =>
        Assert.All(Settle(source: MeasurementSource.Telemetry).Baseline.ActualSource, s => Assert.Equal(MeasurementSource.Telemetry, s));

    [Fact]
    public void A_repeated_hour_with_a_gap_is_not_measured()
    {
        var zone = DateTimeZoneProviders.Tzdb["Europe/Berlin"];
        var start = zone.AtStartOfDay(new LocalDate(2026, 10, 25)).ToInstant();
        var series = IntervalSeries.Create(start, Duration.FromHours(1), IntervalUnit.Kw, new decimal[25]).Marked([new IndexRange(3, 1)], []);
        var load = new LocalLoad(series, zone, MeasurementSource.Meter);
        Assert.Null(load.FindMean(new LocalDateTime(2026, 10, 25, 2, 0), Duration.FromHours(1)));
        Assert.Equal(0m, load.FindMean(new LocalDateTime(2026, 10, 25, 3, 0), Duration.FromHours(1))!.Value.Kw);
    }

    [Theory]
    [InlineData("""{"source":"meter"}""", "57", MeasurementSource.Meter)]
    [InlineData("""{"source":"telemetry","measured":0.5}""", "28.5", MeasurementSource.Telemetry)]
    [InlineData("""{"measured":true}""", "57", MeasurementSource.Telemetry)]
    [InlineData("""{"source":"estimate"}""", "57", MeasurementSource.Estimate)]
    [InlineData("""{"source":"none"}""", "0", MeasurementSource.None)]
    [InlineData("""{"source":"meter","measured":false}""", "0", MeasurementSource.None)]
    [InlineData("""{"source":"meter","measured":0}""", "0", MeasurementSource.None)]
    [InlineData("{}", "0", MeasurementSource.None)]
    public void A_frequency_block_is_paid_for_the_part_whose_delivery_was_measured(string told, string expected, MeasurementSource source)
    {
        var paid = decimal.Parse(expected, System.Globalization.CultureInfo.InvariantCulture);
        var read = Frequency("""{"mw":2,"hours":4,"pricePerMwHour":7.5,"performance":0.95,"energyKwh":100,"energyPrice":0.04""" + (told == "{}" ? "}" : "," + told[1..]));
        var settled = read.Value!.Settlement;
        Assert.Equal((paid, paid == 0 ? 0 : 4m, source), (settled.Availability, settled.Energy, settled.Blocks[0].MeasuredBy));
        Assert.Equal((paid == 0, paid < 57 || source == MeasurementSource.Estimate), (read.Warnings.Any(w => w.Path == "/blocks/0"), settled.Provisional));
        Assert.Equal(8 - paid / 7.125m, settled.NotMeasuredMwHours);
    }

    [Fact]
    public void A_block_that_nobody_scored_earns_nothing()
    {
        var settled = Frequency("""{"mw":2,"hours":4,"pricePerMwHour":7.5,"source":"meter","energyKwh":100,"energyPrice":0.04}""").Value!.Settlement;
        Assert.Equal((0m, 8m, true), (settled.Total, settled.NotMeasuredMwHours, settled.Provisional));
        Assert.False(Frequency("""{"mw":2,"hours":4,"pricePerMwHour":7.5,"performance":1,"source":"meter","measured":1.1}""").Ok);
    }

    [Fact]
    public void A_ladder_needs_no_nulls_where_a_rung_is_open()
    {
        var read = Ladder("""[{"ratioTo":0.5,"kind":"zero"},{"ratioFrom":0.5,"kind":"capped"}]""");
        Assert.True(read.Ok, string.Join('\n', read.Refusals));
        Assert.Contains(Ladder("""[{"ratioTo":0.5}]""").Refusals, r => r.Detail.Contains("kind", StringComparison.Ordinal));
    }

    private static ReadResult<SettlementRequest> Ladder(string ladder) => SettlementRequestJson.Read(
        Encoding.UTF8.GetBytes($$"""
            {"rule":{"name":"r","windowDays":1,"select":1,"days":"any"},"event":{"date":"2026-07-15","fromHour":14,"untilHour":15},"timeZone":"Etc/UTC","intervals":{"start":"2026-07-14","minutes":60,"kW":[1]},
             "terms":{"nominatedKw":1,"capacityPrice":1,"ladder":{{ladder}} } }
            """),
        withTerms: true);

    private static ReadResult<FrequencySettlementRequest> Frequency(string block) =>
        FrequencySettlementRequestJson.Read(Encoding.UTF8.GetBytes($$"""{"currency":"GBP","blocks":[{{block}}]}"""));

    private static int At(LocalDate day, int hour) => Period.DaysBetween(EventDay.PlusDays(-5), day) * 24 + hour;

    /// <summary>100 kW always, 60 kW in the event from 14 to 18; the event day and five days before, hour by hour.</summary>
    private static (BaselineOutcome Baseline, DemandResponseSettlement Settled) Settle(int[]? missing = null, int[]? estimated = null, MeasurementSource source = MeasurementSource.Meter)
    {
        var kw = new decimal[6 * 24];
        Array.Fill(kw, 100);
        Array.Fill(kw, 60, At(EventDay, 14), 4);
        foreach (var at in missing ?? [])
        {
            kw[at] = 0;
        }

        static ImmutableArray<IndexRange> Ranges(int[]? at) => [.. (at ?? []).Select(i => new IndexRange(i, 1))];
        var start = EventDay.PlusDays(-5).AtStartOfDayInZone(DateTimeZone.Utc).ToInstant();
        var series = IntervalSeries.Create(start, Duration.FromHours(1), IntervalUnit.Kw, kw).Marked(Ranges(missing), Ranges(estimated));
        var baseline = Baseline.Compute(TwoOfTwo, new DemandResponseEvent(EventDay, 14, 18, source), series, DateTimeZone.Utc, new HashSet<LocalDate>(), new HolidayCalendar([]));
        return (baseline, DemandResponseSettlement.Compute(baseline, Terms));
    }
}
