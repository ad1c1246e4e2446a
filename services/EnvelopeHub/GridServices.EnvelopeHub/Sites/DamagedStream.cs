namespace GridServices.EnvelopeHub.Sites;

/// <summary>A stream whose stored content does not fit what the store says of it.</summary>
/// <param name="Key">Target and stream, as <see cref="KeyText"/> writes them.</param>
/// <param name="Sequence">Of the entry that is live by the store.</param>
/// <param name="Fault">What does not fit, for people.</param>
public sealed record DamagedStream(string Key, long Sequence, string Fault)
{
    /// <summary>The key for people, e.g. <c>site site-1 openadr PROG7</c>.</summary>
    public string Name => KeyText.ForPeople(Key);
}
