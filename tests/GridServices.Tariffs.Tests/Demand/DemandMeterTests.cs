using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Demand;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Tests.Demand;

public sealed class DemandMeterTests
{
    private static readonly BillingCycle January = new(new LocalDate(2026, 1, 1), new LocalDate(2026, 2, 1));
    private static readonly Instant Start = Instant.FromUtc(2026, 1, 15, 12, 0);

    [Fact]
    public void A_block_window_gives_back_what_was_saved_and_forgets_it_at_its_end()
    {
        var meter = Meter(WindowKind.Block, floor: 200);
        meter.Add(Start, At(6), 240 * 0.1m);
        var state = meter.State();
        Assert.Equal((Start, At(15), 24m, 200m), (state.WindowStart, state.WindowEnd, state.EnergyInWindowKwh, state.TargetKw));
        Assert.Equal(173.333m, Math.Round(state.Headroom!.AllowableKw, 3));
        meter.Add(At(6), At(15), 0);
        Assert.Equal((0m, 200m, 96m), (meter.State().EnergyInWindowKwh, meter.State().Headroom!.AllowableKw, meter.State().PeakToDateKw));
    }

    [Fact]
    public void Once_a_peak_is_set_it_is_the_target_until_the_reset()
    {
        var meter = Meter(WindowKind.Block, floor: 0);
        meter.Add(Start, At(15), 100);
        var state = meter.State();
        Assert.Equal((400m, 400m, 400m, 12m), (state.PeakToDateKw, state.TargetKw, state.Headroom!.AllowableKw, state.MarginalPrice));
        Assert.Equal((Start, Instant.FromUtc(2026, 2, 1, 0, 0)), (state.PeakAt!.Value, state.NextReset));
        Assert.True(state.IsStale(At(30), Duration.FromMinutes(2)));
    }

    [Fact]
    public void A_breach_that_import_alone_cannot_avoid_is_told()
    {
        var meter = Meter(WindowKind.Block, floor: 100);
        meter.Add(Start, At(14), 30);
        var headroom = meter.State().Headroom!;
        Assert.True(headroom.BreachCertain);
        Assert.Equal((0m, 120m), (headroom.AllowableKw, headroom.LeastWindowKw));
    }

    [Fact]
    public void Of_rolling_windows_the_tightest_open_one_binds()
    {
        var meter = Meter(WindowKind.Rolling, floor: 100);
        for (var minute = 1; minute <= 10; minute++)
        {
            meter.Add(At(minute - 1), At(minute), minute <= 5 ? 4 : 0);
        }

        // The window that opened with the first minute holds all 20 kWh and has 5 minutes left: (25 - 20) kWh x 12 = 60 kW.
        Assert.Equal((Start, 60m), (meter.State().WindowStart, meter.State().Headroom!.AllowableKw));
    }

    [Theory]
    [InlineData(WindowKind.Block, 1)]
    [InlineData(WindowKind.Rolling, 1)]
    [InlineData(WindowKind.Block, 7)]
    [InlineData(WindowKind.Rolling, 7)]
    public void Drawing_just_the_headroom_never_raises_the_peak_however_often_it_is_read(WindowKind kind, int perMinute)
    {
        var meter = Meter(kind, floor: 80);
        var random = new Random(5);
        for (var i = 0; i < 600 * perMinute; i++)
        {
            var (from, until) = (Start + Duration.FromSeconds(60L * i / perMinute), Start + Duration.FromSeconds(60L * (i + 1) / perMinute));
            var allowed = Math.Min(random.Next(0, 400), meter.Outlook(from, from + Duration.FromHours(1)).First().Kw);
            meter.Add(from, until, allowed * (decimal)(until - from).TotalSeconds / 3600);
        }

        // A rolling window may open between two readings and is then seen with the next one.
        Assert.InRange(meter.State().PeakToDateKw, 60, 80.0000001m);
    }

    [Fact]
    public void What_was_saved_goes_on_exactly_where_it_was()
    {
        foreach (var kind in new[] { WindowKind.Block, WindowKind.Rolling })
        {
            var (whole, parted) = (Meter(kind, floor: 10), Meter(kind, floor: 10));
            var random = new Random(7);
            for (var second = 0; second < 7200; second += 10)
            {
                var kwh = random.Next(0, 1000) / 1000m;
                whole.Add(Start + Duration.FromSeconds(second), Start + Duration.FromSeconds(second + 10), kwh);
                parted = Meter(kind, floor: 10, parted.Memory);
                parted.Add(Start + Duration.FromSeconds(second), Start + Duration.FromSeconds(second + 10), kwh);
            }

            Assert.Equal(whole.State(), parted.State());
            Assert.InRange(parted.Memory.Cells.Length, 0, kind == WindowKind.Block ? 2 : 17);
        }
    }

