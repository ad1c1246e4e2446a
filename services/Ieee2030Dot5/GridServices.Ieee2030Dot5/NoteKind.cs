namespace GridServices.Ieee2030Dot5;

/// <summary>What a note of a client is about.</summary>
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
    Price,
    Alarm,
    Reservation,
}
