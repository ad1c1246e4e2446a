using System.Runtime.InteropServices;
using GridServices.FrequencyResponse.Catalog;

namespace GridServices.FrequencyResponse.Performance;

/// <summary>How a service is doing at this moment, by its own settlement rule.</summary>
/// <param name="LowerPu">Least response allowed now; NaN where the rule has no bounds, or the frequency is not known.</param>
/// <param name="UpperPu">Most response allowed now.</param>
/// <param name="ResponsePu">What was measured; NaN = nothing was.</param>
/// <param name="ErrorPu">Distance outside the bounds now.</param>
/// <param name="WorstErrorPu">Settlement error of the period so far.</param>
/// <param name="PredictedFactor">What the period would be paid with if it ended now, 0..1.</param>
/// <param name="MeasuredSeconds">Time of the period that was scored.</param>
/// <param name="MissingSeconds">Time of the period without a valid frequency or without a reading.</param>
/// <param name="Source">Where the response comes from.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ComplianceNow(
    double LowerPu, double UpperPu, double ResponsePu, double ErrorPu, double WorstErrorPu, double PredictedFactor, double MeasuredSeconds, double MissingSeconds,
        MeterSource Source = MeterSource.None);

/// <summary>Scores a service while it runs: bounds, error so far, predicted factor. Samples may come at any rate; they are held onto the rule's own grid.</summary>
/// <remarks>Allocates nothing after its making; one thread.</remarks>
public sealed class VirtualCompliance
{
    /// <summary>Held no longer than this: beyond it the frequency is missing.</summary>
    private const long LongestHoldNanos = 2_000_000_000;

    /// <summary>Share of the quantity: less than this is not worth telling from nothing.</summary>
    private const double LeastDue = 0.02;

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
    private bool _fromRest;
    private bool _fresh;
    private bool _unread;
    private double _asked;
    private double _due;
    private long _dueTicks;
    private double _dueSum;
    private double _givenSum;
    private long _scored;
    private MeterSource _source;
    private readonly long _fullTicks;
    private readonly SettlementRule _rule;
    private readonly ReadingCoverage _cover;

    /// <summary>A signal or an instruction is due whether or not anybody measures the frequency.</summary>
    private readonly bool _byFrequency;

    public VirtualCompliance(ServiceDefinition service)
    {
        ArgumentNullException.ThrowIfNull(service);
        _rule = service.Settlement;
        _byFrequency = service.Kind is not (ServiceKind.Signal or ServiceKind.Instruction);
        var step = FcrBand.StepSeconds;
        if (service is { Settlement: SettlementRule.GbDynamic, Curve: { } curve })
        {
            var rule = GbDynamicRule.For(service);
            (_dynamic, step) = (new GbDynamicScorer(rule, curve), rule.StepSeconds);
        }
        else if (service.Settlement == SettlementRule.FcrBand)
        {
            _band = new FcrBand(service);
        }

        _stepNanos = (long)Math.Round(step * 1e9);
        _cover = new ReadingCoverage(step);
        _fullTicks = (long)((service.FullActivationSeconds ?? 1) / step);
        Now = new ComplianceNow(double.NaN, double.NaN, double.NaN, 0, 0, 1, 0, 0);
    }

    public ComplianceNow Now { get; private set; }

    /// <summary>What the factor of the period so far is made of.</summary>
    public PeriodScore Score
    {
        get
        {
            var (raise, lower) = _band is null ? ((Due: _dueSum, Given: _givenSum), default) : (_band.Raise, _band.Lower);
            var (shown, unshown) = _cover.Steps;
            return new PeriodScore
            {
                LeastFactor = _dynamic?.Factor,
                Scored = _scored,
                Outside = _band?.Outside ?? 0,
                RaiseDue = raise.Due,
                RaiseGiven = raise.Given,
                LowerDue = lower.Due,
                LowerGiven = lower.Given,
                ShownSteps = shown,
                UnshownSteps = unshown,
            };
        }
    }

