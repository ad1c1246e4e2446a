using GridServices.OpenAdr.Events;
using GridServices.OpenAdr.Messages;
using NodaTime;

namespace GridServices.OpenAdr.Service.Api;

/// <summary>An event as it stands now: held; answered with an error; or gone, with a person's choice about it kept.</summary>
public sealed record EventItem
{
    public required string EventId { get; init; }
    public uint? ModificationNumber { get; init; }
    public string? MarketContext { get; init; }
    public required EventItemStatus Status { get; init; }

    /// <summary>With the offset drawn. Absent where it was not legible.</summary>
    public Instant? Start { get; init; }

    /// <summary>Exclusive; absent: until cancelled.</summary>
    public Instant? End { get; init; }

    /// <summary>Seconds drawn from the event's startafter window, contained in the times.</summary>
    public long? RandomizedByS { get; init; }

    public uint? Priority { get; init; }
    public bool? TestEvent { get; init; }
    public required OptType OptType { get; init; }

    /// <summary>True: a person chose it.</summary>
    public required bool OptByPerson { get; init; }

    /// <summary>Who chose it: the token's name.</summary>
    public string? OptBy { get; init; }

    /// <summary>The person for whom the token's holder acted.</summary>
    public string? OptActor { get; init; }

    public string? OptReason { get; init; }
    public Instant? OptAt { get; init; }

    /// <summary>An earlier choice of a person that does not hold any more.</summary>
    public DroppedChoice? OptDropped { get; init; }

    /// <summary>The last message about the event, where it was answered with an error. With status far, near or active an earlier one is in force.</summary>
    public RefusalItem? Refusal { get; init; }

    /// <summary>Since when the VTN does not list this event of an earlier registration any more; its limits stay, and only a person can end them, by optOut. Absent: it lists it.</summary>
    public Instant? UnlistedSince { get; init; }

    public bool? ResponseRequired { get; init; }

    /// <summary>True while the answer to it has not been acknowledged by the VTN.</summary>
    public required bool AnswerOwed { get; init; }

    /// <summary>Since when the answer is parked because the VTN does not take it; POST actions/resend sends it again.</summary>
    public Instant? AnswerParkedAt { get; init; }

    public Instant? ReceivedAt { get; init; }
    public string? Sha256 { get; init; }
    public string? VtnComment { get; init; }
    public IReadOnlyList<SignalItem> Signals { get; init; } = [];

    internal static IEnumerable<EventItem> All(VenState state, Instant now)
    {
        var held = state.Events.Select(e => From(state, e, now)).ToList();
        var ids = held.Select(e => e.EventId).ToHashSet(StringComparer.Ordinal);
        var refused = state.Refused.Where(r => ids.Add(r.EventId)).Select(r => From(state, r)).ToList();
        var gone = state.Choices.Where(c => ids.Add(c.EventId)).Select(c => From(state, c)).ToList();
        return held.Concat(refused).Concat(gone).OrderBy(e => e.Start ?? Instant.MaxValue);
    }

    internal static EventItem From(VenState state, HeldEvent held, Instant now)
    {
        var descriptor = held.Event.Descriptor;
        return new EventItem
        {
            EventId = held.Id,
            ModificationNumber = descriptor.ModificationNumber,
            MarketContext = descriptor.MarketContext,
            Status = Enum.Parse<EventItemStatus>(held.PhaseAt(now).ToString()),
            Start = held.Start(),
            End = held.End(),
            RandomizedByS = held.OffsetS,
            Priority = descriptor.Priority,
            TestEvent = descriptor.TestEvent is { Length: > 0 } text && !text.Trim().Equals("false", StringComparison.OrdinalIgnoreCase),
            OptType = held.Opt,
            OptByPerson = held.OptByPerson,
            OptBy = held.Choice?.By,
            OptActor = held.Choice?.Actor,
            OptReason = held.Choice?.Reason ?? held.ScheduledReason,
            OptAt = held.Choice?.At,
            OptDropped = DroppedIn(state, held.Id),
            Refusal = state.Refused.FirstOrDefault(r => r.EventId == held.Id) is { } refusal ? RefusalItem.From(refusal) : null,
            UnlistedSince = held.UnlistedSince,
            ResponseRequired = held.Event.ResponseRequired == Messages.ResponseRequired.Always,
            AnswerOwed = AnswerTo(state, held.Id) is not null,
            AnswerParkedAt = AnswerTo(state, held.Id)?.ParkedAt,
            ReceivedAt = held.ReceivedAt,
            Sha256 = held.Sha256,
            VtnComment = descriptor.VtnComment,
            Signals = [.. held.Event.Signals.Select(s => SignalItem.From(s, held.Start(), held.End()))],
        };
    }

