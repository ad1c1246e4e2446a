using System.Runtime.InteropServices;

namespace GridServices.FrequencyResponse.Measurement;

/// <summary>
/// How finely a meter really measures, whatever its settings say: in each span of <see cref="Span"/> changes the coarsest grid that every value lies on.
/// A value that lies on none is finer than any service asks for.
/// </summary>
internal static class MeasuredStep
{
    private const int Span = 50;

    /// <summary>A constant frequency lies on every grid: the span must cover a few steps before it says anything.</summary>
    private const int LeastSteps = 2;

    private static readonly double[] GridsHz = [0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001];

    internal static void Note(ref StepState state, double hz, double before)
    {
        if (Math.Abs(hz - before) < 1e-6)
        {
            return;
        }

        if (state.Changes == 0)
        {
            (state.Grids, state.OriginHz, state.LowestHz, state.HighestHz) = ((1 << GridsHz.Length) - 1, before, before, before);
        }

        (state.LowestHz, state.HighestHz) = (Math.Min(state.LowestHz, hz), Math.Max(state.HighestHz, hz));
        for (var i = 0; i < GridsHz.Length && state.Grids != 0; i++)
        {
            // Counted from a value of the meter itself: its grid may have an offset.
            var steps = (hz - state.OriginHz) / GridsHz[i];
            state.Grids &= Math.Abs(steps - Math.Round(steps)) * GridsHz[i] > 1e-5 ? ~(1 << i) : -1;
        }

        if (++state.Changes == Span)
        {
            state.StepHz = Coarsest(in state);
            state.Changes = 0;
        }
    }

    private static double Coarsest(in StepState state)
    {
        for (var i = 0; i < GridsHz.Length; i++)
        {
            if ((state.Grids & (1 << i)) != 0 && state.HighestHz - state.LowestHz >= LeastSteps * GridsHz[i] - 1e-6)
            {
                return GridsHz[i];
            }
        }

        return 0;
    }
}

/// <summary>What is known of a source's step.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct StepState
{
    /// <summary>As measured in the last whole span; 0 = not coarse, or not known.</summary>
    internal double StepHz;
    internal int Changes;
    internal int Grids;
    internal double OriginHz;
    internal double LowestHz;
    internal double HighestHz;
}
