using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Demand;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Meters;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Tests.Demand;

/// <summary>kVA live: what is left of a window in kW, the peaks that the bill finds, and kvar that nobody has measured, which are never none.</summary>
public sealed class ApparentDemandTests
{
    private static readonly Instant Start = Instant.FromUtc(2026, 1, 15, 12, 0);
    private static readonly DemandCharge Charge = new() { Id = "d", Basis = DemandBasis.Kva, Rates = [Sample.PerKw("all", 12)], Window = new DemandWindow { Minutes = 15 } };
    private static readonly MeterPlan Plan = new() { SiteId = "site-1", TariffId = "t", TargetW = 100_000, FailsafeW = 20_000 };

    [Fact]
    public void Measured_kvar_leave_so_many_kW_and_one_more_kW_costs_its_part_of_the_triangle()
    {
        // 80 kW and 60 kvar are 100 kVA. After 2 min: 25 kVAh in all, 15 kvarh at the end, so 20 kWh in all: 17.33 in 13 min.
        var step = Read(Plan, Charge, Power(0, 80_000, 60_000), Power(60, 80_000, 60_000), Power(120, 80_000, 60_000));
        var state = step.States[0];
        Assert.Equal((80m, 0.8m), (decimal.Round(state.Headroom!.AllowableKw, 9), decimal.Round(state.Headroom.PerKw, 9)));
        Assert.Equal((2m, null, 0), (decimal.Round(state.KvarhInWindow!.Value, 9), state.Unknown, state.WindowsWithoutKvar));
        Assert.Contains("last read", state.Assumed, StringComparison.Ordinal);
        Assert.Equal(12 * 0.8m * 13 / 15, decimal.Round(state.OneMoreKw(At(120))!.Value, 9));
        Assert.All(step.Drafts[0].Segments, s => Assert.InRange(s.Limits.ImportLimitW!.Value, 79_999, 80_000));
        Assert.Equal(9.6m, step.Drafts[0].Breach!.Amount);
    }

    [Fact]
    public void Without_kvar_and_without_a_power_factor_nothing_is_said_and_the_reason_is()
    {
        Reading[] silent = [Power(0, 80_000), Power(60, 80_000)];
        var step = Read(Plan, Charge, silent);
        Assert.Null(step.States[0].Headroom);
        Assert.Null(step.States[0].OneMoreKw(At(60)));
        Assert.Contains("power factor", step.States[0].Unknown, StringComparison.Ordinal);
        Assert.Empty(step.Drafts[0].Segments);

        var mandatory = Read(Plan with { Obligation = Obligation.Mandatory }, Charge, silent);
        Assert.NotEmpty(mandatory.Drafts[0].Segments);
        Assert.All(mandatory.Drafts[0].Segments, s => Assert.Equal(20_000, s.Limits.ImportLimitW));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_worst_power_factor_stands_in_of_the_meter_or_else_of_the_tariff(bool ofTheMeter)
    {
        var (plan, charge) = ofTheMeter ? (Plan with { PowerFactor = 0.8m }, Charge with { PowerFactor = 0.95m }) : (Plan, Charge with { PowerFactor = 0.8m });
        var step = Read(plan, charge, Power(0, 0), Power(60, 0), Power(120, 0));

        // Nothing drawn yet: 20 kWh in 13 min, then 80 kW in each window.
        Assert.Equal((92.307692m, 1.25m), (decimal.Round(step.States[0].Headroom!.AllowableKw, 6), decimal.Round(step.States[0].Headroom!.PerKw, 9)));
        Assert.Contains("0.8", step.States[0].Assumed, StringComparison.Ordinal);
        Assert.InRange(step.Drafts[0].Segments[1].Limits.ImportLimitW!.Value, 79_999, 80_000);
    }

    [Fact]
    public void Kvar_that_fail_in_the_open_window_are_those_of_the_worst_power_factor_or_the_window_is_not_known()
    {
        Reading[] failing = [Power(0, 80_000, 0), Power(60, 80_000, 0), Power(120, 80_000), Power(180, 80_000, 0), Power(240, 80_000, 0)];
        Assert.Contains("missing", Read(Plan, Charge, failing).States[0].Unknown, StringComparison.Ordinal);
        var with = Read(Plan with { PowerFactor = 0.8m }, Charge, failing).States[0];
        Assert.Contains("have no kvar", with.Assumed, StringComparison.Ordinal);
        Assert.True(with.Headroom!.LeastWindowKw > 80 * 4 / 15m);
    }

    [Fact]
    public void A_window_without_kvar_sets_the_peak_that_the_tariff_states_or_none()
    {
        Reading[] hour = [.. Enumerable.Range(0, 32).Select(i => Power(i * 60, 80_000))];
        var none = Read(Plan with { PowerFactor = 0.5m }, Charge, hour).States[0];
        Assert.Equal((0m, 2), (none.PeakToDateKw, none.WindowsWithoutKvar));
        var stated = Read(Plan with { PowerFactor = 0.5m }, Charge with { PowerFactor = 0.8m }, hour).States[0];
        Assert.Equal((100m, 0), (decimal.Round(stated.PeakToDateKw, 9), stated.WindowsWithoutKvar));
    }

    [Fact]
    public void Peaks_in_kVA_are_those_of_the_bill_and_the_ratchet_looks_back_at_them()
    {
        var random = new Random(7);
        IntervalSeries Noise(int most) => IntervalSeries.Create(
            Instant.FromUtc(2026, 1, 1, 0, 0), Duration.FromMinutes(15), IntervalUnit.Kw, [.. Enumerable.Range(0, 59 * 96).Select(_ => (decimal)random.Next(-most / 4, most))]);
        var data = new MeterData { Net = Noise(200), Reactive = Noise(150) };
        var tariff = Tariff(Charge with { Ratchet = new Ratchet { Percent = 100 } });
        BillingCycle[] cycles = [.. BillingCycle.Year(2026).Take(2)];
        var memory = cycles.Aggregate(MeterMemory.Empty, (m, cycle) => LiveMeter.Recompute(
            Plan, tariff, m, cycle, cycles[1], StoredIntervals.Samples(data.Net, reactive: data.Reactive).Where(s => s.From.InUtc().Date >= cycle.From && s.From.InUtc().Date < cycle.Until)));
        var bill = BillCalculator.Calculate(tariff[0], data, [.. cycles]);
        Assert.Equal(decimal.Round(bill.Months[0].LineItems.Single().Quantity, 9), decimal.Round(memory.Peaks.Single().Kw, 9));
        var own = memory.Lines["d"].Peaks["all"].Kw;
        Assert.Equal(decimal.Round(bill.Months[1].LineItems.Single().Quantity, 9), decimal.Round(Math.Max(own, memory.Peaks.Single().Kw), 9));
        Assert.Equal(memory.Write(), MeterMemory.Read(memory.Write()).Write());
    }

    [Fact]
    public void Kvar_of_telemetry_stand_beside_the_finished_intervals_for_the_bill()
    {
        var finished = Read(Plan, Charge, [.. Enumerable.Range(0, 16).Select(i => Power(i * 60, 80_000, i < 6 ? null : 60_000))]).Finished.Single();
        Assert.Equal((80m, 60m, true), (finished.Kw, finished.Kvar!.Value, finished.KvarEstimated));
        Assert.Null(Read(Plan, Charge, [.. Enumerable.Range(0, 16).Select(i => Power(i * 60, 80_000))]).Finished.Single().Kvar);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0.5)]
    public void After_a_gap_leading_kvar_leave_as_much_as_lagging_ones(double? factor)
    {
        DemandState ReadState(int sign) => Read(
            Plan with { PowerFactor = (decimal?)factor }, Charge,
            [Power(0, 20_000, sign * 40_000), Power(60, 20_000, sign * 40_000), Power(400, 20_000, sign * 40_000), Power(420, 20_000, sign * 40_000)]).States[0];
        Assert.True(ReadState(1).UnknownSeconds > 0);
        Assert.Equal(ReadState(1).Headroom, ReadState(-1).Headroom);
    }

