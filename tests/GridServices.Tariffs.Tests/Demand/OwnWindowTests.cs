using System.Collections.Immutable;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Demand;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Meters;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Tests.Demand;

/// <summary>A charge that names no window has the meter's own interval, live as on the bill.</summary>
public sealed class OwnWindowTests
{
    [Theory]
    [InlineData(5)]
    [InlineData(60)]
    public void The_ratchet_of_the_next_month_knows_the_peak_that_the_bill_found(int minutes)
    {
        ImmutableArray<CompiledTariff> tariff = [CompiledTariff.Compile(Sample.Empty() with { Demand = [new DemandCharge { Id = "d", Rates = [Sample.PerKw("all", 10)], Ratchet = new Ratchet { Percent = 80 } }] })];
        var plan = new MeterPlan { SiteId = "s", TariffId = "t", Interval = Duration.FromMinutes(minutes), Telemetry = false };
        var kw = Enumerable.Repeat(30m, 59 * 24 * 60 / minutes).ToArray();
        kw[100] = 120;
        var series = IntervalSeries.Create(Instant.FromUtc(2026, 1, 1, 0, 0), plan.Interval, IntervalUnit.Kw, kw);
        BillingCycle[] cycles = [.. BillingCycle.Year(2026).Take(2)];
        var bill = BillCalculator.Calculate(tariff[0], MeterData.From(series), [.. cycles]);
        Assert.Equal([120m, 96m], bill.Months.Select(m => m.LineItems.Single().Quantity));

        var memory = LiveMeter.Advance(plan, tariff, MeterMemory.Empty, StoredIntervals.Samples(series), series.End).Memory;
        Assert.Equal(120m, decimal.Round(memory.Peaks.Single(p => p.Month.Month == 1).Kw, 9));
        var floor = LiveMeter.Advance(plan, tariff, MeterMemory.Empty, StoredIntervals.Samples(series).Where(s => s.From < Instant.FromUtc(2026, 2, 2, 0, 0)), Instant.FromUtc(2026, 2, 2, 0, 0)).States[0].FloorKw;
        Assert.Equal(96m, decimal.Round(floor, 9));
    }

    [Fact]
    public void Energy_of_longer_windows_is_no_peak_of_shorter_ones()
    {
        var tariff = CompiledTariff.Compile(Sample.Empty() with { Demand = [new DemandCharge { Id = "d", Rates = [Sample.PerKw("all", 10)] }] });
        var (start, cycle) = (Instant.FromUtc(2026, 1, 15, 12, 0), BillingCycle.Year(2026)[0]);
        var line = DemandLines.Create(tariff.Source, Account.Plain, cycle.Month, [], Duration.FromMinutes(5)).Single();
        var held = new DemandMemory { AsOf = start + Duration.FromMinutes(12), Since = start, Cells = [new DemandCell(start, 12, 720)] };
        var meter = new DemandMeter(tariff, line, cycle, held);
        meter.Add(held.AsOf, start + Duration.FromMinutes(30), 18);
        Assert.InRange(meter.Memory.Peaks["all"].Kw, 59.999999m, 60.000001m);
    }
}
