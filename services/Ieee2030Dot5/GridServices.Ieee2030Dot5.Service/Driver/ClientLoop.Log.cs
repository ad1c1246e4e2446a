using GridServices.Hosting;

namespace GridServices.Ieee2030Dot5.Service.Driver;

internal sealed partial class ClientLoop
{
    private void LogNote(DerNote note)
    {
        var text = OneLine.Of(note.Text);
        var about = note.About is null ? string.Empty : OneLine.Of(note.About) + " ";
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

    [LoggerMessage(EventId = 5101, Level = LogLevel.Error, Message = "Client {Client} failed and is started again")]
    private partial void LogFault(ClientId client, Exception fault);

    [LoggerMessage(EventId = 5102, Level = LogLevel.Error, Message = "Client {Client} waits for the store, attempt {Attempt}: {Reason}")]
    private partial void LogStoreAway(ClientId client, string reason, int attempt);

    [LoggerMessage(EventId = 5103, Level = LogLevel.Warning, Message = "Client {Client} has another certificate: it was {Before} and is {After} to its server from now on; have that LFDI registered")]
    private partial void LogNewIdentity(ClientId client, string? before, string? after);

    [LoggerMessage(EventId = 5110, Level = LogLevel.Information, Message = "Client {Client} {About}{Text} [{Kind}]")]
    private partial void LogInformation(ClientId client, string about, string text, NoteKind kind);

    [LoggerMessage(EventId = 5111, Level = LogLevel.Warning, Message = "Client {Client} {About}{Text} [{Kind}]")]
    private partial void LogWarning(ClientId client, string about, string text, NoteKind kind);

    [LoggerMessage(EventId = 5112, Level = LogLevel.Error, Message = "ALARM Client {Client} {About}{Text} [{Kind}]")]
    private partial void LogAlarm(ClientId client, string about, string text, NoteKind kind);
}