    [Fact]
    public void A_charge_that_goes_over_to_kVA_begins_without_peaks_and_without_cells()
    {
        Reading[] quarter = [.. Enumerable.Range(0, 20).Select(i => Power(i * 60, 80_000))];
        var known = Read(Plan, Charge with { Basis = DemandBasis.Kw }, quarter);
        Assert.Equal(80m, decimal.Round(known.States[0].PeakToDateKw, 6));
        var state = LiveMeter.Read(Plan, Tariff(Charge), known.Memory, [Power(20 * 60, 80_000, 0)], At(20 * 60)).States[0];
        Assert.Equal((0m, 1m), (state.PeakToDateKw, decimal.Round(state.EnergyInWindowKwh * 60 / 80, 6)));
    }

    [Fact]
    public void A_month_whose_kvar_are_known_in_part_is_no_month_that_the_ratchet_knows()
    {
        var net = IntervalSeries.Create(Instant.FromUtc(2026, 1, 1, 0, 0), Duration.FromMinutes(15), IntervalUnit.Kw, [.. Enumerable.Repeat(80m, 59 * 96)]);
        var kvar = IntervalSeries.Create(net.Start, Duration.FromMinutes(15), IntervalUnit.Kw, [.. Enumerable.Repeat(60m, 59 * 96)]);
        var tariff = Tariff(Charge with { Ratchet = new Ratchet { Percent = 100, LookbackMonths = 1 } });
        BillingCycle[] cycles = [.. BillingCycle.Year(2026).Take(2)];
        Bill February(IntervalSeries reactive)
        {
            var samples = StoredIntervals.Samples(net, reactive: reactive).Where(s => s.From.InUtc().Month == 1);
            var memory = MeterMemory.Read(LiveMeter.Recompute(Plan, tariff, MeterMemory.Empty, cycles[0], cycles[1], samples).Write());
            var account = memory.Into(Account.Plain, memory.Peaks);
            return BillCalculator.Calculate(tariff[0], new MeterData { Net = net, Reactive = kvar }, [cycles[1]], account);
        }

        Assert.Contains(February(kvar.Marked([new IndexRange(100, 8)], [])).Notes, n => n.Contains("(2026-01 to 2026-01) the kVA are known in part", StringComparison.Ordinal));
        Assert.DoesNotContain(February(kvar).Notes, n => n.Contains("in part", StringComparison.Ordinal));
    }

    private static MeterStep Read(MeterPlan plan, DemandCharge charge, params Reading[] readings) => LiveMeter.Read(plan, Tariff(charge), MeterMemory.Empty, readings, readings[^1].At);

    private static ImmutableArray<CompiledTariff> Tariff(DemandCharge charge) => [CompiledTariff.Compile(Sample.Empty() with { Demand = [charge] })];

    private static Instant At(int seconds) => Start + Duration.FromSeconds(seconds);

    private static Reading Power(int seconds, long watts, long? kvar = null) => new() { At = At(seconds), NetPowerW = watts, ReactivePowerVar = kvar };
}
