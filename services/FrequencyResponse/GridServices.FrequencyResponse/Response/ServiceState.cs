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
}
