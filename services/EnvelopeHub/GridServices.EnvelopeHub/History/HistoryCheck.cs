namespace GridServices.EnvelopeHub.History;

/// <summary>What the store says of its own history.</summary>
/// <param name="Epoch">Null: it was made just now.</param>
/// <param name="Commits">Transactions of publications and feedback that it holds.</param>
/// <param name="Past">Epochs that ended in this store.</param>
/// <param name="Evidence">What a dump can't carry, as it was when the epoch began; null: not written yet.</param>
/// <param name="EvidenceNow">The same, as it is now.</param>
public sealed record StoredHistory(string? Epoch, long Commits, IReadOnlySet<string> Past, string? Evidence, string? EvidenceNow)
{
    /// <summary>The sites that were made in it, by its own count.</summary>
    public SiteCensus SitesMade { get; init; } = SiteCensus.None;

    /// <summary>The sites that it has now.</summary>
    public SiteCensus SitesFound { get; init; } = SiteCensus.None;
}

/// <summary>Whether a store is still of the history that its marker knows: an epoch is one history, and every restore, rewind or loss begins another.</summary>
public static class HistoryCheck
{
    /// <summary>Nothing is wrong: a store that was never used.</summary>
    public const string First = "the store is new";

    /// <param name="stored">What the store says.</param>
    /// <param name="marker">What lies beside it; null: nothing legible.</param>
    /// <param name="markerExpected">True where a marker always lies beside a store that was in use here.</param>
    /// <returns>Null: the same history. Otherwise why it is another one.</returns>
    public static string? FindMismatch(StoredHistory stored, HistoryMarker? marker, bool markerExpected)
    {
        ArgumentNullException.ThrowIfNull(stored);
        if (stored.Epoch is null)
        {
            return marker is null
                ? First
                : $"the store is empty although {marker.Commits} commits were made here: it was lost";
        }

        if (marker is null)
        {
            return markerExpected ? "no marker of its history lies beside it: it was copied here, or comes from an older version" : Inside(stored);
        }

        if (!string.Equals(marker.Epoch, stored.Epoch, StringComparison.Ordinal))
        {
            // A marker of an epoch that this store has left behind only lags.
            return stored.Past.Contains(marker.Epoch) ? Inside(stored) : $"its marker knows epoch {marker.Epoch}, which the store does not: an older copy was put back";
        }

        return marker.Commits > stored.Commits
            ? $"it holds {stored.Commits} commits, and {marker.Commits} were made: an older copy was put back"
            : Inside(stored);
    }

    /// <summary>Sites of which not even their own row is left: each would read as one that nobody ever published for.</summary>
    /// <returns>Null: none is missing.</returns>
    public static string? FindDamage(StoredHistory stored)
    {
        ArgumentNullException.ThrowIfNull(stored);
        return stored.SitesMade.Fits(stored.SitesFound)
            ? null
            : $"{stored.SitesMade.Sites} sites were made in it and {(stored.SitesMade.Sites == stored.SitesFound.Sites ? "have other names now" : $"it holds {stored.SitesFound.Sites}")}: "
                + "something other than the hub changed its rows (check the disk, and who else writes to this database; the publishers state every limit again by themselves)";
    }

    private static string? Inside(StoredHistory stored) => string.Equals(stored.Evidence ?? string.Empty, stored.EvidenceNow ?? string.Empty, StringComparison.Ordinal)
        ? FindDamage(stored)
        : "its tables were made anew: it was restored from a dump or moved";
}
