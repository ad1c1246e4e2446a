using GridServices.Hosting.Storage;
using GridServices.Tariffs.Service.Prices;
using NodaTime;

namespace GridServices.Tariffs.Service.Meters;

/// <summary>Steps meters for which only time has passed, every quarter of a second.</summary>
internal sealed partial class MeterTimer(MeterUpdater updater, MeterHealth health, Store store, IClock clock, TimeProvider time, ILogger<MeterTimer> log) : BackgroundService
{
    private const int AtOnce = 200;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    // The clock may have been set back while nobody looked, too.
    private Instant looked = Instant.MaxValue;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var (away, failing) = (false, false);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await PollAsync(stoppingToken);
                (away, failing) = (false, false);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (StoreUnavailableException e)
            {
                if (!away)
                {
                    LogStoreAway(e.Message);
                }

                away = true;
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // Unforeseen ones too: the loop must not end for what one row holds, and the service with it.
                if (!failing)
                {
                    LogFailed(e);
                }

                failing = true;
            }

            await Task.Delay(Interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task PollAsync(CancellationToken ct)
    {
        if (!health.IsReady)
        {
            health.Load(await store.ReadAsync(StreamStore.LiveAsync, ct), await store.ReadAsync(PublishedPriceStore.LiveAsync, ct));
        }

        var now = clock.GetCurrentInstant();
        if (now < looked)
        {
            await updater.WakeAheadAsync(ct);
        }

        looked = now;
        while (await updater.TickAsync(AtOnce, ct))
        {
        }
    }

    [LoggerMessage(EventId = EventIds.MeterTimerStoreAway, Level = LogLevel.Warning, Message = "Meters wait for the store: {Reason}")]
    private partial void LogStoreAway(string reason);

    [LoggerMessage(EventId = EventIds.MeterTimerFailed, Level = LogLevel.Error, Message = "The look at meters for which time has passed failed; it is tried again four times a second")]
    private partial void LogFailed(Exception e);
}
