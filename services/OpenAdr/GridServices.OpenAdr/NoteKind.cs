namespace GridServices.OpenAdr;

/// <summary>What a note of a VEN is about.</summary>
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
    OptCreated,
    OptHeld,
    OptRefused,
    OptCancelled,
    ReportRequested,
    ReportCancelled,
    ReportRefused,
    Configuration,
}
