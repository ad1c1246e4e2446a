using GridServices.Contracts;
using GridServices.Hosting.Hub;
using GridServices.Hosting.Storage;
using GridServices.UtilityClients.Journal;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GridServices.UtilityClients.Engine;

/// <summary>
/// Writes what may wait, of many engines in one transaction: counted polls, running averages, report points, and then how far the hub's feedback is
/// applied. A crash before it costs a count of polls; the readings since are read from the hub again.
/// </summary>
public sealed partial class WriteBehind(
    EngineHost host, EngineDependencies dependencies, FeedbackProgress progress, JournalOptions options, ILogger<WriteBehind> log) : BackgroundService
{
    private const int EnginesPerCommit = 200;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await WriteAsync(cancellationToken);
    }

    /// <summary>Writes one engine's part now, so that its journal can be read completely.</summary>
    /// <exception cref="StoreUnavailableException">Nothing is written.</exception>
    public async Task WriteAsync(EngineLoop engine, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(engine);
        if (engine.HasUnsaved && engine.TryTakeUnsaved() is { } unsaved)
        {
            await WriteAsync([unsaved], ct);
        }
    }

    /// <summary>Writes what waits now, of all engines.</summary>
    internal Task WriteAsync(CancellationToken ct) => AttemptAsync(() => WriteAllAsync(ct), ct);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(options.WriteInterval, dependencies.Time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await WriteAsync(stoppingToken);
        }
    }

    private async Task WriteAllAsync(CancellationToken ct)
    {
        var (reached, all) = (progress.Reached, true);
        foreach (var some in host.All.Where(l => l.HasUnsaved).Chunk(EnginesPerCommit))
        {
            var written = await WriteSomeAsync(some, ct);
            all &= written == some.Length;
            if (written == 0)
            {
                return; // No row's own fault, then: asking for all the others would only burden the database.
            }
        }

        // Only once every reading before it is on disk.
        if (all && reached is { } cursor)
        {
            await progress.SaveAsync(cursor, ct);
        }
    }

    /// <summary>One engine's row that the database refuses must not keep the others': halved until it stands alone.</summary>
    /// <returns>How many engines were written.</returns>
    private async Task<int> WriteSomeAsync(EngineLoop[] some, CancellationToken ct)
    {
        try
        {
            var taken = some.Select(l => l.TryTakeUnsaved()).OfType<UnsavedChanges>().ToList();
            await WriteAsync(taken, ct);
            return taken.Count;
        }
        catch (Exception fault) when (fault is not (OutOfMemoryException or StoreUnavailableException or EngineFencedException) && !ct.IsCancellationRequested)
        {
            if (some is [var one])
            {
                LogRefused(one.Id, fault);
                return 0;
            }
        }

        var written = 0;
        foreach (var half in some.Chunk((some.Length + 1) / 2))
        {
            written += await WriteSomeAsync(half, ct);
        }

        return written;
    }

    private Task WriteAsync(IReadOnlyList<UnsavedChanges> parts, CancellationToken ct) =>
        UnsavedChanges.WriteAsync(dependencies.Store, parts, dependencies.Clock.GetCurrentInstant(), ct);

    private async Task AttemptAsync(Func<Task> work, CancellationToken ct)
    {
        try
        {
            await work();
        }
        catch (StoreUnavailableException e)
        {
            LogStoreAway(SafeText.Line(e.Message));
        }
        catch (EngineFencedException e)
        {
            LogFenced(e.Message);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The service ends.
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            // What may wait must not end the service: all engines are in it.
            LogFailed(fault);
        }
    }

    [LoggerMessage(EventId = EventIds.WriteBehindStoreAway, Level = LogLevel.Warning, Message = "Journal, counts and averages wait for the store: {Reason}")]
    private partial void LogStoreAway(string reason);

    [LoggerMessage(EventId = EventIds.WriteBehindFenced, Level = LogLevel.Warning, Message = "{Reason}; what waited of it is left out, the others are written next time")]
    private partial void LogFenced(string reason);

    [LoggerMessage(EventId = EventIds.WriteBehindRefused, Level = LogLevel.Error, Message = "Journal, counts and averages of {Engine} can't be written; the others' are, and it is tried again")]
    private partial void LogRefused(EngineId engine, Exception fault);

    [LoggerMessage(EventId = EventIds.WriteBehindFailed, Level = LogLevel.Error, Message = "Writing journal, counts and averages failed; it is tried again")]
    private partial void LogFailed(Exception fault);
}
