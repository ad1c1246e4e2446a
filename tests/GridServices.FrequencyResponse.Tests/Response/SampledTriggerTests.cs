using FsCheck;
using FsCheck.Fluent;
using GridServices.FrequencyResponse.Catalog;

namespace GridServices.FrequencyResponse.Tests.Response;

/// <summary>A meter is sampled faster or slower than it measures, unevenly, with or without stamps, alone or beside a second one.</summary>
public sealed class SampledTriggerTests
{
    private static readonly double[] Periods = [0.02, 0.05, 0.1, 0.2, 0.5, 1.0];
    private static readonly double[] Rates = [0.1, 0.2, 0.25, 0.4, 0.5, 0.7, 1, 1.3, 1.8, 2.5, 5];

    /// <summary>Every switched service with every meter that measures often enough for it to act in time.</summary>
    private static readonly (string Service, double Period)[] Drives =
        [.. from service in ServiceCatalog.BuiltIn.Services
            where service is { Kind: ServiceKind.Switched, TriggerHz: not null }
            from period in Periods
            where period <= service.SampleAgeLimitSeconds && 5 * period <= service.FullActivationSeconds
            select (service.Id, period)];

    /// <summary>How a meter is sampled.</summary>
    /// <param name="Every">Periods between two samples, on the mean.</param>
    /// <param name="Held">Each measurement is shown until the next; false: each sample is a measurement.</param>
    /// <param name="Coarse">Values lie on a grid of 10 mHz, so that they repeat.</param>
    /// <param name="Stamped">Each measurement has its own stamp, which is trusted.</param>
    private sealed record Sampling(double Every, bool Held, bool Coarse, bool Stamped);

    private sealed record Drawn((string Service, double Period) Drive, Sampling[] Meters, int BadMilliherz, int Seed)
    {
        public override string ToString() => $"{Drive} {string.Join(" and ", Meters)} {BadMilliherz} mHz, seed {Seed}";
    }

    private static Arbitrary<Drawn> Draw()
    {
        var sampling = from every in Gen.Elements(Rates)
                       from held in Gen.Elements(true, false)
                       from coarse in Gen.Elements(true, false)
                       from stamped in Gen.Elements(true, false)
                       select new Sampling(every, held, coarse, stamped && !held);
        return (from drive in Gen.Elements(Drives)
                from count in Gen.Choose(1, 2)
                from meters in sampling.ArrayOf(count)
                from bad in Gen.Choose(10, 4_000)
                from seed in Gen.Choose(0, int.MaxValue - 1)
                select new Drawn(drive, meters, bad, seed)).ToArbitrary();
    }

