namespace GridServices.FrequencyResponse.Curves;

/// <summary>What is wrong with a list of corners.</summary>
/// <param name="Index">The corner at fault; -1 = the list as a whole.</param>
/// <param name="Detail">What is wrong and how to fix it, one line.</param>
public sealed record CurveFault(int Index, string Detail);

/// <summary>When a list of corners is a curve.</summary>
public static class CurveRules
{
    /// <summary>The first fault, or null where the corners make a curve.</summary>
    public static CurveFault? Fault(ReadOnlySpan<Knot> knots)
    {
        if (knots.Length is 0 or > ResponseCurve.MaxKnots)
        {
            return new CurveFault(-1, $"{knots.Length} corners; a curve has 1 to {ResponseCurve.MaxKnots}");
        }

        for (var i = 0; i < knots.Length; i++)
        {
            if (!double.IsFinite(knots[i].Hz) || !double.IsFinite(knots[i].Pu))
            {
                return new CurveFault(i, "a corner is two finite numbers, frequency and response");
            }

            if (i > 0 && knots[i].Hz < knots[i - 1].Hz)
            {
                return new CurveFault(i, $"{knots[i].Hz} Hz after {knots[i - 1].Hz} Hz; sort the corners by rising frequency");
            }

            if (i > 1 && knots[i].Hz == knots[i - 2].Hz)
            {
                return new CurveFault(i, $"three corners at {knots[i].Hz} Hz; a jump has two");
            }
        }

        return null;
    }
}
