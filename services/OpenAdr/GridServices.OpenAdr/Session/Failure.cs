using NodaTime;

namespace GridServices.OpenAdr.Session;

/// <summary>What became of a message that the VTN did not take.</summary>
/// <param name="What">In words, for people.</param>
/// <param name="IsFinal">It is not to be sent again unchanged.</param>
/// <param name="IsThere">The VTN said something: the fault is the message's, not the line's.</param>
/// <param name="IsTimeout">No reply came in time.</param>
/// <param name="RetryAfter">How long the VTN wants to be left alone; null: not said.</param>
internal sealed record Failure(string What, bool IsFinal = false, bool IsThere = true, bool IsTimeout = false, Duration? RetryAfter = null)
{
    /// <summary>True: the VTN may have it, so it is sent again under the requestID that it had.</summary>
    public bool IsUnanswered { get; init; }

    /// <summary>True: it was never sent, for what is in it can't be written.</summary>
    public bool IsOurs { get; init; }

    /// <summary>True: a proxy without its VTN says so to everything; final only where the VTN takes other messages.</summary>
    public bool MayBeTheLines { get; init; }

    /// <summary>True: another VTN answered, so that nothing is known of how ours takes it.</summary>
    public bool IsAnothers { get; init; }

    /// <summary>This failure, or the passing one that it is as long as the VTN took no other message since this one failed first.</summary>
    public Failure Reclassify(bool othersAreTaken) => IsFinal && MayBeTheLines && !othersAreTaken ? this with { IsFinal = false } : this;
}
