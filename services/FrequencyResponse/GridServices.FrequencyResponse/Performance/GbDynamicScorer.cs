using System.Runtime.InteropServices;
using GridServices.FrequencyResponse.Curves;

namespace GridServices.FrequencyResponse.Performance;

/// <summary>Bounds and error of one sample.</summary>
/// <param name="LowerPu">Least response allowed, share of the quantity.</param>
/// <param name="UpperPu">Most response allowed.</param>
/// <param name="ErrorPu">Distance outside the bounds; 0 inside.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct BoundedSample(double LowerPu, double UpperPu, double ErrorPu);

/// <summary>The performance error of NESO's dynamic services, sample by sample; the same code scores live and afterwards.</summary>
/// <remarks>Allocates nothing after its making. Source: NESO's illustrative performance code, as described in the rule.</remarks>
public sealed class GbDynamicScorer(GbDynamicRule rule, ResponseCurve curve)
{
    private readonly double[] _hz = new double[rule.LongLag + 1];
    private readonly double[] _errors = new double[rule.RollingSamples];
    private bool _fromRest;
    private double _lower;
    private double _upper;
    private long _count;

    /// <summary>The settlement error so far: the largest of the rolling minima.</summary>
    public double Error { get; private set; }

    /// <summary>What the period would be paid with if it ended now.</summary>
    public double Factor => rule.GetFactor(Error);

    public long Samples => _count;

    /// <summary>The next sample, one step after the one before.</summary>
    /// <param name="hz">A valid frequency.</param>
    /// <param name="responsePu">Response without baseline, share of the quantity, + = raise; NaN = not measured at this instant: the bounds go on, nothing is scored.</param>
    public BoundedSample Add(double hz, double responsePu)
    {
        if (_count == 0)
        {
            // The time before the first sample counts as the first sample.
            Array.Fill(_hz, hz);
        }

        _hz[(int)(_count % _hz.Length)] = hz;
        Bound();
        var known = !double.IsNaN(responsePu);
        var error = known ? Math.Max(0, Math.Max(_lower - responsePu, responsePu - _upper)) : 0;
        _errors[(int)(_count % _errors.Length)] = known ? error : double.PositiveInfinity;
        _count++;
        if (_count >= _errors.Length && Smallest(_errors) is var smallest && double.IsFinite(smallest))
        {
            Error = Math.Max(Error, smallest);
        }

        return new BoundedSample(_lower, _upper, error);
    }

    /// <summary>Forgets the error, as at the start of a settlement period; the bounds go on.</summary>
    public void NewPeriod() => Error = 0;

    /// <summary>Forgets everything, as after a gap in the measurement.</summary>
    /// <param name="fromRest">A block begins: the bounds open from no response, at the rule's own rates.</param>
    public void Restart(bool fromRest = false)
    {
        (_count, _fromRest) = (0, fromRest);
        Array.Clear(_errors);
    }

    private void Bound()
    {
        var (highest, lowest) = (double.NegativeInfinity, double.PositiveInfinity);
        for (var lag = rule.ShortLag; lag <= rule.LongLag; lag++)
        {
            var at = (int)((_count - lag) % _hz.Length);
            var hz = _hz[at < 0 ? at + _hz.Length : at];
            highest = Math.Max(highest, hz);
            lowest = Math.Min(lowest, hz);
        }

        var (lower, upper) = (curve.Evaluate(highest), curve.Evaluate(lowest));
        if (_count == 0)
        {
            (_lower, _upper) = _fromRest ? (Math.Min(lower, 0), Math.Max(upper, 0)) : (lower, upper);
            return;
        }

        var (slow, fast) = (rule.SlowPerSecond * rule.StepSeconds, rule.FastPerSecond * rule.StepSeconds);
        _lower = Math.Clamp(lower, _lower - fast, _lower + slow);
        _upper = Math.Clamp(upper, _upper - slow, _upper + fast);
    }

    private static double Smallest(double[] values)
    {
        var smallest = values[0];
        foreach (var value in values)
        {
            smallest = Math.Min(smallest, value);
        }

        return smallest;
    }
}
