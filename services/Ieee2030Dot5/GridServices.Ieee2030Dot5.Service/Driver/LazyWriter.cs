using GridServices.Hosting;
using GridServices.Ieee2030Dot5.Service.Journal;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Driver;

/// <summary>
/// Writes what may wait, of many clients in one transaction: counted polls, running averages, and then how far the hub's feedback is taken in.
/// Dying before it costs a count of polls, and the readings since are read from the hub again. It also notices when the machine's clock was set.
/// </summary>
internal sealed partial class LazyWriter(
    ClientFleet fleet, Store store, ExchangeStore exchanges, FeedbackProgress progress, JournalOptions options, SteadyClock clock, TimeProvider time, ILogger<LazyWriter> log)
    : BackgroundService
{
    private const int ClientsPerCommit = 200;
    private static readonly Duration StepAlarm = Duration.FromSeconds(5);
    private Duration _knownStep;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await WriteAsync(cancellationToken);
    }

    /// <summary>Writes one client's share now, so that its journal can be read whole.</summary>
    public async Task WriteAsync(ClientLoop client, CancellationToken ct)
    {
        if (client.HasUnsaved && client.TryTakeUnsaved() is { } unsaved)
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
            LookAtClock();
            if (clock.GetCurrentInstant() >= nextRetention && !stoppingToken.IsCancellationRequested)
            {
                await RetainAsync(stoppingToken);
                nextRetention = clock.GetCurrentInstant() + options.RetentionInterval;
            }
        }
    }

    /// <summary>A machine that slept has lost time that no clock counted: every client asks its server anew what time it is.</summary>
    private void LookAtClock()
    {
        var step = clock.Step;
        if (Duration.FromNanoseconds(Math.Abs((step - _knownStep).TotalNanoseconds)) > StepAlarm)
        {
            LogStepped((step - _knownStep).TotalSeconds);
            _knownStep = step;
            foreach (var client in fleet.Loops)
            {
                client.Offer(new ClientWork.Take(new DerInput.OperatorAction(DerAction.Rediscover), null));
            }
        }
    }

    private async Task WriteAsync(CancellationToken ct)
    {
        try
        {
            var reached = progress.Reached;
            var all = true;
            foreach (var some in fleet.Loops.Where(l => l.HasUnsaved).Chunk(ClientsPerCommit))
            {
                var taken = some.Select(l => l.TryTakeUnsaved()).OfType<ClientOnDisk.Unsaved>().ToList();
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

    private async Task WriteAsync(IReadOnlyList<ClientOnDisk.Unsaved> parts, CancellationToken ct)
    {
        try
        {
            var now = clock.GetCurrentInstant();
            await store.WriteAsync(
                async tx =>
                {
                    foreach (var part in parts)
                    {
                        await part.WriteAsync(tx, now);
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
            await exchanges.ForgetAsync(clock.GetCurrentInstant() - options.KeepFor, ct);
            foreach (var client in fleet.Loops)
            {
                await exchanges.TrimAsync(client.Id, options.KeepRows, ct);
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

    [LoggerMessage(EventId = 5230, Level = LogLevel.Warning, Message = "Journal and averages wait for the store: {Reason}")]
    private partial void LogStoreAway(string reason);

    [LoggerMessage(EventId = 5231, Level = LogLevel.Warning, Message = "The machine's clock was set by {Seconds:F0} s, or the machine slept; every client asks its server for the time again")]
    private partial void LogStepped(double seconds);
}