    [Fact]
    public void Single_bad_measurements_switch_nothing() => Prop.ForAll(Draw(), drawn =>
    {
        var feed = new Feed(drawn);
        feed.Run(40, _ => false);
        for (var i = 0; i < 3; i++)
        {
            feed.BadIn = feed.Draw(drawn.Meters.Length);
            feed.Run(feed.Draw(8), _ => false);
            feed.RunUntilGood();
            feed.BadIn = feed.Draw(drawn.Meters.Length);
            feed.Run(40, _ => feed.Rig.Service.Phase == ServicePhase.Active);
        }

        Assert.True(feed.Rig.Service.Phase is ServicePhase.Ready or ServicePhase.NotReady, $"{feed.Rig.Service.Phase} of {drawn}");
        Assert.Equal(0, feed.Rig.Out.PowerW);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(600));

    // A meter that is sampled more slowly than it is stated to measure is lost between its samples, and says so. One that is sampled about as
    // often shows a measurement up to 2.3 periods late, and three of them are needed: the service's own time is kept for certain from 4 samples a period.
    [Fact]
    public void An_event_triggers_in_time_or_the_measurement_is_known_to_be_lost() => Prop.ForAll(Draw(), drawn =>
    {
        var feed = new Feed(drawn);
        feed.Run(40 + feed.Draw(20), _ => false);
        feed.Event = true;
        var (since, lost) = (feed.Rig.Now, false);
        var (service, slowest) = (ServiceCatalog.BuiltIn.Find(drawn.Drive.Service)!, drawn.Meters.Max(m => m.Every));
        var gaps = 1.2 * slowest * drawn.Drive.Period > Math.Min(2 * drawn.Drive.Period, service.SampleAgeLimitSeconds!.Value);
        feed.Run(20 * Math.Max(2, (int)slowest), rig =>
        {
            lost |= gaps && rig.Service.Phase == ServicePhase.NotReady;
            return rig.Service.Phase == ServicePhase.Active;
        });
        var took = (feed.Rig.Now - since) * 1e-9;
        var latest = slowest > 0.25 ? feed.LatestSeconds(slowest) : Math.Min(feed.LatestSeconds(slowest), service.FullActivationSeconds!.Value);
        Assert.True(lost || (feed.Rig.Service.Phase == ServicePhase.Active && took <= latest), $"{feed.Rig.Service.Phase} after {took} s, latest {latest}, of {drawn}");
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(600));

    /// <summary>Meters and their samples, in the order of time.</summary>
    private sealed class Feed
    {
        private readonly Random _random;
        private readonly Sampling[] _meters;
        private readonly double _period;
        private readonly double _nominal;
        private readonly double _trigger;
        private readonly double _bad;
        private readonly double[] _next;
        private readonly double[] _refresh;
        private readonly double[] _shown;
        private readonly long _start;
        private double _now;
        private int _good;

        public Feed(Drawn drawn)
        {
            var service = ServiceCatalog.BuiltIn.Find(drawn.Drive.Service)!;
            var down = service.Direction == ResponseDirection.Lower ? -1 : 1;
            (_random, _meters, _period, _nominal) = (new Random(drawn.Seed), drawn.Meters, drawn.Drive.Period, service.NominalHz);
            (_trigger, _bad) = (service.TriggerHz!.Value - (0.02 * down), service.TriggerHz!.Value - (down * drawn.BadMilliherz / 1000.0));
            (_next, _refresh, _shown) = (new double[_meters.Length], new double[_meters.Length], new double[_meters.Length]);
            Rig = new ControllerRig(ControllerRig.Settings(ControllerRig.Contract(drawn.Drive.Service)) with
            {
                Sources = [.. _meters.Select((_, i) => ControllerRig.Meter((long)(_period * 1e9)) with { Name = $"meter-{i}" })],
            });
            _start = Rig.Now;
        }

        public ControllerRig Rig { get; }

        /// <summary>The meter whose next measurement is bad; -1 = none.</summary>
        public int BadIn { get; set; } = -1;

        /// <summary>The frequency is beyond the trigger from now on.</summary>
        public bool Event { get; set; }

        public int Draw(int below) => _random.Next(below);

        // The first is shown after 1.1 periods, may be repeated for 2.25, and a new value within half a period of that is not yet another; each is found by the next sample.
        public double LatestSeconds(double every) => _period * (1.1 + 2.25 + 0.5 + (3 * 1.2 * every));

        public void Run(int periods, Func<ControllerRig, bool> until)
        {
            for (var end = _now + (periods * _period); _now < end;)
            {
                Sample();
                if (until(Rig))
                {
                    return;
                }
            }
        }

        /// <summary>Until the bad measurement was followed by a good one of each meter.</summary>
        public void RunUntilGood()
        {
            while (BadIn >= 0 || _good != (1 << _meters.Length) - 1)
            {
                Sample();
            }
        }

        private void Sample()
        {
            var meter = Array.IndexOf(_next, _next.Min());
            var (at, how) = (_next[meter], _meters[meter]);
            Wait(at);
            _next[meter] = at + (_period * how.Every * (0.8 + (0.4 * _random.NextDouble())));
            if (!how.Held || at >= _refresh[meter])
            {
                // A meter that freezes for a moment shows one measurement, the bad one, until the update after the next.
                var freezes = BadIn == meter;
                Measure(meter, how);
                _refresh[meter] = at + (_period * (0.9 + ((freezes ? 1.3 : 0.2) * _random.NextDouble())));
            }

            Rig.Take(_shown[meter], (byte)meter, stamped: how.Stamped);
        }

        /// <summary>Until then the controller acts by itself whenever something is due.</summary>
        private void Wait(double until)
        {
            var end = _start + (long)(until * 1e9);
            while (Rig.State.StepCount > 0 && Rig.Out.NextDueNanos < end)
            {
                Rig.Now = Rig.Out.NextDueNanos;
                Rig.Tick();
            }

            (Rig.Now, _now) = (end, until);
        }

        private void Measure(int meter, Sampling how)
        {
            var truth = Event ? _trigger : _nominal;
            _good |= 1 << meter;
            if (BadIn == meter)
            {
                (truth, BadIn, _good) = (_bad, -1, 0);
            }

            var noise = 0.002 * (_random.NextDouble() - 0.5);
            _shown[meter] = how.Coarse ? Math.Round(100 * (truth + noise)) / 100 : truth + noise;
        }
    }
}