    /// <summary>What holds from now on.</summary>
    /// <param name="nowNanos">The monotonic clock.</param>
    /// <param name="hz">Valid frequency; NaN = none: not measured, but for services that are told what to do.</param>
    /// <param name="responsePu">Measured response, share of the quantity; NaN = not measured.</param>
    /// <param name="askedPu">What the service asks for; where it has no rule of its own, delivery is scored against it.</param>
    /// <param name="fresh">The response is of this very instant. False: held from before, known and not scored again.</param>
    /// <param name="source">Where the response comes from.</param>
    public void Add(long nowNanos, double hz, double responsePu, double askedPu = double.NaN, bool fresh = true, MeterSource source = MeterSource.Meter)
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
                _cover.End();
                _tickNanos += rest * _stepNanos;
                break;
            }

            Tick();
        }

        (_hz, _asked) = (hz, askedPu);
        if (fresh || !_unread || !double.IsFinite(responsePu))
        {
            // A reading that no step has seen yet is not overwritten by what is held after it, however fast the samples come.
            (_pu, _fresh, _source, _unread) = (responsePu, fresh, source, fresh && double.IsFinite(responsePu));
        }
    }

    /// <summary>Nothing is procured from now on, until the next sample: the time counts neither as measured nor as missing.</summary>
    public void Pause(long nowNanos)
    {
        if (!_paused)
        {
            Add(nowNanos, double.NaN, _byFrequency ? 0 : double.NaN);
            (_paused, _fromRest) = (true, true);
            _cover.End();
        }

        (_tickNanos, _gap) = (Math.Max(_tickNanos, nowNanos), true);
    }

    /// <summary>A settlement period begins.</summary>
    public void NewPeriod()
    {
        _dynamic?.NewPeriod();
        _band?.NewPeriod();
        _cover.NewPeriod();
        (_measured, _missing, _scored, _dueSum, _givenSum) = (0, 0, 0, 0, 0);
        Now = Now with { WorstErrorPu = 0, PredictedFactor = 1, MeasuredSeconds = 0, MissingSeconds = 0 };
    }

    private void Tick()
    {
        _unread = false;
        var isKnown = !_byFrequency || double.IsFinite(_hz);
        Grow(isKnown ? _asked : double.NaN);
        var isRead = isKnown && double.IsFinite(_pu);
        _cover.Add(Math.Abs(Due) >= LeastDue, isRead, isRead && _fresh);
        if (!isRead)
        {
            Missing(1);
            return;
        }

        if (_gap)
        {
            // Bounds of the time before the gap say nothing of the time after it.
            _dynamic?.Restart(_fromRest);
            _band?.Restart();
            (_gap, _fromRest) = (false, false);
        }

        _measured++;
        _scored += _fresh ? 1 : 0;
        var response = _fresh ? _pu : double.NaN;
        var bounds = _dynamic?.Add(_hz, response) ?? _band?.Add(_hz, response) ?? Deliver(response);
        var worst = _dynamic?.Error ?? _band?.WorstPu ?? 0;
        Now = new ComplianceNow(bounds.LowerPu, bounds.UpperPu, _pu, bounds.ErrorPu, worst, Score.GetFactor(_rule), Seconds(_measured), Seconds(_missing), _source);
    }

    /// <summary>What is due now: by a rule with a band what is asked for, else what was asked for long enough.</summary>
    private double Due => _dynamic is null && _band is null ? _due : double.IsFinite(_asked) ? _asked : 0;

    /// <summary>A service without a rule of its own: what is asked is due once its time for full activation has passed.</summary>
    private void Grow(double asked)
    {
        if (!double.IsFinite(asked) || Math.Abs(asked) <= Math.Abs(_due))
        {
            (_due, _dueTicks) = (double.IsFinite(asked) ? asked : 0, 0);
        }
        else if (++_dueTicks > _fullTicks)
        {
            (_due, _dueTicks) = (asked, 0);
        }
    }

    /// <summary>95 % of what is due counts as all.</summary>
    private BoundedSample Deliver(double response)
    {
        const double Enough = 0.95;
        if (double.IsNaN(response) || Math.Abs(_due) < LeastDue)
        {
            return new BoundedSample(double.NaN, double.NaN, 0);
        }

        var given = Math.Clamp(response * Math.Sign(_due), 0, Math.Abs(_due));
        _dueSum += Math.Abs(_due);
        _givenSum += given >= Enough * Math.Abs(_due) ? Math.Abs(_due) : given;
        return new BoundedSample(double.NaN, double.NaN, Math.Abs(_due) - given);
    }

    private void Missing(long ticks)
    {
        _missing += ticks;
        _gap = true;
        Now = Now with { LowerPu = double.NaN, UpperPu = double.NaN, ResponsePu = _pu, ErrorPu = 0, PredictedFactor = Score.GetFactor(_rule), MissingSeconds = Seconds(_missing), Source = _source };
    }

    private double Seconds(long ticks) => ticks * _stepNanos / 1e9;
}
