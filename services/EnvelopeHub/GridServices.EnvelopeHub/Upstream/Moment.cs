using System.Runtime.InteropServices;
using NodaTime;

namespace GridServices.EnvelopeHub.Upstream;

/// <summary>A moment by both clocks of the machine: the one that people read, which may be set, and the one that only goes on.</summary>
/// <param name="Wall">By the clock that may be set.</param>
/// <param name="Steady">By the clock that goes on, from any beginning.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Moment(Instant Wall, Duration Steady)
{
    /// <summary>When something was that the steady clock knows, told by the wall clock as it is set at this moment.</summary>
    public Instant ToWall(Duration steady) => Wall - (Steady - steady);

    /// <summary>
    /// What was stored at an instant of the wall clock, on the steady clock. Of the future, by a clock that was set back since, nobody knows how old it is:
    /// it counts as so old as given.
    /// </summary>
    public Duration ToSteady(Instant stored, Duration otherwise) => Steady - (stored > Wall ? otherwise : Wall - stored);
}
