using GridServices.FrequencyResponse;
using GridServices.FrequencyResponse.Measurement;
using GridServices.FrequencyResponse.Performance;
using GridServices.Simulators.Grid.Assets;
using GridServices.Simulators.Grid.Meters;
using NodaTime;

namespace GridServices.Simulators.Grid.ClosedLoop;

/// <summary>Runs a loop in steps of 10 ms of its own time; the same spec gives the same run.</summary>
public sealed class ClosedLoopRun
{
    private const int StepsPerSecond = 100;
    private const int StepsPerPoint = 5;
    private static readonly Instant Begin = Instant.FromUtc(2027, 1, 15, 12, 0);

    private readonly ClosedLoopSpec _spec;
    private readonly ControllerConfig _config;
    private readonly Meter _meter;
    private readonly AssetModel _asset;
    private readonly double _baselineW;
    private readonly GbDynamicScorer? _scorer;
    private readonly List<LoopPoint> _points = [];
    private ControllerState _state;
    private ControllerOutput _output;
    private double _commandW;

    private ClosedLoopRun(ClosedLoopSpec spec)
    {
        _spec = spec;
        _meter = new Meter(spec.Meter, spec.Trace);
        _asset = spec.Chargers is { } chargers ? new EvPool("chargers", chargers) : new Bess("battery", spec.Battery);
        _baselineW = _asset.DefaultW;
        _commandW = _baselineW;
        _scorer = spec.Service.Settlement == FrequencyResponse.Catalog.SettlementRule.GbDynamic
            ? new GbDynamicScorer(GbDynamicRule.For(spec.Service), spec.Service.Curve!)
            : null;
        _config = Configure(spec);
        _state = _state.With(SiteConditions.Unbound with { BaselineW = _baselineW });
    }

    /// <summary>Twenty points a second.</summary>
    public IReadOnlyList<LoopPoint> Points => _points;

    /// <summary>Error by the GB performance rule; NaN for other services.</summary>
    public double Error => _scorer?.Error ?? double.NaN;

    public static ClosedLoopRun Simulate(ClosedLoopSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var run = new ClosedLoopRun(spec);
        var steps = (int)Math.Round(spec.Seconds * StepsPerSecond);
        var perSample = Math.Max(1, (int)Math.Round(spec.Meter.PeriodSeconds * StepsPerSecond));
        for (var i = 0; i <= steps; i++)
        {
            run.Step(i, i % perSample == 0);
        }

        return run;
    }

    private static ControllerConfig Configure(ClosedLoopSpec spec)
    {
        var delay = spec.Chargers?.DelaySeconds ?? (spec.Battery.DelaySeconds + spec.Battery.LagSeconds);
        var build = ControllerConfig.Build(new ControllerSettings
        {
            Sources = [new SourceConfig { Name = "meter", PeriodNanos = Nanos(spec.Meter.PeriodSeconds), PathNanos = Nanos(spec.Meter.DelaySeconds) }],
            Contracts =
            [
                new ServiceContract
                {
                    Id = "contract", Service = spec.Service, QuantityW = (long)spec.QuantityW, Shaping = spec.Shaping,
                    Windows = [new Interval(Begin - Duration.FromHours(1), Begin + Duration.FromDays(40))],
                },
            ],
            AssetDelayNanos = Nanos(delay),
        });
        return build.Config ?? throw new SimException(string.Join("; ", build.Faults));
    }

    private void Step(int step, bool samples)
    {
        var second = (double)step / StepsPerSecond;
        var now = Nanos(second) + 1;
        FrequencySample? sample = samples && _meter.Sample(second, 0) is { } frame ? frame.ToSample(now, 0) : null;
        if (sample is not null || now >= _output.NextDueNanos)
        {
            var turn = FrequencyController.Step(_config, in _state, in sample, now, Begin + Duration.FromNanoseconds(now));
            (_state, _output) = (turn.State, turn.Output);
            if (_output.Dispatch)
            {
                _commandW = _output.PowerW;
                _asset.Command(second, _commandW);
            }
        }

        _asset.Advance(second);
        if (step % StepsPerPoint == 0)
        {
            Note(second);
        }
    }

    private void Note(double second)
    {
        var grid = _spec.Trace.At(second);
        var response = _asset.PowerW - _baselineW;
        var bounds = _scorer?.Add(grid.Hz, response / _spec.QuantityW);
        _points.Add(new LoopPoint(
            second, grid.Hz, grid.VoltagePu, _commandW, response, bounds?.LowerPu ?? double.NaN, bounds?.UpperPu ?? double.NaN, _output.Reasons));
    }

    private static long Nanos(double seconds) => (long)Math.Round(seconds * 1e9);
}
