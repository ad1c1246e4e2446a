using GridServices.Contracts;
using GridServices.EnvelopeHub.Sites;

namespace GridServices.EnvelopeHub.History;

/// <summary>What a tenant's controllers are told of the history. Replaced whole, and only when it says something else.</summary>
/// <param name="Epoch">The present history.</param>
/// <param name="Incomplete">True: limits may be missing, because not every publisher has restated.</param>
/// <param name="WaitingFor">The publishers that have not, in order; empty where none is known yet.</param>
public sealed record TenantHistory(string Epoch, bool Incomplete, IReadOnlyList<string> WaitingFor)
{
    public bool IsEquivalentTo(TenantHistory other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return string.Equals(Epoch, other.Epoch, StringComparison.Ordinal) && Incomplete == other.Incomplete && WaitingFor.SequenceEqual(other.WaitingFor, StringComparer.Ordinal);
    }

    /// <summary>The same for an answer that is made of another epoch's view: one is ending just now.</summary>
    public TenantHistory InEpoch(string epoch) => string.Equals(Epoch, epoch, StringComparison.Ordinal) ? this : new TenantHistory(epoch, true, WaitingFor);

    /// <summary>The same, told with one site's set: of a site with damaged streams limits are missing, whoever has restated.</summary>
    public TenantHistory With(SiteSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        return set.Damaged.IsEmpty || Incomplete ? this : this with { Incomplete = true };
    }
}

/// <summary>Puts into an answer that limits may be missing; an answer of a complete history stays as it is.</summary>
public static class HistoryStatements
{
    public static SiteSnapshot WithHistory(this SiteSnapshot snapshot, TenantHistory history) => IsIncomplete(history)
        ? snapshot with { Incomplete = true, WaitingFor = history.WaitingFor, Effective = snapshot.Effective.WithHistory(history) }
        : snapshot;

    public static EffectiveTimeline WithHistory(this EffectiveTimeline timeline, TenantHistory history) =>
        IsIncomplete(history) ? timeline with { Incomplete = true, WaitingFor = history.WaitingFor } : timeline;

    public static SiteEnvelopes WithHistory(this SiteEnvelopes envelopes, TenantHistory history) =>
        IsIncomplete(history) ? envelopes with { Incomplete = true, WaitingFor = history.WaitingFor } : envelopes;

    public static Heartbeat WithHistory(this Heartbeat heartbeat, TenantHistory history) =>
        IsIncomplete(history) ? heartbeat with { Incomplete = true, WaitingFor = history.WaitingFor } : heartbeat;

    private static bool IsIncomplete(TenantHistory history)
    {
        ArgumentNullException.ThrowIfNull(history);
        return history.Incomplete;
    }
}
