using GridServices.OpenAdr.Messages;
using NodaTime;

namespace GridServices.OpenAdr.Configuration;

/// <summary>How limits come back after a program's event, so that a fleet neither snaps back nor starts in step.</summary>
/// <remarks>
/// <code>
///   limit  ────┐                                  ┌──── as without recovery
///              │                          ┌───────┘
///              │                  ┌───────┘
///              └─────event────────┘ share │  seconds │
///                                 end of the event
/// </code>
/// At no instant is a limit looser than it would be without recovery. Targets and prices end with the event.
/// </remarks>
public sealed record RecoveryPolicy
{
    internal const int MostSeconds = 86_400;

    /// <summary>How long the limits take to rise, s, 0 to 86,400, unless the event itself says so (OpenADR 2.0b x-eiRecovery, at most 86,400 s of it).</summary>
    public required int Seconds { get; init; }

    /// <summary>Before they rise, each site keeps the event's limits for a share of its own of these seconds, 0 to 86,400; the share is the same whenever it is computed.</summary>
    public int RandomSeconds { get; init; }

    public RecoveryShape Shape { get; init; } = RecoveryShape.Linear;

    /// <summary>In how many steps they rise, 1 to 60.</summary>
    public int Steps { get; init; } = 10;

    /// <summary>
    /// Where <c>importLimitW</c>, <c>loadLimitW</c> and <c>chargeLimitW</c> rise to, W, unless the program's default states it. Null: to the site's reference, else that of LOAD_CONTROL.
    /// What has nowhere to rise to is kept until the recovery ends.
    /// </summary>
    public long? FullPowerW { get; init; }

    // A negative x-eiRecovery lies inside the event; limits hold to the end of the event all the same.
    internal long SecondsAfter(OadrEvent received) =>
        received.ActivePeriod.Recovery?.ToDuration() is { } own && own > Duration.Zero ? (long)Math.Min(own.TotalSeconds, MostSeconds) : Seconds;
}

/// <summary>linear: by the same amount each step; slowStart: by more each step; hold: all at once when the recovery ends.</summary>
public enum RecoveryShape
{
    Linear,
    SlowStart,
    Hold,
}
