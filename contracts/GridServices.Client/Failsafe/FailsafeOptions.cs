using GridServices.Contracts;
using NodaTime;

namespace GridServices.Client;

/// <summary>The controller's own rules, where the streams state none.</summary>
public sealed record FailsafeOptions
{
    /// <summary>The limits of the site before the first contact ever (nothing persisted). Null: none.</summary>
    public Limits? InitLimits { get; init; }

    /// <summary>For envelopes without <c>failsafe</c>. Default: stale after 2 min, hold the schedule.</summary>
    public Failsafe Default { get; init; } = new() { StaleAfter = Duration.FromMinutes(2), OnStale = OnStale.HoldSchedule };
}
