using GridServices.Contracts;
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
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The service ends.
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Whatever it is: a cursor that is stored later costs reading again, and must not end the publisher.
            LogStoreAway(SafeText.Line(e.Message));
        }
    }

    [LoggerMessage(EventId = EventIds.FeedbackSaverStoreAway, Level = LogLevel.Warning, Message = "How far the hub's feedback is read waits for the store: {Reason}")]
    private partial void LogStoreAway(string reason);
}