    [Fact]
    public void A_gap_is_neither_filled_with_the_reading_after_it_nor_does_it_free_its_share_of_the_window()
    {
        var meter = Meter(WindowKind.Block, floor: 100);
        meter.Add(Start, At(3), 5);
        meter.Add(At(9), At(10), 2);
        var state = meter.State();

        // 7 kWh known over 4 min; 6 min are unknown and count as drawn at 100 kW = 10 kWh: (25 - 17) kWh over 5 min = 96 kW.
        Assert.Equal((7m, 360m, 96m), (state.EnergyInWindowKwh, state.UnknownSeconds, state.Headroom!.AllowableKw));
        meter.Add(At(30), At(31), 1);
        Assert.Equal(28m, meter.State().PeakToDateKw);
    }

    [Fact]
    public void A_gap_of_months_costs_no_time()
    {
        var meter = Meter(WindowKind.Rolling, floor: 100);
        meter.Add(Start, At(1), 1);
        var later = Start + Duration.FromDays(2000);
        meter.Add(later, later + Duration.FromMinutes(1), 2);
        Assert.Equal(8m, meter.State().PeakToDateKw);
    }

    [Fact]
    public void The_outlook_reaches_over_the_window_to_the_targets_of_the_periods_to_come()
    {
        var tariff = CompiledTariff.Compile(Sample.Empty() with
        {
            Schedules = [Sample.OnOff(16, 21)],
            Demand = [new DemandCharge { Id = "d", Schedule = "tou", Rates = [Sample.PerKw("on", 20)], MinimumKw = 50 }],
        });
        var meter = Meter(tariff, new DemandMemory { AsOf = Start });
        meter.Add(Start, At(5), 30);
        var outlook = meter.Outlook(At(5), At(5) + Duration.FromHours(48)).ToArray();
        Assert.Equal([16, 16], outlook.Select(a => a.From.InUtc().Hour));
        Assert.All(outlook, a => Assert.Equal((50m, "on", 20m), (a.Kw, a.Period, a.PricePerKw)));
        Assert.Null(meter.State().Headroom);
    }

    [Fact]
    public void A_subscription_allows_what_its_blocks_hold_and_prices_the_overage()
    {
        var tariff = CompiledTariff.Compile(Sample.Empty() with
        {
            Subscriptions = [new SubscriptionCharge { Id = "ev", BlockKw = 50, BlockPrice = 95.56m, OveragePerKw = 3.82m, Blocks = 3 }],
            Adjustments = [new Adjustment { Id = "vat", Percent = 10 }],
        });
        var state = Meter(tariff, new DemandMemory { AsOf = Start }).State();
        Assert.Equal((150m, 150m, 3.82m, 1.1m), (state.TargetKw, state.Headroom!.AllowableKw, state.MarginalPrice, state.OnTopFactor));
    }

    [Fact]
    public void Samples_come_in_order() => Assert.Throws<ArgumentOutOfRangeException>(() => Meter(WindowKind.Block, 0).Add(At(-1), At(1), 1));

    private static Instant At(int minutes) => Start + Duration.FromMinutes(minutes);

    private static DemandMeter Meter(CompiledTariff tariff, DemandMemory memory) =>
        new(tariff, DemandLines.Create(tariff.Source, Account.Plain, January.Month, [])[0], January, memory);

    private static DemandMeter Meter(WindowKind kind, decimal floor, DemandMemory? memory = null)
    {
        var tariff = CompiledTariff.Compile(Sample.Empty() with
        {
            Demand = [new DemandCharge
            {
                Id = "d", Rates = [Sample.PerKw("all", 12)], MinimumKw = floor,
                Window = new DemandWindow { Minutes = 15, Kind = kind, StepMinutes = kind == WindowKind.Rolling ? 1 : null },
            }],
        });
        return Meter(tariff, memory ?? new DemandMemory { AsOf = Start });
    }
}
