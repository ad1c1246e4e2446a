namespace GridServices.EnvelopeHub.Service.History;

internal sealed partial class HistoryLoop
{
    [LoggerMessage(EventIds.HistoryLoopAnother, LogLevel.Error,
        "The hub's store is of another history than before: {Why}. It is epoch {Epoch} now; limits may be missing until {Publishers} known publishers have restated (none known: for {Settle} s)")]
    private static partial void LogAnother(ILogger logger, string why, string epoch, int publishers, double settle);

    [LoggerMessage(EventIds.HistoryLoopFirst, LogLevel.Information, "A new store: epoch {Epoch}")]
    private static partial void LogFirst(ILogger logger, string epoch);

    [LoggerMessage(EventIds.HistoryLoopWaiting, LogLevel.Warning, "Controllers of tenant {Tenant} are told that limits may be missing: waiting for {Publishers}")]
    private static partial void LogWaiting(ILogger logger, string tenant, string publishers);

    [LoggerMessage(EventIds.HistoryLoopComplete, LogLevel.Information, "The limits of tenant {Tenant} are complete in epoch {Epoch}")]
    private static partial void LogComplete(ILogger logger, string tenant, string epoch);

    [LoggerMessage(EventIds.HistoryLoopForgot, LogLevel.Warning,
        "{Source} of tenant {Tenant} came back without knowing this hub: its store was lost. Limits may be missing until it publishes, or until a person strikes it (DELETE /v1/publishers/…)")]
    private static partial void LogForgot(ILogger logger, string source, string tenant);

    [LoggerMessage(EventIds.HistoryLoopPutOff, LogLevel.Warning, "What is known of publishers waits for the store: {Reason}")]
    private static partial void LogPutOff(ILogger logger, string reason);

    [LoggerMessage(EventIds.HistoryLoopFailed, LogLevel.Error, "The look at the store's history failed; it is tried again in {Seconds} s")]
    private static partial void LogFailed(ILogger logger, double seconds, Exception fault);
}
