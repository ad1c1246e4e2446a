using FsCheck;
using FsCheck.Fluent;
using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Measurement;
using GridServices.FrequencyResponse.Response;
using GridServices.Wire;

namespace GridServices.FrequencyResponse.Tests.Response;

/// <summary>In whatever state the latch is, and however many sources vote: no single sample of any one of them moves it.</summary>
public sealed class LatchedStateTests
{
    private static readonly ServiceDefinition[] Switched = [.. ServiceCatalog.BuiltIn.Services.Where(s => s is { Kind: ServiceKind.Switched, TriggerHz: not null })];

    private static readonly Arbitrary<(ServiceDefinition Service, int Sources, History History)> Histories = Gen.Elements(
        from service in Switched
        from sources in new[] { 1, 2, 3 }
        from history in Enum.GetValues<History>()
        select (service, sources, history)).ToArbitrary();

    private static readonly Arbitrary<OddSample> OddSamples =
        (from hz in Gen.Choose(-4_900, 4_900)
         from source in Gen.Choose(0, 2)
         from delivery in Gen.Elements(Enum.GetValues<Delivery>())
         from stamped in Gen.Elements(true, false)
         select new OddSample(hz / 1000.0, source, delivery, stamped)).ToArbitrary();

    /// <summary>What came before the odd sample.</summary>
    private enum History
    {
        /// <summary>A quiet grid: armed.</summary>
        Quiet,

        /// <summary>Just triggered: active, its support not over.</summary>
        Triggered,

        /// <summary>Beyond the trigger until support and re-arming time are over: waiting for the frequency alone, to release or to arm again.</summary>
        Beyond,
    }

    private enum Delivery
    {
        InTime, Twice, Late, InPlaceOfTwo,
    }

    /// <summary>A sample that does not fit.</summary>
    /// <param name="Apart">From the nominal frequency, Hz.</param>
    /// <param name="Source">Whose it is, modulo the number of sources.</param>
    /// <param name="Delivery">How it comes.</param>
    /// <param name="Stamped">Samples carry their time.</param>
    private sealed record OddSample(double Apart, int Source, Delivery Delivery, bool Stamped);

    [Fact]
    public void NoSingleSampleMovesTheLatch() => Prop.ForAll(Histories, OddSamples, (start, odd) =>
    {
        var (clean, odder) = (new Drive(start.Service, start.Sources, odd.Stamped), new Drive(start.Service, start.Sources, odd.Stamped));
        foreach (var drive in new[] { clean, odder })
        {
            drive.Begin(start.History);
            Assert.True(start.History != History.Triggered || drive.Rig.Service.Phase == ServicePhase.Active, $"{start.Service.Id} did not trigger.");
        }

        for (var i = 0; i < 40; i++)
        {
            clean.Next(null);
            odder.Next(i == 10 || (i == 11 && odd.Delivery == Delivery.InPlaceOfTwo && !odd.Stamped) ? odd : null);
        }

        return odder.Rig.Service.Phase == clean.Rig.Service.Phase && odder.Rig.Out.PowerW.Equals(clean.Rig.Out.PowerW);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(400));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void TwoSamplesOfEverySourceLetItGo(int sources)
    {
        var released = 0;
        foreach (var service in Switched)
        {
            var drive = new Drive(service, sources, stamped: true);
            drive.Begin(History.Beyond);
            var held = drive.Rig.Service.Phase;
            drive.Return();
            released += held == ServicePhase.Active && drive.Rig.Service.Phase != ServicePhase.Active ? 1 : 0;
        }

        Assert.True(released > 0, "No service of the catalog is released by the frequency: the property above proves less than it says.");
    }

    /// <summary>A controller of one service whose sources all measure the same grid.</summary>
    private sealed class Drive
    {
        private readonly ServiceDefinition _service;
        private readonly int _sources;
        private readonly bool _stamped;
        private readonly double _period;
        private double _grid;
        private long _fed;

        public Drive(ServiceDefinition service, int sources, bool stamped)
        {
            (_service, _sources, _stamped, _grid) = (service, sources, stamped, service.NominalHz);
            _period = Math.Min(service.SampleAgeLimitSeconds ?? 0.5, 0.5);
            SourceConfig[] meters = [.. Enumerable.Range(1, sources).Select(i => new SourceConfig { Name = $"pmu-{i}", PeriodNanos = (long)(_period * 1e9) })];
            Rig = new ControllerRig(ControllerRig.Settings(ControllerRig.Contract(service.Id)) with { Sources = ValueList.Create<SourceConfig>(meters) });
        }

        public ControllerRig Rig { get; }

        public void Begin(History history)
        {
            Feed(20);
            if (history == History.Quiet)
            {
                return;
            }

            _grid = _service.TriggerHz!.Value + (_service.Direction == ResponseDirection.Lower ? 0.01 : -0.01);
            var rules = ServiceDefaults.Switched(_service)!;
            Feed(history == History.Triggered ? 3 : 3 + (int)(Math.Max(rules.SupportNanos, rules.RearmNanos) / 1e9 / _period));
        }

        public void Return()
        {
            _grid = _service.NominalHz;
            Feed(4);
        }

        public void Next(OddSample? odd)
        {
            Rig.Advance(_period);
            _fed++;
            for (var source = 0; source < _sources; source++)
            {
                if (odd is null || odd.Source % _sources != source)
                {
                    Take(source, Measured);
                    continue;
                }

                if (odd.Delivery == Delivery.Late)
                {
                    Take(source, Measured);
                }

                Take(source, _service.NominalHz + odd.Apart);
                if (odd.Delivery == Delivery.Twice)
                {
                    Take(source, _service.NominalHz + odd.Apart);
                }
            }
        }

        // A live meter's value dithers by a hair.
        private double Measured => _grid + (_fed % 3 * 1e-9);

        private void Feed(int rounds)
        {
            for (var i = 0; i < rounds; i++)
            {
                Next(null);
            }
        }

        private void Take(int source, double hz) => Rig.Take(hz, (byte)source, stamped: _stamped);
    }
}
