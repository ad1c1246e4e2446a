using GridServices.Contracts;
using GridServices.Hosting;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace GridServices.UtilityClients.Engine;

/// <summary>An engine's loop as write-behind and journal see it; see <see cref="EngineLoop{TView, TConfig, TState, TInput, TKind}"/>.</summary>
public abstract partial class EngineLoop(EngineId id, string title, ILogger log) : IDisposable
{
    private static readonly Duration LongestPauseAfterFault = Duration.FromMinutes(1);

    private static long _made;

    public EngineId Id { get; } = id;

    /// <summary>Rises with each engine that is made in this process.</summary>
    public long Number { get; } = Interlocked.Increment(ref _made);

    /// <summary>Whether something waits for the write-behind.</summary>
    public abstract bool HasUnsaved { get; }

    /// <summary>What waits for the write-behind, held until it is disposed; null where nothing does or a commit is under way.</summary>
    public abstract UnsavedChanges? TryTakeUnsaved();

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>A step at which a test may let the process die, and the same where it publishes something.</summary>
    internal static void HitStep(string name, int publications)
    {
        CrashPoint.Hit(name);
        if (publications > 0)
        {
            CrashPoint.Hit($"{name}.limits");
        }
    }

    protected abstract void Dispose(bool disposing);

    protected static TimeSpan PauseAfter(int faults) => Backoff.UpTo(LongestPauseAfterFault).After(faults).ToTimeSpan();

    protected static ulong Seed() => RandomNumbers.Draw();

    protected void LogNote<TKind>(Note<TKind> note, string aboutWord)
        where TKind : struct, Enum
    {
        ArgumentNullException.ThrowIfNull(note);
        var about = note.About is null ? string.Empty : $"{aboutWord}{SafeText.Line(note.About)} ";
        var (text, kind) = (SafeText.Line(note.Text), note.Kind.ToString());
        switch (note.Level)
        {
            case NoteLevel.Alarm:
                LogAlarm(title, Id, about, text, kind);
                break;
            case NoteLevel.Warning:
                LogWarning(title, Id, about, text, kind);
                break;
            default:
                LogInformation(title, Id, about, text, kind);
                break;
        }
    }

    protected void LogFault(Exception fault) => LogFault(title, Id, fault);

    protected void LogStoreAway(string reason, int attempt) => LogStoreAway(title, Id, SafeText.Line(reason), attempt);

    protected void LogFarewellUnheard() => LogFarewellUnheard(title, Id);

    protected void LogFarewellUnsent() => LogFarewellUnsent(title, Id);

    protected void LogFenced() => LogFenced(title, Id);

    [LoggerMessage(EventId = EventIds.EngineLoopFault, Level = LogLevel.Error, Message = "{Name} {Engine} failed and is started again")]
    private partial void LogFault(string name, EngineId engine, Exception fault);

    [LoggerMessage(EventId = EventIds.EngineLoopStoreAway, Level = LogLevel.Error, Message = "{Name} {Engine} waits for the store, attempt {Attempt}: {Reason}")]
    private partial void LogStoreAway(string name, EngineId engine, string reason, int attempt);

    [LoggerMessage(EventId = EventIds.EngineLoopFarewellUnheard, Level = LogLevel.Warning, Message = "{Name} {Engine} leaves its server, which did not answer to the cancellation of the registration")]
    private partial void LogFarewellUnheard(string name, EngineId engine);

    [LoggerMessage(EventId = EventIds.EngineLoopFarewellUnsent, Level = LogLevel.Warning, Message = "{Name} {Engine} leaves its server, but the cancellation of the registration could not be sent within five seconds: the server may still count on it")]
    private partial void LogFarewellUnsent(string name, EngineId engine);

    [LoggerMessage(EventId = EventIds.EngineLoopFenced, Level = LogLevel.Warning, Message = "{Name} {Engine} was started elsewhere; it ends here and writes nothing more")]
    private partial void LogFenced(string name, EngineId engine);

    [LoggerMessage(EventId = EventIds.EngineLoopInformation, Level = LogLevel.Information, Message = "{Name} {Engine} {About}{Text} [{Kind}]")]
    private partial void LogInformation(string name, EngineId engine, string about, string text, string kind);

    [LoggerMessage(EventId = EventIds.EngineLoopWarning, Level = LogLevel.Warning, Message = "{Name} {Engine} {About}{Text} [{Kind}]")]
    private partial void LogWarning(string name, EngineId engine, string about, string text, string kind);

    [LoggerMessage(EventId = EventIds.EngineLoopAlarm, Level = LogLevel.Error, Message = "ALARM {Name} {Engine} {About}{Text} [{Kind}]")]
    private partial void LogAlarm(string name, EngineId engine, string about, string text, string kind);
}
