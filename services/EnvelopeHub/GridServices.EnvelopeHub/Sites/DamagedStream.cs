namespace GridServices.EnvelopeHub.Sites;

/// <summary>A stream whose stored content does not fit what the store says of it.</summary>
/// <param name="Key">Target and stream, as <see cref="KeyText"/> writes them.</param>
/// <param name="Sequence">Of the entry that is live by the store.</param>
/// <param name="Fault">What does not fit, for people.</param>
public sealed record DamagedStream(string Key, long Sequence, string Fault)
{
    /// <summary>The key for people, e.g. <c>site site-1 openadr PROG7</c>.</summary>
    public string Name => IsMissing ? "streams that nobody can name" : KeyText.ForPeople(Key);

    /// <summary>True: there were streams here of which nothing is left.</summary>
    public bool IsMissing => Key.Length == 0;

    /// <summary>How many streams it stands for; 0: nobody knows.</summary>
    public long Streams { get; init; } = 1;

    /// <summary>All of a site's streams, where rows of sites are gone and this site has none.</summary>
    public static DamagedStream ForMissingSite() => new(string.Empty, 0, "sites are no longer in the store, and this may be one of them") { Streams = 0 };

    /// <summary>Streams of which nothing is left but their number.</summary>
    public static DamagedStream Missing(long count, long head) => new(string.Empty, head, $"{count} of the site's streams are no longer in the store") { Streams = count };
}
