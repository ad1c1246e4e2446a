using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Demand;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Meters;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Tests.Demand;

/// <summary>Demand windows on the local clock: the bill, the live meter and a count minute by minute say the same, also where clocks change.</summary>
public sealed class ClockWindowTests
{
    private static readonly string[] Zones = ["Etc/UTC", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata", "America/St_Johns", "America/New_York", "Africa/Casablanca"];

    [Theory]
    [InlineData("Europe/Berlin", "2026-03-01", 120, "2026-03-30T08:00:00Z")]
    [InlineData("Europe/Berlin", "2026-10-01", 120, "2026-10-26T09:00:00Z")]
    [InlineData("Australia/Lord_Howe", "2026-04-01", 60, "2026-04-09T23:30:00Z")]
    [InlineData("Australia/Lord_Howe", "2026-10-01", 60, "2026-10-10T23:00:00Z")]
    public void After_a_change_of_the_clock_a_block_window_still_starts_on_the_hour(string zone, string first, int minutes, string start)
    {
        var from = NodaTime.Text.LocalDatePattern.Iso.Parse(first).Value;
        var cycle = new BillingCycle(from, from.PlusMonths(1));
        var empty = Sample.Constant(zone, cycle.From, cycle.Until, 30, 0);
        var kw = new decimal[empty.Count];
        var at = (int)((NodaTime.Text.InstantPattern.General.Parse(start).Value - empty.Start).TotalMinutes / 30);
        Array.Fill(kw, 100, at, minutes / 30);
        var series = IntervalSeries.Create(empty.Start, Duration.FromMinutes(30), IntervalUnit.Kw, kw);
        var line = Assert.Single(Sample.Bill(PerKw(zone, new DemandWindow { Minutes = minutes }), series, cycle).Months[0].LineItems);
        Assert.Equal((100m, start), (line.Quantity, NodaTime.Text.InstantPattern.General.Format(line.PeakAt[0])));
    }

    [Fact]
    public void Bill_live_meter_and_a_count_by_minutes_agree_in_every_zone_across_both_changes() => Prop.ForAll(Cases().ToArbitrary(), c =>
    {
        var counted = ByMinutes(c).DefaultIfEmpty(0).Max();
        var billed = Billed(c);
        var live = Live(c);
        return Math.Abs(counted - billed) < 0.000001m && Math.Abs(counted - live) < 0.000001m ? true : throw new InvalidOperationException($"{c}: counted {counted}, billed {billed}, live {live}");
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(150));

    [Fact]
    public void A_rolling_window_over_the_edge_of_a_month_belongs_where_its_last_interval_starts()
    {
        ImmutableArray<BillingCycle> months = [new(new LocalDate(2026, 1, 1), new LocalDate(2026, 2, 1)), new(new LocalDate(2026, 2, 1), new LocalDate(2026, 3, 1))];
        var bill = Sample.Bill(PerKw("Etc/UTC", Rolling), OverMidnight(new LocalDate(2026, 2, 1), months), months);
        Assert.Equal([50m, 100m], bill.Months.Select(m => m.LineItems.Single().Quantity));
        Assert.Equal(Instant.FromUtc(2026, 1, 31, 23, 50), bill.Months[1].LineItems[0].PeakAt[0]);
    }

    [Fact]
    public void A_rolling_window_over_midnight_belongs_to_the_day_where_its_last_interval_starts()
    {
        var month = new BillingCycle(new LocalDate(2026, 1, 1), new LocalDate(2026, 2, 1));
        var tariff = PerKw("Etc/UTC", Rolling);
        var daily = tariff with { Demand = [tariff.Demand[0] with { Assess = DemandAssessment.Daily }] };
        var line = Assert.Single(Sample.Bill(daily, OverMidnight(new LocalDate(2026, 1, 11), [month]), month).Months[0].LineItems);
        Assert.Equal([50m, 100m], line.Terms.Select(t => t.Quantity));
    }

    [Fact]
    public void The_live_meter_counts_a_rolling_window_over_the_edge_of_a_month_as_the_bill_does()
    {
        var tariff = CompiledTariff.Compile(PerKw("Etc/UTC", Rolling));
        var plan = new MeterPlan { SiteId = "s", TariffId = "t", Interval = Duration.FromMinutes(5) };
        var start = Instant.FromUtc(2026, 1, 31, 23, 0);
        var samples = Enumerable.Range(0, 24).Select(i => new MeterSample(start + Duration.FromMinutes(5 * i), start + Duration.FromMinutes(5 * i + 5), i is >= 10 and < 14 ? 100m / 12 : 0, i is >= 10 and < 14 ? 100m / 12 : 0));
        var step = LiveMeter.Advance(plan, [tariff], MeterMemory.Empty, samples, start + Duration.FromHours(2));
        Assert.Equal(100m, Math.Round(step.States.Single().PeakToDateKw, 9));
        Assert.Equal(50m, Math.Round(step.Memory.Peaks.Single(p => p.Month == new YearMonth(2026, 1)).Kw, 9));
    }

    [Fact]
    public void A_demand_that_is_assessed_by_day_forgets_yesterdays_peak()
    {
        var tariff = PerKw("Etc/UTC", new DemandWindow { Minutes = 15 });
        var (meter, start) = Meter(tariff with { Demand = [tariff.Demand[0] with { Assess = DemandAssessment.Daily }] }, new BillingCycle(new LocalDate(2026, 1, 1), new LocalDate(2026, 2, 1)));
        meter.Add(start, start + Duration.FromMinutes(15), 50);
        Assert.Equal(200m, meter.State().TargetKw);
        meter.Add(start + Duration.FromMinutes(15), start + Duration.FromHours(24), 0);
        Assert.Equal((0m, 0m), (meter.State().PeakToDateKw, meter.State().TargetKw));
    }

    [Fact]
    public void Rolling_windows_before_the_data_are_told()
    {
        var cycle = new BillingCycle(new LocalDate(2026, 1, 1), new LocalDate(2026, 1, 2));
        Assert.Contains(Sample.Bill(PerKw("Etc/UTC", Rolling), Sample.Constant("Etc/UTC", cycle.From, cycle.Until, 5, 1), cycle).Notes, n => n.Contains("reach back before the data", StringComparison.Ordinal));
    }

    private static DemandWindow Rolling => new() { Minutes = 20, Kind = WindowKind.Rolling, StepMinutes = 5 };

    private static Tariff PerKw(string zone, DemandWindow window) => Sample.Empty(zone) with { Demand = [new DemandCharge { Id = "d", Window = window, Rates = [Sample.PerKw("all", 1)] }] };

    /// <summary>100 kW from ten minutes before midnight until ten minutes after.</summary>
    private static IntervalSeries OverMidnight(LocalDate day, ImmutableArray<BillingCycle> cycles)
    {
        var whole = Sample.Constant("Etc/UTC", cycles[0].From, cycles[^1].Until, 5, 0);
        var kw = new decimal[whole.Count];
        Array.Fill(kw, 100, (int)((day.AtStartOfDayInZone(DateTimeZone.Utc).ToInstant() - whole.Start).TotalMinutes / 5) - 2, 4);
        return IntervalSeries.Create(whole.Start, Duration.FromMinutes(5), IntervalUnit.Kw, kw);
    }

    private sealed record Case(string Zone, LocalDate First, int SkippedSteps, int StepMinutes, DemandWindow Window, ImmutableArray<decimal> Kw)
    {
        public BillingCycle Cycle => new(First, First.PlusDays(4));

        public Instant Start => DateTimeZoneProviders.Tzdb[Zone].AtStartOfDay(First).ToInstant() + Duration.FromMinutes(SkippedSteps * StepMinutes);

        public override string ToString() => $"{Zone} from {First} + {SkippedSteps} x {StepMinutes} min, {Window}";
    }

    /// <summary>Four days around a change of the clock (or any four), a series that starts and ends anywhere in them.</summary>
    private static Gen<Case> Cases() =>
        from zone in Gen.Elements(Zones)
        from first in Gen.Elements(new LocalDate(2026, 3, 27), new LocalDate(2026, 3, 6), new LocalDate(2026, 4, 3), new LocalDate(2026, 10, 2), new LocalDate(2026, 10, 23), new LocalDate(2026, 10, 30), new LocalDate(2026, 2, 13))
        from step in Gen.Elements(5, 10, 15)
        from window in Gen.Elements(15, 30, 60, 120, 720)
        from rolling in Gen.Elements(true, false)
        from roll in Gen.Elements(15, 30, 60)
        from skipped in Gen.Choose(0, 600 / step)
        from spikes in Gen.ListOf(Gen.Choose(0, 96 * 60 / step - 1), 6)
        from kw in Gen.ListOf(Gen.Choose(1, 400), 6)
        let length = window % step == 0 && window > step ? window : 30
        let stride = length % roll == 0 ? roll : length
        let most = (int)((DateTimeZoneProviders.Tzdb[zone].AtStartOfDay(first.PlusDays(4)).ToInstant() - DateTimeZoneProviders.Tzdb[zone].AtStartOfDay(first).ToInstant()).TotalMinutes / step) - skipped
        select new Case(zone, first, skipped, step, new DemandWindow { Minutes = length, Kind = rolling && stride < length ? WindowKind.Rolling : WindowKind.Block, StepMinutes = rolling && stride < length ? stride : null }, Load(most, [.. spikes], [.. kw]));

    /// <summary>A few plateaus of random length.</summary>
    private static ImmutableArray<decimal> Load(int count, int[] spikes, int[] kw)
    {
        var load = new decimal[count];
        for (var i = 0; i < spikes.Length; i++)
        {
            var from = spikes[i] % count;
            Array.Fill(load, kw[i], from, Math.Min(count - from, 1 + kw[i] % 9));
        }

        return [.. load];
    }

    /// <summary>Minute by minute: steps are runs of minutes with the same local step and offset; a window is the last steps that make its length.</summary>
    private static IEnumerable<decimal> ByMinutes(Case c)
    {
        var zone = DateTimeZoneProviders.Tzdb[c.Zone];
        var stride = c.Window.StepMinutes ?? c.Window.Minutes;
        var (from, until) = (zone.AtStartOfDay(c.First.PlusDays(-1)).ToInstant(), zone.AtStartOfDay(c.First.PlusDays(4)).ToInstant());
        var steps = new List<(object Key, Instant Start, decimal Sum, int Minutes)>();
        for (var at = from; at < until; at += Duration.FromMinutes(1))
        {
            var local = at.InZone(zone);
            var key = (local.Date, (local.Hour * 60 + local.Minute) / stride, local.Offset);
            var index = (at - c.Start).TotalMinutes / c.StepMinutes;
            var kw = index >= 0 && index < c.Kw.Length ? c.Kw[(int)index] : 0;
            if (steps.Count > 0 && steps[^1].Key.Equals(key))
            {
                steps[^1] = (key, steps[^1].Start, steps[^1].Sum + kw, steps[^1].Minutes + 1);
            }
            else
            {
                steps.Add((key, at, kw, 1));
            }
        }

        var wide = c.Window.Minutes / stride;
        var first = zone.AtStartOfDay(c.First).ToInstant();
        for (var i = wide - 1; i < steps.Count; i++)
        {
            if (steps[i].Start >= first)
            {
                yield return steps[(i - wide + 1)..(i + 1)].Sum(s => s.Sum) / steps[(i - wide + 1)..(i + 1)].Sum(s => s.Minutes);
            }
        }
    }

    private static decimal Billed(Case c)
    {
        var series = IntervalSeries.Create(c.Start, Duration.FromMinutes(c.StepMinutes), IntervalUnit.Kw, c.Kw.AsSpan());
        return Sample.Bill(PerKw(c.Zone, c.Window), series, c.Cycle).Months[0].LineItems.Sum(l => l.Quantity);
    }

    private static decimal Live(Case c)
    {
        var (meter, _) = Meter(PerKw(c.Zone, c.Window), c.Cycle, c.Start);
        for (var i = 0; i < c.Kw.Length; i++)
        {
            var from = c.Start + Duration.FromMinutes(i * c.StepMinutes);
            meter.Add(from, from + Duration.FromMinutes(c.StepMinutes), c.Kw[i] * c.StepMinutes / 60);
        }

        meter.Close(DateTimeZoneProviders.Tzdb[c.Zone].AtStartOfDay(c.Cycle.Until).ToInstant());
        return meter.Memory.Peaks.Values.Select(p => p.Kw).DefaultIfEmpty(0).Max();
    }

    private static (DemandMeter Meter, Instant Start) Meter(Tariff tariff, BillingCycle cycle, Instant? from = null)
    {
        var start = from ?? cycle.From.AtStartOfDayInZone(DateTimeZoneProviders.Tzdb[tariff.TimeZone]).ToInstant();
        var line = DemandLines.Create(tariff, Account.Plain, cycle.Month, []).Single();
        return (new DemandMeter(CompiledTariff.Compile(tariff), line, cycle, new DemandMemory { AsOf = start }), start);
    }
}
