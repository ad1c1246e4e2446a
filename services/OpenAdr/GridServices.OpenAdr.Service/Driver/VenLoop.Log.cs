using GridServices.Hosting;

namespace GridServices.OpenAdr.Service.Driver;

internal sealed partial class VenLoop
{
    private void LogNote(VenNote note)
    {
        var text = OneLine.Of(note.Text);
        var about = note.EventId is null ? string.Empty : $"event {OneLine.Of(note.EventId)} ";
        switch (note.Level)
        {
            case NoteLevel.Alarm:
                LogAlarm(Id, about, text, note.Kind);
                break;
            case NoteLevel.Warning:
                LogWarning(Id, about, text, note.Kind);
                break;
            default:
                LogInformation(Id, about, text, note.Kind);
                break;
        }
    }

    [LoggerMessage(EventId = 5101, Level = LogLevel.Error, Message = "VEN {Ven} failed and is started again")]
    private partial void LogFault(VenId ven, Exception fault);

    [LoggerMessage(EventId = 5102, Level = LogLevel.Error, Message = "VEN {Ven} waits for the store, attempt {Attempt}: {Reason}")]
    private partial void LogStoreAway(VenId ven, string reason, int attempt);

    [LoggerMessage(EventId = 5103, Level = LogLevel.Warning, Message = "VEN {Ven} is deleted, but its VTN did not answer to the cancellation of the registration")]
    private partial void LogGoodbyeUnheard(VenId ven);

    [LoggerMessage(EventId = 5110, Level = LogLevel.Information, Message = "VEN {Ven} {About}{Text} [{Kind}]")]
    private partial void LogInformation(VenId ven, string about, string text, NoteKind kind);

    [LoggerMessage(EventId = 5111, Level = LogLevel.Warning, Message = "VEN {Ven} {About}{Text} [{Kind}]")]
    private partial void LogWarning(VenId ven, string about, string text, NoteKind kind);

    [LoggerMessage(EventId = 5112, Level = LogLevel.Error, Message = "ALARM VEN {Ven} {About}{Text} [{Kind}]")]
    private partial void LogAlarm(VenId ven, string about, string text, NoteKind kind);
}
