using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Meters;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Tests.Meters;

public sealed class LiveMeterTests
{
    private static readonly Instant Start = Instant.FromUtc(2026, 1, 15, 12, 0);

    private static readonly ImmutableArray<CompiledTariff> Tariff = [CompiledTariff.Compile(Sample.Empty() with
    {
        Demand = [new DemandCharge { Id = "d", Rates = [Sample.PerKw("all", 12)], Window = new DemandWindow { Minutes = 15 }, Ratchet = new Ratchet { Percent = 80 } }],
        Adjustments = [new Adjustment { Id = "vat", Percent = 25 }],
    })];

    private static readonly MeterPlan Plan = new() { SiteId = "site-1", TariffId = "t", TargetW = 100_000, FailsafeW = 20_000 };

    [Fact]
    public void The_headroom_is_published_until_its_window_ends_and_the_target_after_it()
    {
        var step = Read(MeterMemory.Empty, Power(0, 150_000), Power(60, 150_000), Power(120, 150_000));
        var draft = Assert.Single(step.Drafts);

        // 5 kWh in 2 min; (25 - 5) kWh over 13 min.
        Assert.Equal((92_307L, At(120), At(900)), (draft.Segments[0].Limits.ImportLimitW, draft.Segments[0].From, draft.Segments[0].Until));
        Assert.Equal((100_000L, At(900), At(120) + Duration.FromHours(48)), (draft.Segments[1].Limits.ImportLimitW, draft.Segments[1].From, draft.Segments[1].Until));
        Assert.Equal((Obligation.Advisory, new BreachPrice(15, "EUR", BreachUnit.Kw), "d all"), (draft.Obligation, draft.Breach!, draft.Segments[0].Cause!.EventId!));
        var envelope = draft.Envelope(Plan, step.Tariff, Guid.NewGuid(), 3);
        Assert.Equal((Tier.Economic, new StreamId("tariff", "peak-cap"), 3L), (envelope.Tier, envelope.Stream, envelope.Revision));
        Assert.Contains(step.Tariff.Hash, envelope.Provenance.Authority);
    }

    [Fact]
    public void A_mandatory_cap_carries_no_breach_price() =>
        Assert.Null(LiveMeter.Read(Plan with { Obligation = Obligation.Mandatory }, Tariff, MeterMemory.Empty, [Power(0, 1), Power(60, 1)], At(60)).Drafts[0].Breach);

    [Fact]
    public void A_silent_meter_states_its_fail_safe_and_nothing_where_it_has_none()
    {
        var known = Read(MeterMemory.Empty, Power(0, 50_000), Power(60, 50_000)).Memory;
        var stale = LiveMeter.Advance(Plan, Tariff, known, [], At(60 + 121));
        Assert.Equal((20_000L, null, true), (stale.Drafts[0].Segments[0].Limits.ImportLimitW, stale.Drafts[0].Segments[0].Until, stale.Drafts[0].IsStale));
        Assert.Equal((OnStale.Failsafe, 20_000L), (stale.Drafts[0].Failsafe!.OnStale, stale.Drafts[0].Failsafe!.Limits!.ImportLimitW));
        Assert.Empty(LiveMeter.Advance(Plan with { FailsafeW = null }, Tariff, known, [], At(181)).Drafts[0].Segments);
        Assert.False(LiveMeter.Advance(Plan, Tariff, known, [], At(60 + 120)).Drafts[0].IsStale);
        Assert.True(LiveMeter.Advance(Plan, Tariff, MeterMemory.Empty, [], Start).Drafts[0].IsStale);
    }

    [Fact]
    public void A_limit_at_the_connections_rating_says_nothing() =>
        Assert.Empty(LiveMeter.Read(Plan with { PhysicalW = 60_000 }, Tariff, MeterMemory.Empty, [Power(0, 10), Power(60, 10)], At(60)).Drafts[0].Segments);

    [Fact]
    public void Readings_that_come_twice_or_late_change_nothing()
    {
        Reading[] readings = [Power(0, 90_000), Power(60, 90_000), Power(120, 30_000)];
        var once = Read(MeterMemory.Empty, readings);
        var again = LiveMeter.Read(Plan, Tariff, once.Memory, readings, At(120));
        Assert.Equal(once.Memory.Write(), again.Memory.Write());
        Assert.True(once.Drafts[0].HasSameContent(again.Drafts[0]));
    }