    private static EventItem From(VenState state, EventRefusal refusal) => new()
    {
        EventId = refusal.EventId,
        ModificationNumber = refusal.ModificationNumber,
        MarketContext = refusal.MarketContext,
        Status = EventItemStatus.Refused,
        Start = refusal.Start,
        OptType = OptType.OptOut,
        OptByPerson = false,
        OptDropped = DroppedIn(state, refusal.EventId),
        Refusal = RefusalItem.From(refusal),
        ResponseRequired = refusal.IsAnswered,
        AnswerOwed = AnswerTo(state, refusal.EventId) is not null,
        AnswerParkedAt = AnswerTo(state, refusal.EventId)?.ParkedAt,
        ReceivedAt = refusal.At,
    };

    private static EventItem From(VenState state, KeptChoice choice) => new()
    {
        EventId = choice.EventId,
        ModificationNumber = choice.ModificationNumber,
        Status = EventItemStatus.NotListed,
        Start = choice.Start,
        OptType = choice.Opt,
        OptByPerson = choice.DroppedAt is null,
        OptBy = choice.Choice?.By,
        OptActor = choice.Choice?.Actor,
        OptReason = choice.Choice?.Reason,
        OptAt = choice.Choice?.At,
        OptDropped = DroppedIn(state, choice.EventId),
        AnswerOwed = AnswerTo(state, choice.EventId) is not null,
        AnswerParkedAt = AnswerTo(state, choice.EventId)?.ParkedAt,
    };

    private static DroppedChoice? DroppedIn(VenState state, string eventId) =>
        state.Choices.FirstOrDefault(c => c.EventId == eventId && c.DroppedAt is not null) is { } c
            ? new DroppedChoice(c.Opt, c.Choice?.By, c.Choice?.Reason, c.Choice?.At, c.DroppedAt!.Value, c.DroppedWhy ?? string.Empty, c.Choice?.Actor)
            : null;

    private static Session.PendingRequest? AnswerTo(VenState state, string eventId) =>
        state.Owed.FirstOrDefault(o => Session.PendingRequestText.GetEvents(o).Contains(eventId, StringComparer.Ordinal));
}

/// <summary>
/// far, near, active, completed: computed now, the VTN's own word counts only where it cancels. refused: answered with an error, nothing is done.
/// notListed: the VTN lists it no longer, and a person's choice about it is kept.
/// </summary>
public enum EventItemStatus
{
    Far,
    Near,
    Active,
    Completed,
    Refused,
    NotListed,
}

/// <summary>A message about an event that was answered with an error: a code of OpenADR 2.0b, section 8.7.</summary>
public sealed record RefusalItem(uint ModificationNumber, int Code, string Reason, Instant At)
{
    internal static RefusalItem From(EventRefusal refusal) => new(refusal.ModificationNumber, refusal.Code, refusal.Why, refusal.At);
}

/// <summary>A person's choice that does not hold any more, and why.</summary>
public sealed record DroppedChoice(OptType OptType, string? By, string? Reason, Instant? At, Instant DroppedAt, string Why, string? Actor = null);

/// <summary>A signal with the times of its steps.</summary>
public sealed record SignalItem(string SignalName, SignalType SignalType, string? Units, IReadOnlyList<SignalStep> Steps)
{
    internal static SignalItem From(EventSignal signal, Instant start, Instant? end)
    {
        var steps = new List<SignalStep>();
        var at = start;
        foreach (var interval in signal.Intervals)
        {
            // Intervals that add up to more than the event end with it.
            if (end <= at)
            {
                break;
            }

            Instant? until = interval.Duration?.ToDuration() is { } length && length > Duration.Zero ? at + length : null;
            steps.Add(new SignalStep(at, until > end ? end : until, interval.Value));
            at = until ?? at;
        }

        return new SignalItem(signal.SignalName, signal.SignalType, signal.ItemBase?.Units, steps);
    }
}

/// <summary>[<paramref name="From"/>, <paramref name="Until"/>); no end: to the end of the event.</summary>
public sealed record SignalStep(Instant From, Instant? Until, double Value);

/// <summary>A person's choice about an event.</summary>
public sealed record OptChoice
{
    public required OptType OptType { get; init; }

    /// <summary>For people; kept with the choice.</summary>
    public string? Reason { get; init; }

    /// <summary>The person for whom the token's holder acts, e.g. the user of a console; kept with the choice beside the token's name. At most 200 characters.</summary>
    public string? Actor { get; init; }
}
