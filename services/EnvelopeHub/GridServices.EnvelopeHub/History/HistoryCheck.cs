namespace GridServices.EnvelopeHub.History;

/// <summary>What the store says of its own history.</summary>
/// <param name="Epoch">Null: it was made just now.</param>
/// <param name="Commits">Transactions of publications and feedback that it holds.</param>
/// <param name="Past">Epochs that ended in this store.</param>
/// <param name="Evidence">What a dump can't carry, as it was when the epoch began; null: not written yet.</param>
/// <param name="EvidenceNow">The same, as it is now.</param>
public sealed record StoredHistory(string? Epoch, long Commits, IReadOnlySet<string> Past, string? Evidence, string? EvidenceNow);

/// <summary>Whether a store is still of the history that its marker knows: an epoch is one history, and every restore, rewind or loss begins another.</summary>
public static class HistoryCheck
{
    /// <summary>Nothing is wrong: a store that was never used.</summary>
    public const string First = "the store is new";

    /// <param name="stored">What the store says.</param>
    /// <param name="marker">What lies beside it; null: nothing legible.</param>
    /// <param name="markerExpected">True where a marker always lies beside a store that was in use here.</param>
    /// <returns>Null: the same history. Otherwise why it is another one.</returns>
    public static string? WhyAnother(StoredHistory stored, HistoryMarker? marker, bool markerExpected)
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
            return markerExpected ? "no marker of its history lies beside it: it was copied here, or comes from an older version" : Evidence(stored);
        }

        if (!string.Equals(marker.Epoch, stored.Epoch, StringComparison.Ordinal))
        {
            // A marker of an epoch that this store has left behind only lags.
            return stored.Past.Contains(marker.Epoch) ? Evidence(stored) : $"its marker knows epoch {marker.Epoch}, which the store does not: an older copy was put back";
        }

        return marker.Commits > stored.Commits
            ? $"it holds {stored.Commits} commits, and {marker.Commits} were made: an older copy was put back"
            : Evidence(stored);
    }

    private static string? Evidence(StoredHistory stored) => string.Equals(stored.Evidence ?? string.Empty, stored.EvidenceNow ?? string.Empty, StringComparison.Ordinal)
        ? null
        : "its tables were made anew: it was restored from a dump or moved";
}
