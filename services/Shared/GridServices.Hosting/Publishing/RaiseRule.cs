using GridServices.Contracts;
using NodaTime;

namespace GridServices.Hosting.Publishing;

/// <summary>What to do with an item when the hub holds a higher revision of its stream, or the same one with other content. Pure.</summary>
internal static class RaiseRule
{
    /// <summary>More raises of one stream than this within <see cref="Window"/> mean that another live publisher speaks for it too.</summary>
    internal const int MostKnown = 10;

    /// <summary>A hub that does not say what it holds is approached by doubling steps, which take more tries.</summary>
    internal const int MostUnknown = 60;

    internal static readonly Duration Window = Duration.FromMinutes(1);

    /// <summary>The highest revision that the contract knows.</summary>
    private const long MaxRevision = 1L << 53;

    /// <param name="revision">The revision that the service gave the item.</param>
    /// <param name="stream">The stream as it stands now; null: it is not remembered.</param>
    /// <param name="held">What the hub holds, where it says so.</param>
    /// <param name="whyUnheard">Why the service may not know better than the hub: an old state must not be put above a newer one. Null: it has heard its utility.</param>
    /// <param name="now">Now.</param>
    internal static RaiseVerdict Decide(long? revision, StreamState? stream, long? held, string? whyUnheard, Instant now)
    {
        if (stream is null)
        {
            return new RaiseVerdict.Untracked();
        }

        if (revision != stream.Revision)
        {
            // A newer word on the stream follows in the outbox.
            return new RaiseVerdict.Superseded();
        }

        if (whyUnheard is not null)
        {
            return new RaiseVerdict.Later(whyUnheard);
        }

        var isNewWindow = now - stream.RaisedSince >= Window;
        var times = isNewWindow ? 1 : stream.RaisedTimes + 1;
        var raise = held is { } known ? known + 1 - stream.Revision : Math.Max(1, stream.RaisedBy * 2);
        return times > (held is null ? MostUnknown : MostKnown) || raise > MaxRevision - stream.Revision || raise <= stream.RaisedBy
            ? new RaiseVerdict.GiveUp(times)
            : new RaiseVerdict.Raise(raise, isNewWindow ? now : stream.RaisedSince, times);
    }

    /// <summary>The revision is held with other content, or a higher one is.</summary>
    internal static bool Applies(PublishResult result) =>
        result.Status == PublishStatus.Stale
        || (result is { Status: PublishStatus.Rejected, Problem: { } problem } && Problems.FindClass(problem) == ErrorClass.IdConflict);
}

/// <summary>A stream's latest revision, and how far it was raised so far.</summary>
internal sealed record StreamState
{
    public long Revision { get; init; }

    public long RaisedBy { get; init; }

    public Instant RaisedSince { get; init; }

    public long RaisedTimes { get; init; }

    /// <summary>The start of the service in which its latest word was said; null: an earlier one.</summary>
    public string? Run { get; init; }
}

/// <summary>What <see cref="RaiseRule"/> decides.</summary>
internal abstract record RaiseVerdict
{
    /// <summary>Send it again, this much above its own revision.</summary>
    internal sealed record Raise(long By, Instant Since, long Times) : RaiseVerdict;

    /// <summary>A newer item of the stream waits behind it: it is done.</summary>
    internal sealed record Superseded : RaiseVerdict;

    /// <summary>The hub's word stays in force; to be said again once the service has heard its utility.</summary>
    internal sealed record Later(string Why) : RaiseVerdict;

    /// <summary>Nothing is known of the stream: as before, a stale item is done and a conflict is parked.</summary>
    internal sealed record Untracked : RaiseVerdict;

    /// <summary>Another publisher keeps going above us: a person must decide; tried again after a pause.</summary>
    internal sealed record GiveUp(long Times) : RaiseVerdict;
}
