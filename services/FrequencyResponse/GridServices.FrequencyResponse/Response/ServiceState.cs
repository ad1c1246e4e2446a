using GridServices.FrequencyResponse.Safety;

namespace GridServices.FrequencyResponse.Response;

/// <summary>What the controller remembers of one contract.</summary>
internal struct ServiceState
{
    internal LadderState Ladder;
    internal LatchState Latch;
    internal DelayLine Delay;

    /// <summary>The response as given, share of the quantity.</summary>
    internal double Pu;
    internal double LagPu;

    /// <summary>The response as limited by a degree of freedom.</summary>
    internal double FreedomPu;
    internal int Steps;

    /// <summary>It was procured at the step before.</summary>
    internal bool Procured;

    /// <summary>The same power of another quantity. The delay and a relay's step keep what the curve asks for, which is a share of any quantity.</summary>
    /// <param name="ratio">The quantity so far ÷ the new one.</param>
    internal void Rescale(double ratio)
    {
        (Pu, LagPu, FreedomPu) = (Pu * ratio, LagPu * ratio, FreedomPu * ratio);

        // Held without a measurement is never more than what is left.
        var most = Math.Max(1, Math.Abs(Ladder.HeldPu));
        Ladder.HeldPu = Math.Clamp(Ladder.HeldPu * ratio, -most, most);
    }
}
