namespace GridServices.EnvelopeHub.Service.Sites;

/// <summary>What the store's log of a site holds after a sequence, read at one moment.</summary>
/// <param name="Epoch">The history at that moment.</param>
/// <param name="Head">The last sequence.</param>
/// <param name="TrimmedTo">The log holds everything after this sequence.</param>
/// <param name="LiveCount">How many keys are live at the head; -1: not known.</param>
/// <param name="Rows">In order.</param>
internal sealed record SiteTail(string? Epoch, long Head, long TrimmedTo, long LiveCount, IReadOnlyList<EntryRow> Rows);
