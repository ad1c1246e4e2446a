using System.Runtime.InteropServices;

namespace GridServices.FrequencyResponse.Curves;

/// <summary>One corner of a response curve.</summary>
/// <param name="Hz">Frequency in hertz.</param>
/// <param name="Pu">Response there as a share of the contracted quantity; + = raise the frequency (inject more, import less).</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Knot(double Hz, double Pu);

/// <summary>
/// What a service asks for at a frequency: straight lines between corners, a jump where two corners share a frequency,
/// and beyond the ends a constant slope (0 = the end value is held).
/// </summary>
/// <remarks>
/// <code>
///   pu  ‾‾\                    at a jump the larger response holds: a trigger of 49.7 Hz
///          \____               is met at 49.7 Hz exactly
///               ‾‾‾‾\___
///        Hz →
/// </code>
/// Immutable; <see cref="Evaluate"/> allocates nothing. A frequency that is no finite number gives NaN, never a response.
/// </remarks>
public sealed class ResponseCurve : IEquatable<ResponseCurve>
{
    /// <summary>Most corners of one curve.</summary>
    public const int MaxKnots = 256;

    private readonly double[] _hz;
    private readonly double[] _pu;

    private ResponseCurve(double[] hz, double[] pu, double slopeBelow, double slopeAbove)
    {
        (_hz, _pu, SlopeBelow, SlopeAbove) = (hz, pu, slopeBelow, slopeAbove);
    }

    /// <summary>Response that grows per hertz of fall below the first corner; 0 = held.</summary>
    public double SlopeBelow { get; }

    /// <summary>Response that is lost per hertz of rise above the last corner; 0 = held.</summary>
    public double SlopeAbove { get; }

    public int Count => _hz.Length;

    public Knot this[int index] => new(_hz[index], _pu[index]);

    /// <summary>Every corner, by rising frequency.</summary>
    public IEnumerable<Knot> Knots => Enumerable.Range(0, Count).Select(i => this[i]);

    /// <summary>A curve through corners in order of frequency; two corners, never three, may share a frequency.</summary>
    /// <exception cref="ArgumentException">No corner, too many, out of order, or not finite; <see cref="CurveRules"/> says it beforehand.</exception>
    public static ResponseCurve Through(params ReadOnlySpan<Knot> knots) => Through(knots, 0, 0);

    /// <inheritdoc cref="Through(ReadOnlySpan{Knot})"/>
    public static ResponseCurve Through(ReadOnlySpan<Knot> knots, double slopeBelow, double slopeAbove)
    {
        if (CurveRules.Fault(knots) is { } fault)
        {
            throw new ArgumentException(fault.Detail, nameof(knots));
        }

        var hz = new double[knots.Length];
        var pu = new double[knots.Length];
        for (var i = 0; i < knots.Length; i++)
        {
            (hz[i], pu[i]) = (knots[i].Hz, knots[i].Pu);
        }

        return new ResponseCurve(hz, pu, slopeBelow, slopeAbove);
    }

    /// <summary>Full response at and below the trigger, none above.</summary>
    public static ResponseCurve TriggerLow(double hz) => Through(new Knot(hz, 1), new Knot(hz, 0));

    /// <summary>Full negative response at and above the trigger, none below.</summary>
    public static ResponseCurve TriggerHigh(double hz) => Through(new Knot(hz, 0), new Knot(hz, -1));

    /// <summary>Nothing inside the dead band, straight lines without an end outside it.</summary>
    /// <param name="underHz">Lower end of the dead band.</param>
    /// <param name="overHz">Upper end of the dead band.</param>
    /// <param name="slopeUnder">pu per hertz below it.</param>
    /// <param name="slopeOver">pu per hertz above it.</param>
    public static ResponseCurve Droop(double underHz, double overHz, double slopeUnder, double slopeOver) =>
        underHz < overHz
            ? Through([new Knot(underHz, 0), new Knot(overHz, 0)], slopeUnder, slopeOver)
            : Through([new Knot(underHz, 0)], slopeUnder, slopeOver);

    /// <summary>The response at a frequency.</summary>
    public double Evaluate(double frequencyHz)
    {
        if (!double.IsFinite(frequencyHz))
        {
            return double.NaN;
        }

        var hz = _hz;
        var pu = _pu;
        var last = hz.Length - 1;
        if (frequencyHz < hz[0])
        {
            return pu[0] + ((hz[0] - frequencyHz) * SlopeBelow);
        }

        if (frequencyHz > hz[last])
        {
            return pu[last] - ((frequencyHz - hz[last]) * SlopeAbove);
        }

        var at = 0;
        while (hz[at] < frequencyHz)
        {
            at++;
        }

        if (hz[at] == frequencyHz)
        {
            return at < last && hz[at + 1] == frequencyHz && Math.Abs(pu[at + 1]) > Math.Abs(pu[at]) ? pu[at + 1] : pu[at];
        }

        return pu[at - 1] + ((pu[at] - pu[at - 1]) * ((frequencyHz - hz[at - 1]) / (hz[at] - hz[at - 1])));
    }

    /// <summary>The sum of curves, each times its weight (contracted watts for a curve in watts).</summary>
    public static ResponseCurve Sum(IReadOnlyList<(ResponseCurve Curve, double Weight)> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        var knots = new List<Knot>();
        foreach (var hz in parts.SelectMany(p => p.Curve._hz).Distinct().Order())
        {
            var (below, above) = (0.0, 0.0);
            foreach (var (curve, weight) in parts)
            {
                var sides = curve.GetSides(hz);
                below += weight * sides.Below;
                above += weight * sides.Above;
            }

            knots.Add(new Knot(hz, below));
            if (above != below)
            {
                knots.Add(new Knot(hz, above));
            }
        }

        return Through([.. knots], parts.Sum(p => p.Weight * p.Curve.SlopeBelow), parts.Sum(p => p.Weight * p.Curve.SlopeAbove));
    }

    /// <summary>The values that the curve comes to from below and from above: they differ at a jump only.</summary>
    private (double Below, double Above) GetSides(double hz)
    {
        var at = Array.IndexOf(_hz, hz);
        return at < 0 ? (Evaluate(hz), Evaluate(hz)) : (_pu[at], _pu[Array.LastIndexOf(_hz, hz)]);
    }

    public bool Equals(ResponseCurve? other) =>
        other is not null && SlopeBelow == other.SlopeBelow && SlopeAbove == other.SlopeAbove
        && _hz.AsSpan().SequenceEqual(other._hz) && _pu.AsSpan().SequenceEqual(other._pu);

    public override bool Equals(object? obj) => Equals(obj as ResponseCurve);

    public override int GetHashCode() => HashCode.Combine(Count, _hz[0], _pu[0], SlopeBelow, SlopeAbove);
}
