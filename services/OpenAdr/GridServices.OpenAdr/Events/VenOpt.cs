using GridServices.OpenAdr.Session;
using NodaTime;

namespace GridServices.OpenAdr.Events;

/// <summary>An opt of the VEN's own (oadrCreateOpt), from the moment somebody wants it until its time is long over.</summary>
public sealed record VenOpt
{
    /// <summary>Our own name of it (OpenADR 2.0b rule 204).</summary>
    public required string OptId { get; init; }

    public required OptRequest Request { get; init; }

    /// <summary>Who wanted it, when and why.</summary>
    public required PersonalChoice Choice { get; init; }

    /// <summary>What the creator's request said, where it may be repeated; null: nothing.</summary>
    public string? RequestSha256 { get; init; }

    /// <summary>The event as it was told last; null for a schedule.</summary>
    public OptEvent? Event { get; init; }

    /// <summary>When the VTN of this registration took it; null: it did not yet.</summary>
    public Instant? HeldAt { get; init; }

    /// <summary>Code and words of the VTN that refused it; null: it did not.</summary>
    public string? Refusal { get; init; }

    /// <summary>Since when it is to go; null: it stays.</summary>
    public Instant? CancelledAt { get; init; }

    /// <summary>The optID of the schedule that replaces this one as soon as the VTN took it; null: none.</summary>
    public string? ReplacedBy { get; init; }

    public bool IsSchedule => Event is null;

    /// <summary>When it has nothing more to say, exclusive; null: no end is known.</summary>
    public Instant? End => Event is { } about ? about.Until
        : Request.Periods.Any(p => p.End is null) ? null
        : Request.Periods.Max(p => p.End);

    /// <summary>Where it stands.</summary>
    public OptStatus StatusIn(VenState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return CancelledAt is not null ? OptStatus.Cancelling
            : HeldAt is not null ? OptStatus.Held
            : Refusal is not null && FindPending(state) is null or { ParkedAt: not null } ? OptStatus.Refused
            : OptStatus.Waiting;
    }

    /// <summary>OpenADR 2.0b rule 211: what was said about an event is never cancelled by oadrCancelOpt. Null: the opt may be cancelled.</summary>
    public string? FindCancelObstacle(VenState state) => IsSchedule || StatusIn(state) == OptStatus.Refused
        ? null
        : "An opt about an event can't be cancelled (OpenADR 2.0b rule 211): make another one about it that says the opposite.";

    /// <summary>The message about it that the VTN has not taken; null: there is none.</summary>
    public PendingRequest? FindPending(VenState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return state.Owed.FirstOrDefault(o => o switch
        {
            PendingRequest.CreateOpt create => create.OptId == OptId,
            PendingRequest.CancelOpt cancel => cancel.OptId == OptId,
            _ => false,
        });
    }
}

/// <summary>The event that an opt qualifies.</summary>
/// <param name="VtnId">Whose event it is.</param>
/// <param name="ModificationNumber">Told with the opt.</param>
/// <param name="Start">Its dtstart.</param>
/// <param name="Until">When it ends; null: without end.</param>
public sealed record OptEvent(string VtnId, uint ModificationNumber, Instant Start, Instant? Until);

/// <summary>
/// waiting: the VTN has not taken it yet; held: it has; refused: it does not want it; cancelling: it is to forget it and has not said so yet.
/// </summary>
public enum OptStatus
{
    Waiting,
    Held,
    Refused,
    Cancelling,
}
