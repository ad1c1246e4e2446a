using System.Runtime.InteropServices;
using GridServices.FrequencyResponse.Catalog;

namespace GridServices.FrequencyResponse.Performance;

/// <summary>How a service is doing at this moment, by its own settlement rule.</summary>
/// <param name="LowerPu">Least response allowed now; NaN where the rule has no bounds, or the frequency is not known.</param>
/// <param name="UpperPu">Most response allowed now.</param>
/// <param name="ResponsePu">What is given.</param>
/// <param name="ErrorPu">Distance outside the bounds now.</param>
/// <param name="WorstErrorPu">Settlement error of the period so far.</param>
/// <param name="PredictedFactor">What the period would be paid with if it ended now, 0..1.</param>
/// <param name="MeasuredSeconds">Time of the period that was scored.</param>
/// <param name="MissingSeconds">Time of the period without a valid frequency.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ComplianceNow(
    double LowerPu, double UpperPu, double ResponsePu, double ErrorPu, double WorstErrorPu, double PredictedFactor, double MeasuredSeconds, double MissingSeconds);

/// <summary>Scores a service while it runs: bounds, error so far, predicted factor. Samples may come at any rate; they are held onto the rule's own grid.</summary>
/// <remarks>Allocates nothing after its making; one thread.</remarks>
public sealed class VirtualCompliance
{
    /// <summary>Held no longer than this: beyond it the frequency is missing.</summary>
    private const long LongestHoldNanos = 2_000_000_000;

    private readonly GbDynamicScorer? _dynamic;
    private readonly FcrBand? _band;
    private readonly long _stepNanos;
    private long _tickNanos = long.MinValue;
    private double _hz = double.NaN;
    private double _pu;
    private long _measured;
    private long _missing;
    private bool _gap;
    private bool _paused;

    public VirtualCompliance(ServiceDefinition service)
    {
        ArgumentNullException.ThrowIfNull(service);
        var step = FcrBand.StepSeconds;
        if (service is { Settlement: SettlementRule.GbDynamic, Curve: { } curve })
        {
            var rule = GbDynamicRule.Of(service);
            (_dynamic, step) = (new GbDynamicScorer(rule, curve), rule.StepSeconds);
        }
        else if (service.Settlement == SettlementRule.FcrBand)
        {
            _band = new FcrBand(service);
        }

        _stepNanos = (long)Math.Round(step * 1e9);
        Now = new ComplianceNow(double.NaN, double.NaN, double.NaN, 0, 0, 1, 0, 0);
    }

    public ComplianceNow Now { get; private set; }

    /// <summary>What holds from now on.</summary>
    /// <param name="nowNanos">The monotonic clock.</param>
    /// <param name="hz">Valid frequency; NaN = none.</param>
    /// <param name="responsePu">Measured or commanded response, share of the quantity.</param>
    public void Add(long nowNanos, double hz, double responsePu)
    {
        _paused = false;
        if (_tickNanos == long.MinValue)
        {
            _tickNanos = nowNanos;
        }

        var held = 0L;
        for (; _tickNanos < nowNanos; _tickNanos += _stepNanos, held += _stepNanos)
        {
            if (held >= LongestHoldNanos)
            {
                // What is left of a long silence is missing as a whole, however long it was.
                var rest = ((nowNanos - _tickNanos - 1) / _stepNanos) + 1;
                Missing(rest);
                _tickNanos += rest * _stepNanos;
                break;
            }

            Tick();
        }

        (_hz, _pu) = (hz, responsePu);
    }

    /// <summary>Nothing is procured from now on, until the next sample: the time counts neither as measured nor as missing.</summary>
    public void Pause(long nowNanos)
    {
        if (!_paused)
        {
            Add(nowNanos, double.NaN, 0);
            _paused = true;
        }

        (_tickNanos, _gap) = (Math.Max(_tickNanos, nowNanos), true);
    }

    /// <summary>A settlement period begins.</summary>
    public void NewPeriod()
    {
        _dynamic?.NewPeriod();
        _band?.NewPeriod();
        (_measured, _missing) = (0, 0);
        Now = Now with { WorstErrorPu = 0, PredictedFactor = 1, MeasuredSeconds = 0, MissingSeconds = 0 };
    }

    private void Tick()
    {
        if (!double.IsFinite(_hz) || !double.IsFinite(_pu))
        {
            Missing(1);
            return;
        }

        if (_gap)
        {
            // Bounds of the time before the gap say nothing of the time after it.
            _dynamic?.Restart();
            _band?.Restart();
            _gap = false;
        }

        _measured++;
        var bounds = _dynamic?.Add(_hz, _pu) ?? _band?.Add(_hz, _pu) ?? new BoundedSample(double.NaN, double.NaN, 0);
        var worst = _dynamic?.Error ?? _band?.WorstPu ?? 0;
        var factor = _dynamic?.Factor ?? (_band is { Samples: > 0 } ? 1 - ((double)_band.Outside / _measured) : 1);
        Now = new ComplianceNow(bounds.LowerPu, bounds.UpperPu, _pu, bounds.ErrorPu, worst, factor, Seconds(_measured), Seconds(_missing));
    }

    private void Missing(long ticks)
    {
        _missing += ticks;
        _gap = true;
        Now = Now with { LowerPu = double.NaN, UpperPu = double.NaN, ErrorPu = 0, MissingSeconds = Seconds(_missing) };
    }

    private double Seconds(long ticks) => ticks * _stepNanos / 1e9;
}
