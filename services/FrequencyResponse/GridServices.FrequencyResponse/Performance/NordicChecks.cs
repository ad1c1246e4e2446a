using GridServices.FrequencyResponse.Curves;

namespace GridServices.FrequencyResponse.Performance;

/// <summary>One requirement against one measurement.</summary>
/// <param name="Rule">R1, R2 …, or linearity.</param>
/// <param name="Value">What was measured.</param>
/// <param name="Least">Smallest value allowed.</param>
/// <param name="Most">Largest value allowed.</param>
public sealed record NordicVerdict(string Rule, double Value, double Least, double Most)
{
    public bool Holds => Value >= Least && Value <= Most;
}

/// <summary>Requirements of the Nordic TSOs' technical requirements for FCR provision (2023) on a measured response.</summary>
/// <remarks>Responses are shares of the capacity without the baseline, + = raise. Steady state is the mean of the last 60 s of a step.</remarks>
public static class NordicChecks
{
    private const double Steady = 60;

    /// <summary>R1 on the FCR-N step sequence: steady response within −5 %/+20 % of theory, each way, around the mean of the two rests.</summary>
    public static IReadOnlyList<NordicVerdict> NormalStep(ReadOnlySpan<TimedValue> response, double theoryPu = 1)
    {
        var (rest, up, down, after) = (Before(response, 360), Before(response, 660), Before(response, 960), Before(response, 1260));
        var middle = (rest + after) / 2;
        return
        [
            new NordicVerdict("R1 up", (up - middle - theoryPu) / theoryPu, -0.05, 0.20),
            new NordicVerdict("R1 down", (down - middle + theoryPu) / theoryPu, -0.20, 0.05),
        ];
    }

    /// <summary>Linearity of FCR-N: each 10 s mean from 60 to 120 s after a step, up −5 %/+10 %, down −10 %/+5 % of full.</summary>
    public static IReadOnlyList<NordicVerdict> Linearity(ReadOnlySpan<TimedValue> response, ResponseCurve curve)
    {
        ArgumentNullException.ThrowIfNull(curve);
        var verdicts = new List<NordicVerdict>();
        var sequence = NordicSequence.NormalLinearity;
        for (var step = 0.0; step < sequence.EndSeconds; step += 120)
        {
            var theory = curve.Evaluate(sequence.At(step));
            var (worst, best) = (double.PositiveInfinity, double.NegativeInfinity);
            for (var from = step + 60; from <= step + 110; from++)
            {
                var off = TimedSeries.Mean(response, from, from + 10) - theory;
                (worst, best) = (Math.Min(worst, off), Math.Max(best, off));
            }

            var (least, most) = theory >= 0 ? (-0.05, 0.10) : (-0.10, 0.05);
            verdicts.Add(new NordicVerdict($"linearity at {sequence.At(step)} Hz", worst < least ? worst : best, least, most));
        }

        return verdicts;
    }

    /// <summary>
    /// R2, R3 of FCR-D on its ramp: at 7.5 s after leaving the activation limit at least 86 % of the steady response, and by then
    /// the energy of 3.2 s of it; R1: the steady response within −5 %/+20 %; no decrease before steady state.
    /// </summary>
    /// <param name="response">Magnitude of the response: a downward service with its sign turned round.</param>
    /// <param name="start">Second at which the ramp left the activation limit.</param>
    /// <param name="theoryPu">Steady response by the curve.</param>
    public static IReadOnlyList<NordicVerdict> DisturbanceRamp(ReadOnlySpan<TimedValue> response, double start = NordicSequence.RampStart, double theoryPu = 1)
    {
        var rest = TimedSeries.Mean(response, start - 20, start);
        var steady = Before(response, response[^1].Seconds) - rest;
        var share = (TimedSeries.At(response, start + 7.5) - rest) / steady;
        var energy = (TimedSeries.Integral(response, start, start + 7.5) - (7.5 * rest)) / steady;
        return
        [
            new NordicVerdict("R1", (steady - theoryPu) / theoryPu, -0.05, 0.20),
            new NordicVerdict("R2 power at 7.5 s", share, 0.86, double.PositiveInfinity),
            new NordicVerdict("R3 energy at 7.5 s", energy, 3.2, double.PositiveInfinity),
            new NordicVerdict("no decrease", LargestFall(response, start + 7.5) / steady, 0, 0.05),
        ];
    }

    /// <summary>R4 of FCR-D: within 40 s after the nadir, the energy above the curve's is at most 2.5 s of the steady response. Interpretation: only what lies above counts.</summary>
    /// <param name="hz">Measured frequency on the grid of the response.</param>
    /// <param name="response">Magnitude of the response.</param>
    /// <param name="curve">Of the service.</param>
    /// <param name="nadirSecond">When the frequency turned.</param>
    /// <param name="steadyPu">Steady response by the curve.</param>
    public static NordicVerdict Deactivation(ReadOnlySpan<TimedValue> hz, ReadOnlySpan<TimedValue> response, ResponseCurve curve, double nadirSecond, double steadyPu = 1)
    {
        ArgumentNullException.ThrowIfNull(curve);
        var over = 0.0;
        for (var i = 1; i < response.Length && response[i].Seconds <= nadirSecond + 40; i++)
        {
            if (response[i].Seconds > nadirSecond)
            {
                over += (response[i].Seconds - response[i - 1].Seconds) * Math.Max(0, response[i].Value - curve.Evaluate(hz[i].Value));
            }
        }

        return new NordicVerdict("R4 energy after the nadir", over / steadyPu, 0, 2.5);
    }

    private static double Before(ReadOnlySpan<TimedValue> response, double end) => TimedSeries.Mean(response, end - Steady, end);

    private static double LargestFall(ReadOnlySpan<TimedValue> response, double from)
    {
        var (most, fall) = (double.NegativeInfinity, 0.0);
        foreach (var point in response)
        {
            if (point.Seconds >= from)
            {
                most = Math.Max(most, point.Value);
                fall = Math.Max(fall, most - point.Value);
            }
        }

        return fall;
    }
}
