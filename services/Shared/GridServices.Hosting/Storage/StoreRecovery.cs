using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GridServices.Hosting.Storage;

/// <summary>While commits fail, tries one of its own each second, so that recovery needs nobody's request.</summary>
internal sealed partial class StoreRecovery(Store store, TimeProvider time, ILogger<StoreRecovery> logger) : BackgroundService
{
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await RecoverAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task RecoverAsync(CancellationToken ct)
    {
        var failure = await store.Commits.FailureAsync(ct);
        LogFailing(logger, store.Place, failure.Reason);
        while (await store.TestCommitAsync(ct) is not null)
        {
            await Task.Delay(Again, time, ct);
        }

        LogRecovered(logger, store.Place, time.GetElapsedTime(failure.Since));
    }

    [LoggerMessage(EventIds.StoreRecoveryFailing, LogLevel.Error, "Nothing can be stored in {Place}: {Reason} Requests that must store are answered 503 until it can; it is tried each second")]
    private static partial void LogFailing(ILogger logger, string place, string reason);

    [LoggerMessage(EventIds.StoreRecoveryRecovered, LogLevel.Information, "{Place} stores again after {Outage}")]
    private static partial void LogRecovered(ILogger logger, string place, TimeSpan outage);
}
