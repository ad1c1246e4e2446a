using GridServices.Contracts;

namespace GridServices.Client;

/// <summary>What a person is told when the hub's history changes: nothing that was in force ends without a word.</summary>
internal static class HistoryNotices
{
    /// <summary>One line per change between two states.</summary>
    public static IEnumerable<string> Between(SiteHolding before, SiteHolding after)
    {
        if (ReferenceEquals(before.Set, after.Set))
        {
            yield break;
        }

        if (after.SiteUnknown && !before.SiteUnknown)
        {
            yield return $"the hub has never had anything for a site '{after.Set.SiteId}'; check the name (siteId). Until something is published for it, {WhatHolds(after)}";
        }

        if (after.Set.RewoundFrom is { } lost && before.Set.RewoundFrom is null)
        {
            yield return $"the hub's store was set back: it is at {after.Set.Cursor}, {lost} was held";
        }
        else if (before.Cursor is { } old && after.Cursor is { } now && !string.Equals(old.Epoch, now.Epoch, StringComparison.Ordinal))
        {
            yield return $"the hub began another history ({now.Epoch} after {old.Epoch})";
        }

        if (Names(Retention.All(after.Set).Where(e => IsNewlyRetained(before, after, e))) is { Length: > 0 } kept)
        {
            yield return $"not stated by the hub any more, kept in force until its publishers have restated: {kept}";
        }

        var ended = Retention.All(before.Set).Where(e => !IsHeld(after.Set, e) && !IsWithdrawn(after.Set, e)).DistinctBy(StreamKey.From);
        if (Names(ended) is { Length: > 0 } gone)
        {
            yield return $"no longer stated, though never withdrawn; the limits end: {gone}";
        }
    }

    private static string WhatHolds(SiteHolding state) => state.Blank || !Retention.All(state.Set).Any()
        ? "the limits of the beginning hold, where any are configured"
        : "all that was held before stays in force. If it is to end without that, stop the controller and remove its state file";

    private static bool IsNewlyRetained(SiteHolding before, SiteHolding after, Envelope envelope) =>
        after.Set.Retained.Contains(envelope) && !Retention.Keeps(before.Set, StreamKey.From(envelope));

    private static bool IsHeld(HeldSet set, Envelope envelope) => Retention.All(set).Any(e => StreamKey.From(e) == StreamKey.From(envelope));

    private static bool IsWithdrawn(HeldSet set, Envelope envelope) => set.Withdrawn.Any(w => StreamKey.From(w) == StreamKey.From(envelope));

    private static string Names(IEnumerable<Envelope> envelopes) =>
        string.Join(", ", envelopes.Select(e => $"{e.Stream} of {e.Target.Kind} {e.Target.Id} (revision {e.Revision})"));
}
