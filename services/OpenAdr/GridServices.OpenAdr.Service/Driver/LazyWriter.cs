using GridServices.Hosting;
using GridServices.OpenAdr.Service.Journal;
using NodaTime;

namespace GridServices.OpenAdr.Service.Driver;

/// <summary>
/// Writes what may wait, of many VENs in one transaction: counted polls, report points, and then how far the hub's feedback is taken in.
/// Dying before it costs a count of polls, and the readings since are read from the hub again.
/// </summary>
internal sealed partial class LazyWriter(
    VenFleet fleet, Store store, MessageStore messages, FeedbackProgress progress, JournalOptions options, IClock clock, TimeProvider time, ILogger<LazyWriter> log)
    : BackgroundService
{
    private const int VensPerCommit = 200;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await WriteAsync(cancellationToken);
    }

    /// <summary>Writes one VEN's share now, so that its journal can be read whole.</summary>
    public async Task WriteAsync(VenLoop ven, CancellationToken ct)
    {
        if (ven.HasUnsaved && ven.TryTakeUnsaved() is { } unsaved)
        {
            await WriteAsync([unsaved], ct);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var nextRetention = clock.GetCurrentInstant() + options.RetentionInterval;
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(options.WriteInterval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await WriteAsync(stoppingToken);
            if (clock.GetCurrentInstant() >= nextRetention && !stoppingToken.IsCancellationRequested)
            {
                await RetainAsync(stoppingToken);
                nextRetention = clock.GetCurrentInstant() + options.RetentionInterval;
            }
        }
    }

    private async Task WriteAsync(CancellationToken ct)
    {
        try
        {
            var reached = progress.Reached;
            var all = true;
            foreach (var some in fleet.Loops.Where(l => l.HasUnsaved).Chunk(VensPerCommit))
            {
                var taken = some.Select(l => l.TryTakeUnsaved()).OfType<VenOnDisk.Unsaved>().ToList();
                all &= taken.Count == some.Length;
                await WriteAsync(taken, ct);
            }

            // Only once every reading before it is on disk.
            if (all && reached is { } cursor)
            {
                await progress.SaveAsync(cursor, ct);
            }
        }
        catch (StoreUnavailableException e)
        {
            LogStoreAway(OneLine.Of(e.Message));
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The service ends.
        }
    }

    private async Task WriteAsync(IReadOnlyList<VenOnDisk.Unsaved> parts, CancellationToken ct)
    {
        try
        {
            await store.WriteAsync(
                async tx =>
                {
                    foreach (var part in parts)
                    {
                        await part.WriteAsync(tx);
                    }
                },
                ct);
            foreach (var part in parts)
            {
                part.Committed();
            }
        }
        finally
        {
            foreach (var part in parts)
            {
                part.Dispose();
            }
        }
    }

    private async Task RetainAsync(CancellationToken ct)
    {
        try
        {
            await messages.ForgetAsync(clock.GetCurrentInstant() - options.KeepFor, ct);
            foreach (var ven in fleet.Loops)
            {
                await messages.TrimAsync(ven.Id, options.KeepRows, ct);
            }
        }
        catch (StoreUnavailableException e)
        {
            LogStoreAway(OneLine.Of(e.Message));
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The service ends.
        }
    }

    [LoggerMessage(EventId = 5130, Level = LogLevel.Warning, Message = "Journal and report points wait for the store: {Reason}")]
    private partial void LogStoreAway(string reason);
}
