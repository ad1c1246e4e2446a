using GridServices.FrequencyResponse.Frames;
using GridServices.Simulators.Grid;
using GridServices.Simulators.Grid.Assets;
using GridServices.Simulators.Grid.Meters;
using GridServices.Simulators.Grid.Traces;
using GridServices.Testing;

namespace GridServices.FrequencyResponse.Tests.Simulation;

public sealed class GridModelTests
{
    [Fact]
    public void Every_event_is_a_plausible_grid_at_every_moment()
    {
        foreach (var trace in Events.Names.Select(n => Events.Named(n)))
        {
            for (var second = 0.0; second < 300; second += 0.25)
            {
                var moment = trace.At(second);
                Assert.InRange(moment.Hz, 40, 55);
                Assert.InRange(moment.VoltagePu, 0, 1.2);
            }
        }

        Assert.Throws<SimException>(() => Events.Named("meteor"));
    }

    [Fact]
    public void Demo_has_an_event_about_every_ninety_seconds()
    {
        var demo = Events.Named("demo");
        var events = 0;
        var before = false;
        for (var second = 0.0; second < 900; second += 0.5)
        {
            var now = Math.Abs(demo.At(second).Hz - 50) > 0.2;
            events += now && !before ? 1 : 0;
            before = now;
        }

        Assert.Equal(10, events);
    }

    [Theory]
    [InlineData("iberia_2025-04-28_toledo_2s.csv.gz", 2, 47, 48.6)]
    [InlineData("us_pmu_30fps_event_1.csv.gz", 1, 59.7, 59.8)]
    [InlineData("synthetic_gb_2019-08-09_1s.csv.gz", 1, 48.7, 48.9)]
    public void Recordings_are_played(string file, double step, double least, double most)
    {
        var trace = RecordedTrace.Load(TestData.Path($"frequency/real/{file}"), step);
        var lowest = double.PositiveInfinity;
        for (var second = 0.0; second <= trace.EndSeconds; second += 0.5)
        {
            var moment = trace.At(second);
            lowest = moment.VoltagePu > 0.5 ? Math.Min(lowest, moment.Hz) : lowest;
        }

        Assert.InRange(lowest, least, most);
    }

    [Fact]
    public void Recording_without_a_frequency_says_so() =>
        Assert.Contains("f_hz", Assert.Throws<SimException>(() => RecordedTrace.Read("x.csv", new StringReader("a,b\n1,2\n"), 1)).Message, StringComparison.Ordinal);

    [Fact]
    public void Meter_is_late_silent_and_frozen_as_told()
    {
        var meter = new Meter(new MeterSpec { DelaySeconds = 0.5, NoiseHz = 0, ResolutionHz = 0.001 }, Events.Named("step"));
        Assert.Equal(50, meter.Sample(10.4, 0)!.Value.Hz);
        Assert.Equal(49.6, meter.Sample(10.51, 0)!.Value.Hz, 1e-9);
        Assert.Null(new Meter(new MeterSpec(), Events.Named("loss")).Sample(30, 0));
        var frozen = new Meter(new MeterSpec(), Events.Named("frozen"));
        Assert.Equal(frozen.Sample(30, 0)!.Value.Hz, frozen.Sample(50, 0)!.Value.Hz);
        Assert.NotEqual(frozen.Sample(80, 0)!.Value.Hz, frozen.Sample(80.1, 0)!.Value.Hz);
    }

    [Fact]
    public void Noise_is_small_and_the_same_for_the_same_seed()
    {
        var (one, two) = (new Meter(new MeterSpec(), Events.Named("sine")), new Meter(new MeterSpec(), Events.Named("sine")));
        for (var i = 0; i < 1000; i++)
        {
            var sample = one.Sample(i * 0.1, 5)!.Value;
            Assert.Equal(sample, two.Sample(i * 0.1, 5));
            Assert.InRange(sample.Hz - Events.Named("sine").At((i * 0.1) - 0.1).Hz, -0.0004, 0.0004);
        }
    }

