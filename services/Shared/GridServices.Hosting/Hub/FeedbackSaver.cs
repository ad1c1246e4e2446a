using GridServices.Contracts;
using GridServices.Hosting.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GridServices.Hosting.Hub;

/// <summary>Stores every few seconds how far feedback is taken in; dying before it costs reading those seconds again.</summary>
internal sealed partial class FeedbackSaver(FeedbackProgress progress, TimeProvider time, ILogger<FeedbackSaver> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await SaveAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await SaveAsync(stoppingToken);
        }
    }

    private async Task SaveAsync(CancellationToken ct)
    {
        try
        {
            if (progress.Reached is { } cursor)
            {
                await progress.SaveAsync(cursor, ct);
            }
        }
        catch (StoreUnavailableException e)
        {
            LogStoreAway(SafeText.Line(e.Message));
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The service ends.
        }
    }

    [LoggerMessage(EventId = EventIds.FeedbackSaverStoreAway, Level = LogLevel.Warning, Message = "How far the hub's feedback is read waits for the store: {Reason}")]
    private partial void LogStoreAway(string reason);
}
