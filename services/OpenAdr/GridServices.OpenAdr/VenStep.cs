using GridServices.Contracts;

namespace GridServices.OpenAdr;

/// <summary>What came of one input.</summary>
/// <param name="State">The new state; the same object when nothing changed.</param>
/// <param name="Publications">To be stored in the outbox in one transaction with <paramref name="State"/>. Made while enumerated; same items each time.</param>
/// <param name="Notes">For the log and for people.</param>
/// <param name="MustStore">
/// False: only the line's timing changed (<see cref="VenState.Link"/>); the write can be skipped, and a crash then costs one early poll.
/// </param>
public sealed record VenStep(VenState State, IEnumerable<VenPublication> Publications, IReadOnlyList<VenNote> Notes, bool MustStore);

/// <summary>Something for one site's streams.</summary>
public abstract record VenPublication(string SiteId)
{
    public sealed record PublishEnvelope(Envelope Envelope) : VenPublication(Envelope.SiteId);

    public sealed record WithdrawEnvelope(Withdrawal Withdrawal) : VenPublication(Withdrawal.SiteId);

    public sealed record PublishPrices(PriceSeries Prices) : VenPublication(Prices.SiteId);
}

/// <summary>Something people should know.</summary>
/// <param name="Level">How much it matters.</param>
/// <param name="Kind">What it is about.</param>
/// <param name="Class">The error class, where it is about something refused or doubtful.</param>
/// <param name="EventId">The event, where it is about one.</param>
/// <param name="Text">One line: what, where, and how to mend it.</param>
public sealed record VenNote(NoteLevel Level, NoteKind Kind, ErrorClass? Class, string? EventId, string Text);

public enum NoteLevel
{
    Information,
    Warning,

    /// <summary>A person must do something.</summary>
    Alarm,
}

public enum NoteKind
{
    Registered,
    RegistrationEnded,
    RegistrationRefused,
    RegistrationLoop,
    MessageIgnored,
    MessageRefused,
    MessageGivenUp,
    MessageSentAgain,
    VtnLost,
    VtnBack,
    EventReceived,
    EventModified,
    EventUnchanged,
    EventCancelled,
    EventRefused,
    EventOpted,
    EventOptDropped,
    ReportRequested,
    ReportCancelled,
    ReportRefused,
    Configuration,
}
