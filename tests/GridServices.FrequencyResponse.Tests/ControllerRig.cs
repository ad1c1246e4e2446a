using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Measurement;
using GridServices.Wire;
using NodaTime;

namespace GridServices.FrequencyResponse.Tests;

/// <summary>A controller with its two clocks, driven by hand.</summary>
internal sealed class ControllerRig
{
    public const long Second = 1_000_000_000;
    public const long Millisecond = 1_000_000;
    public static readonly Instant Noon = Instant.FromUtc(2027, 1, 15, 12, 0);

    private ControllerState _state;
    private long _fed;

    public ControllerRig(ControllerSettings settings)
    {
        var build = ControllerConfig.Build(settings);
        Config = build.Config ?? throw new InvalidOperationException(string.Join("; ", build.Faults));
        _state = _state.With(SiteConditions.Unbound);
    }

    public ControllerConfig Config { get; }

    public long Now { get; set; } = 1000 * Second;

    /// <summary>Wall clock minus monotonic clock, so that tests can step it.</summary>
    public Duration WallAhead { get; set; } = Noon - NodaConstants.UnixEpoch - Duration.FromSeconds(1000);

    public ControllerOutput Out { get; private set; }

    public ControllerState State => _state;

    public ServiceOutput Service => Out.Services[0];

    public static SourceConfig Meter(long period = 100 * Millisecond) => new() { Name = "pmu-1", PeriodNanos = period };

    public static ServiceContract Contract(string service, long watts = 1_000_000, Duration? length = null) => new()
    {
        Id = service,
        Service = ServiceCatalog.BuiltIn.Find(service)!,
        QuantityW = watts,
        Windows = [new Interval(Noon - Duration.FromHours(1), Noon + (length ?? Duration.FromHours(24 * 40)))],
    };

    public static ControllerSettings Settings(params ReadOnlySpan<ServiceContract> contracts) =>
        new() { Sources = [Meter()], Contracts = ValueList.Create(contracts) };

    public static ControllerRig For(string service) => new(Settings(Contract(service)));

    public ControllerRig Site(SiteConditions site)
    {
        _state = _state.With(site);
        return this;
    }

    /// <summary>The same clocks and state under other quantities.</summary>
    public ControllerRig Over(ControllerSettings settings, IReadOnlyList<double> ratios) =>
        new(settings) { Now = Now, WallAhead = WallAhead, _state = _state.Rescale(ratios) };

    public ControllerOutput Tick() => Step(null);

    public ControllerOutput Take(double hz, byte source = 0, double voltage = double.NaN, bool stamped = false) => Step(
        new FrequencySample(hz, double.NaN, voltage, Now, stamped ? Wall.ToUnixTimeTicks() * 100 : 0, SampleQuality.Good, source));

    public ControllerOutput Step(FrequencySample? sample)
    {
        var step = FrequencyController.Step(Config, in _state, in sample, Now, Wall);
        _state = step.State;
        return Out = step.Output;
    }

    /// <summary>Samples of one value at the meter's period for so long; the value dithers by a hair, as a live meter's does.</summary>
    public ControllerOutput Feed(double hz, double seconds, double period = 0.1)
    {
        for (var i = 0; i < (int)Math.Round(seconds / period); i++)
        {
            Advance(period);
            Take(hz + (_fed++ % 2 * 1e-12));
        }

        return Out;
    }

    /// <summary>Time without samples, looked at every 20 ms.</summary>
    public ControllerOutput Wait(double seconds)
    {
        for (var i = 0; i < (int)Math.Round(seconds / 0.02); i++)
        {
            Advance(0.02);
            Tick();
        }

        return Out;
    }

    public void Advance(double seconds) => Now += (long)Math.Round(seconds * 1e9);

    public Instant Wall => NodaConstants.UnixEpoch + Duration.FromNanoseconds(Now) + WallAhead;
}