    [Fact]
    public void A_reading_after_a_long_silence_is_not_spread_over_it()
    {
        var known = Read(MeterMemory.Empty, Register(0, 0), Register(60, 1_000)).Memory;
        var later = LiveMeter.Read(Plan, Tariff, known, [Register(660, 100_000), Register(720, 101_000)], At(720));
        Assert.Equal((2m, 600m), (later.States[0].EnergyInWindowKwh, later.States[0].UnknownSeconds));
    }

    [Fact]
    public void Registers_count_to_the_last_watt_hour_and_a_register_that_falls_back_does_not()
    {
        var step = LiveMeter.Read(Plan, Tariff, MeterMemory.Empty, Enumerable.Range(0, 61).Select(i => Register(i * 15, i * 7)), At(900));
        Assert.Equal([new MeterInterval(Start, 0.42m * 4, Estimated: false)], step.Finished);
        var fallen = LiveMeter.Read(Plan, Tariff, step.Memory, [Register(915, 3)], At(915));
        Assert.Equal(0m, fallen.States[0].EnergyInWindowKwh);
    }

    [Fact]
    public void Export_bills_net_but_sets_no_peak()
    {
        var step = Read(MeterMemory.Empty, [.. Enumerable.Range(0, 16).Select(i => Power(i * 60, -40_000))]);
        Assert.Equal([new MeterInterval(Start, -40, Estimated: false)], step.Finished);
        Assert.Equal(0m, step.States[0].PeakToDateKw);
    }

    [Fact]
    public void At_the_end_of_a_cycle_its_peak_becomes_the_ratchet_of_the_next()
    {
        var midnight = Instant.FromUtc(2026, 2, 1, 0, 0);
        var step = LiveMeter.Advance(Plan with { TargetW = null }, Tariff, MeterMemory.Empty, [new MeterSample(midnight - Duration.FromMinutes(15), midnight + Duration.FromMinutes(15), 100, 100)], midnight + Duration.FromMinutes(16));
        Assert.Equal([new PriorPeak { Month = new YearMonth(2026, 1), Kw = 200, Charge = "d", Period = "all" }], step.Memory.Peaks);
        Assert.Equal((160m, 200m, new LocalDate(2026, 2, 1)), (step.States[0].FloorKw, step.States[0].PeakToDateKw, step.Cycle.From));
        var march = LiveMeter.Advance(Plan, Tariff, step.Memory, [], Instant.FromUtc(2026, 3, 1, 0, 2));
        Assert.Equal([1, 2], march.Memory.Peaks.Select(p => p.Month.Month));
        Assert.Equal((0m, 160m), (march.States[0].PeakToDateKw, march.States[0].FloorKw));
    }

    [Fact]
    public void A_reading_that_comes_late_over_the_end_of_a_cycle_upsets_nothing()
    {
        var midnight = Instant.FromUtc(2026, 2, 1, 0, 0);
        var known = LiveMeter.Advance(Plan, Tariff, MeterMemory.Empty, [new MeterSample(midnight - Duration.FromMinutes(15), midnight - Duration.FromMinutes(1), 14, 14)], midnight).Memory;
        var late = new MeterSample(midnight - Duration.FromMinutes(1), midnight + Duration.FromMinutes(1), 4, 4);
        var inTime = LiveMeter.Advance(Plan, Tariff, known, [late], midnight + Duration.FromMinutes(1));
        Assert.Equal((64m, 2m), (inTime.Memory.Peaks[0].Kw, inTime.States[0].EnergyInWindowKwh));
        var closed = LiveMeter.Advance(Plan, Tariff, known, [], midnight + Plan.StaleAfter).Memory;
        Assert.Equal(56m, closed.Peaks[0].Kw);
        var after = LiveMeter.Advance(Plan, Tariff, closed, [late], midnight + Duration.FromMinutes(3));
        Assert.Equal((56m, 2m, new MeterInterval(midnight - Duration.FromMinutes(15), 64, Estimated: false)), (after.Memory.Peaks[0].Kw, after.States[0].EnergyInWindowKwh, after.Finished[0]));
    }

    [Fact]
    public void A_register_that_leaps_beyond_any_connection_leaves_a_gap()
    {
        var step = Read(MeterMemory.Empty, Register(0, 0), Register(60, 1_000), Register(120, 1L << 53), Register(180, (1L << 53) + 1_000));
        Assert.Equal((2m, 60m), (step.States[0].EnergyInWindowKwh, step.States[0].UnknownSeconds));
        Assert.Equal(0m, LiveMeter.Read(Plan, Tariff, MeterMemory.Empty, [Power(0, long.MaxValue / 1024), Power(60, long.MaxValue / 1024)], At(60)).States[0].EnergyInWindowKwh);
    }

