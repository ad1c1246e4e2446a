using GridServices.Contracts;

namespace GridServices.Ieee2030Dot5;

/// <summary>What came of one input.</summary>
/// <param name="State">The new state.</param>
/// <param name="Publications">To be stored in the outbox in one transaction with <paramref name="State"/>.</param>
/// <param name="Notes">For the log and for people.</param>
/// <param name="MustStore">
/// False: only the line's timing and running averages changed (<see cref="DerClientState.Line"/>); the write can be skipped, and a crash costs an early read.
/// </param>
public sealed record DerStep(DerClientState State, IReadOnlyList<DerPublication> Publications, IReadOnlyList<DerNote> Notes, bool MustStore);

/// <summary>Something people should know.</summary>
/// <param name="Level">How much it matters.</param>
/// <param name="Kind">What it is about.</param>
/// <param name="Class">The error class, where it is about something refused or doubtful.</param>
/// <param name="About">The mRID or href it is about.</param>
/// <param name="Text">One line: what, where, and how to mend it.</param>
public sealed record DerNote(NoteLevel Level, NoteKind Kind, ErrorClass? Class, string? About, string Text);

public enum NoteLevel
{
    Information,
    Warning,

    /// <summary>A person must do something.</summary>
    Alarm,
}

public enum NoteKind
{
    Discovered,
    Registered,
    RegistrationRefused,
    PinMismatch,
    ServerLost,
    ServerBack,
    Clock,
    ReplyRefused,
    HrefRefused,
    Redirected,
    ListInconsistent,
    ResourceMissing,
    Control,
    ResponseSent,
    ResponseRefused,
    ReportRefused,
    Subscription,
    Configuration,
}

/// <summary>Something for one site's streams.</summary>
public abstract record DerPublication(string SiteId)
{
    public sealed record PublishEnvelope(Envelope Envelope) : DerPublication(Envelope.SiteId);

    public sealed record WithdrawEnvelope(Withdrawal Withdrawal) : DerPublication(Withdrawal.SiteId);
}
