using GridServices.Contracts;
using NodaTime;

namespace GridServices.Client;

/// <summary>The controller's own rules, where the streams state none.</summary>
public sealed record FailsafeOptions
{
    /// <summary>The limits of the site before the first contact ever (nothing persisted). Null: none.</summary>
    public Limits? InitLimits { get; init; }

    /// <summary>
    /// For envelopes without <c>failsafe</c>. Default: stale after 2 min, hold the schedule. Its limits, where there are any, hold beside the schedule of such a stream, the tighter of both.
    /// Its <c>staleAfter</c> is also how long silence, an incomplete hub, and the loss of a utility whose stream states nothing leave <see cref="SiteLimits.IsKnown"/> as it was.
    /// </summary>
    public Failsafe Default { get; init; } = new() { StaleAfter = Duration.FromMinutes(2), OnStale = OnStale.HoldSchedule };
}