    [Fact]
    public void Loaded_history_gives_the_peaks_that_a_bill_of_it_finds()
    {
        var random = new Random(3);
        var kw = Enumerable.Range(0, 90 * 96).Select(_ => (decimal)random.Next(0, 200)).ToArray();
        var series = IntervalSeries.Create(Instant.FromUtc(2026, 1, 1, 0, 0), Duration.FromMinutes(15), IntervalUnit.Kw, kw);
        var bill = BillCalculator.Calculate(Tariff[0], MeterData.From(series), BillingCycle.Year(2026).Take(3).ToArray());
        var current = BillingCycle.Year(2026)[2];
        var memory = BillingCycle.Year(2026).Take(3).Aggregate(MeterMemory.Empty, (m, cycle) => LiveMeter.Recompute(Plan, Tariff, m, cycle, current, GetSamples(series, cycle)));
        Assert.Equal(bill.Months[0].PeakKw, memory.Peaks.Single(p => p.Month.Month == 1).Kw);
        Assert.Equal(bill.Months[1].PeakKw, memory.Peaks.Single(p => p.Month.Month == 2).Kw);
        Assert.Equal(bill.Months[2].PeakKw, memory.Lines["d"].Peaks["all"].Kw);
        Assert.Equal(series.End, memory.AsOf);
    }

    [Fact]
    public void Caps_of_a_period_stand_for_two_days_ahead()
    {
        ImmutableArray<CompiledTariff> tariff = [CompiledTariff.Compile(Sample.Empty() with { Schedules = [Sample.OnOff(16, 21)], Energy = [Sample.Flat(1)] })];
        var plan = Plan with { Caps = [new PeriodCap { Id = "on-peak", Schedule = "tou", Period = "on", LimitW = 30_000, Obligation = Obligation.Mandatory }] };
        var draft = Assert.Single(LiveMeter.Advance(plan, tariff, MeterMemory.Empty, [], Start).Drafts);
        Assert.Equal(("on-peak", Obligation.Mandatory, 2), (draft.Stream, draft.Obligation, draft.Segments.Length));
        Assert.Equal((Instant.FromUtc(2026, 1, 15, 16, 0), Instant.FromUtc(2026, 1, 15, 21, 0), 30_000L), (draft.Segments[0].From, draft.Segments[0].Until!.Value, draft.Segments[0].Limits.ImportLimitW));
    }

    [Fact]
    public void What_is_remembered_survives_its_JSON()
    {
        var memory = Read(MeterMemory.Empty, Power(0, 150_000), Power(60, 90_000), Power(1000, 90_000), Power(1060, 1)).Memory with { Peaks = [new PriorPeak { Month = new YearMonth(2025, 12), Kw = 4 }] };
        Assert.Equal(memory.Write(), MeterMemory.Read(memory.Write()).Write());
        Assert.Equal(memory.Lines["d"].Cells.AsEnumerable(), MeterMemory.Read(memory.Write()).Lines["d"].Cells);
    }

    [Fact]
    public void A_clock_that_was_set_back_leaves_no_headroom_of_the_time_ahead()
    {
        var ahead = Read(MeterMemory.Empty, Power(3_600, 50_000), Power(3_660, 50_000)).Memory;
        var back = LiveMeter.Read(Plan, Tariff, ahead, [Power(60, 150_000), Power(120, 150_000)], At(120)).Drafts[0];
        Assert.Equal((true, 20_000L), (back.IsStale, back.Segments[0].Limits.ImportLimitW));
        Assert.Contains("set back", back.Segments[0].Cause!.EventId, StringComparison.Ordinal);

        // As far ahead as a reading may be, it is of now.
        Assert.False(LiveMeter.Advance(Plan, Tariff, ahead, [], At(3_660) - Plan.StaleAfter).Drafts[0].IsStale);
    }

    private static IEnumerable<MeterSample> GetSamples(IntervalSeries series, BillingCycle cycle) => StoredIntervals.Samples(series)
        .Where(s => s.From.InUtc().Date >= cycle.From && s.From.InUtc().Date < cycle.Until);

    private static MeterStep Read(MeterMemory memory, params Reading[] readings) => LiveMeter.Read(Plan, Tariff, memory, readings, readings[^1].At);

    private static Instant At(int seconds) => Start + Duration.FromSeconds(seconds);

    private static Reading Power(int seconds, long watts) => new() { At = At(seconds), NetPowerW = watts };

    private static Reading Register(int seconds, long wattHours) => new() { At = At(seconds), EnergyImportWh = wattHours, EnergyExportWh = 0 };
}