    [Fact]
    public void Battery_follows_after_its_delay_with_its_lag_and_loses_energy_both_ways()
    {
        var battery = new Bess("b", new BessSpec { DelaySeconds = 0.1, LagSeconds = 0.05, EnergyWh = 1000, MaxDischargeW = 10_000 });
        battery.Command(0, 20_000);
        battery.Advance(0.09);
        Assert.Equal(0, battery.PowerW);
        battery.Advance(0.1);
        battery.Advance(0.15);
        Assert.Equal(10_000 * (1 - Math.Exp(-1.2)), battery.PowerW, 1);
        battery.Advance(1);
        var before = battery.EnergyWh;
        battery.Advance(37);
        Assert.Equal(100 / 0.95, before - battery.EnergyWh, 0.1);
        battery.Advance(1000);
        Assert.Equal(0, battery.Soc);
        battery.Advance(1001);
        Assert.Equal(0, battery.PowerW, 1e-3);
    }

    [Fact]
    public void Chargers_draw_whole_amps_from_six_up_or_nothing()
    {
        var pool = new EvPool("p", new EvPoolSpec { Chargers = 3, DelaySeconds = 0.5 });
        Assert.Equal(-3 * 16 * 690, pool.DefaultW);
        for (var watts = 0; watts > -70_000; watts -= 777)
        {
            pool.Command(pool.Now, watts);
            pool.Advance(pool.Now + 0.6);
            pool.Advance(pool.Now + 5);
            Assert.All(pool.Amps, a => Assert.True(a is 0 or >= 6 and <= 32 && a == Math.Round(a), $"{a} A"));
            Assert.InRange(pool.PowerW, -3 * 32 * 690, 0);
            Assert.True(pool.PowerW >= watts - 1e-6, "never more load than asked for");
        }
    }

    [Fact]
    public void Assets_follow_frames_and_let_go_when_nothing_comes()
    {
        var world = new GridWorld(GridOptions.Parse(["--event", "calm"]));
        var bytes = new byte[UdpSetpointFrame.MaxSize];
        world.Tick(0, 0);
        var length = new UdpSetpointFrame(1, SetpointMarks.Responding, 2000, 5, 0, 1).Write(bytes, [GridWorld.BatteryNumber], [30_000]);
        Assert.True(world.Command(0, bytes.AsSpan(0, length)));
        world.Tick(0.2, 0);
        world.Tick(1, 0);
        Assert.Equal(30_000, world.Battery.PowerW, 1);
        var superseded = new UdpSetpointFrame(2, SetpointMarks.None, 2000, 4, 0, 1).Write(bytes, [GridWorld.BatteryNumber], [-30_000]);
        Assert.False(world.Command(1, bytes.AsSpan(0, superseded)));
        world.Tick(1.9, 0);
        Assert.Equal(30_000, world.Battery.PowerW, 1);
        world.Tick(2.1, 0);
        world.Tick(2.5, 0);
        world.Tick(4, 0);
        Assert.Equal(0, world.Battery.PowerW, 1);
        Assert.Equal((1, 1), (world.SetpointFrames, world.RefusedFrames));
    }

    [Fact]
    public void A_person_reads_what_happened()
    {
        var lines = new List<string>();
        var plain = new EventReporter(50, lines.Add);
        var dip = Events.Named("dip");
        for (var second = 0.0; second < 70; second += 0.1)
        {
            plain.Report(dip.At(second).Hz, second is > 30 and < 32, 20_000 * (50 - dip.At(second).Hz), 0);
        }

        Assert.Equal(4, lines.Count);
        Assert.StartsWith("The frequency falls: 49.8", lines[0], StringComparison.Ordinal);
        Assert.Equal(["The meter falls silent.", "The meter measures again."], lines[1..3]);
        Assert.Contains("at worst it was 49.550 Hz, and the assets gave +9.0 kW", lines[3], StringComparison.Ordinal);
    }
}
