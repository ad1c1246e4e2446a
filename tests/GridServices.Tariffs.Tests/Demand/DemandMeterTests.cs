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
        meter.Add(Start + Duration.FromMinutes(6), 240 * 0.1m);
        var state = meter.State();
        Assert.Equal((Start, Start + Duration.FromMinutes(15), 24m, 200m), (state.WindowStart, state.WindowEnd, state.EnergyInWindowKwh, state.TargetKw));
        Assert.Equal(173.333m, Math.Round(state.Headroom.AllowableKw, 3));
        meter.Add(Start + Duration.FromMinutes(15), 0);
        Assert.Equal((0m, 200m, 96m), (meter.State().EnergyInWindowKwh, meter.State().Headroom.AllowableKw, meter.State().PeakToDateKw));
    }

    [Fact]
    public void Once_a_peak_is_set_it_is_the_target_until_the_reset()
    {
        var meter = Meter(WindowKind.Block, floor: 0);
        meter.Add(Start + Duration.FromMinutes(15), 100);
        var state = meter.State();
        Assert.Equal((400m, 400m, 400m, 12m), (state.PeakToDateKw, state.TargetKw, state.Headroom.AllowableKw, state.MarginalPrice));
        Assert.Equal(Instant.FromUtc(2026, 2, 1, 0, 0), state.NextReset);
        Assert.True(state.IsStale(Start + Duration.FromMinutes(30), Duration.FromMinutes(2)));
    }

    [Fact]
    public void A_breach_that_import_alone_cannot_avoid_is_told()
    {
        var meter = Meter(WindowKind.Block, floor: 100);
        meter.Add(Start + Duration.FromMinutes(14), 30);
        Assert.True(meter.State().Headroom.BreachCertain);
        Assert.Equal((0m, 120m), (meter.State().Headroom.AllowableKw, meter.State().Headroom.LeastWindowKw));
    }

    [Fact]
    public void Of_rolling_windows_the_tightest_open_one_binds()
    {
        var meter = Meter(WindowKind.Rolling, floor: 100);
        for (var minute = 1; minute <= 10; minute++)
        {
            meter.Add(Start + Duration.FromMinutes(minute), minute <= 5 ? 4 : 0);
        }

        // The window that opened with the first minute holds all 20 kWh and has 5 minutes left: (25 - 20) kWh x 12 = 60 kW.
        Assert.Equal((Start, 60m), (meter.State().WindowStart, meter.State().Headroom.AllowableKw));
    }

    [Fact]
    public void Drawing_just_the_headroom_never_raises_the_peak()
    {
        foreach (var kind in new[] { WindowKind.Block, WindowKind.Rolling })
        {
            var meter = Meter(kind, floor: 80);
            var random = new Random(5);
            for (var minute = 1; minute <= 600; minute++)
            {
                var wanted = random.Next(0, 400);
                var allowed = Math.Min(wanted, meter.State().Headroom.AllowableKw);
                meter.Add(Start + Duration.FromMinutes(minute), allowed / 60);
            }

            Assert.InRange(meter.State().PeakToDateKw, 60, 80.0000001m);
        }
    }

    [Fact]
    public void Samples_come_in_order() => Assert.Throws<ArgumentOutOfRangeException>(() => Meter(WindowKind.Block, 0).Add(Start, 1));

    private static DemandMeter Meter(WindowKind kind, decimal floor)
    {
        var tariff = CompiledTariff.Of(Sample.Empty() with { Demand = [new DemandCharge { Id = "d", Rates = [Sample.PerKw("all", 12)], Window = new DemandWindow { Minutes = 15, Kind = kind, StepMinutes = kind == WindowKind.Rolling ? 1 : null } }] });
        return new DemandMeter(tariff, tariff.Source.Demand[0], January, Start, _ => floor);
    }
}
