using GridServices.OpenAdr.Messages;
using NodaTime;

namespace GridServices.OpenAdr.Events;

/// <summary>Who opted, when and why.</summary>
/// <param name="At">When.</param>
/// <param name="By">Whose token it was; null: not said.</param>
/// <param name="Reason">In the person's words; null: not said.</param>
/// <param name="Actor">The person for whom the token's holder acted; null: not said.</param>
public sealed record PersonalChoice(Instant At, string? By, string? Reason, string? Actor = null);

/// <summary>
/// A person's choice about an event that is not held at the moment: the registration ended, or the VTN lists it no longer. It holds again when the
/// event is listed again.
/// </summary>
public sealed record KeptChoice
{
    public required string EventId { get; init; }

    /// <summary>Whose event it is; another VTN's event of the same name is another one.</summary>
    public required string VtnId { get; init; }

    /// <summary>The event's modification number when it went.</summary>
    public required uint ModificationNumber { get; init; }

    /// <summary>The event's dtstart when it went.</summary>
    public required Instant Start { get; init; }

    /// <summary>When the event would have ended; the choice is forgotten then.</summary>
    public required Instant Until { get; init; }

    public required OptType Opt { get; init; }
    public PersonalChoice? Choice { get; init; }

    /// <summary>Why the choice does not hold any more; null: it does.</summary>
    public string? DroppedWhy { get; init; }

    public Instant? DroppedAt { get; init; }
}

/// <summary>A message about an event that was answered with an error.</summary>
public sealed record EventRefusal
{
    public required string EventId { get; init; }
    public required uint ModificationNumber { get; init; }
    public required Instant At { get; init; }

    /// <summary>The code of the eventResponse (profile section 8.7).</summary>
    public required int Code { get; init; }

    public required string Why { get; init; }
    public string? MarketContext { get; init; }
    public Instant? Start { get; init; }

    /// <summary>False: the VTN wanted no answer and got none.</summary>
    public bool IsAnswered { get; init; } = true;
}
