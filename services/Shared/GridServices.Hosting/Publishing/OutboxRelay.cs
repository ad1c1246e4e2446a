using GridServices.Contracts;
using GridServices.Hosting.Health;
using GridServices.Hosting.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GridServices.Hosting.Publishing;

/// <summary>
/// Sends the outbox to the hub: at least once, in the order of the commits per site, one batch at a time.
/// A row leaves the table only after the hub said what became of it, so dying anywhere costs a duplicate at most, which the hub knows as such.
/// </summary>
internal sealed partial class OutboxRelay : BackgroundService
{
    private static readonly TimeSpan StuckAfter = TimeSpan.FromMinutes(3);
    private readonly Outbox _outbox;
    private readonly OutboxQueue _queue;
    private readonly OutboxGauges _gauges;
    private readonly Store _store;
    private readonly RelayOptions _options;
    private readonly TimeProvider _time;
    private readonly Liveness _liveness;
    private readonly ILogger _logger;
    private readonly HubChannel _hub;
    private readonly HubView _view;
    private readonly Backoff _backoff;
    private readonly HeldSites _held;
    private int _batchItems;
    private int _failures;
    private long _failingSince;

    public OutboxRelay(
        Outbox outbox, OutboxQueue queue, OutboxGauges gauges, Store store, RelayOptions options, HubChannel hub, HubView view,
        TimeProvider time, Liveness liveness, ILogger<OutboxRelay> logger)
    {
        (_outbox, _queue, _gauges, _store, _options) = (outbox, queue, gauges, store, options);
        (_time, _liveness, _logger) = (time, liveness, logger);
        (_hub, _view) = (hub, view);
        _backoff = options.Backoff;
        _held = new HeldSites(time, _backoff);
        _batchItems = options.MaxItems;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var beat = _liveness.Watch("outbox", StuckAfter);

        // A request under way when the service stops gets a moment to end, so that its answer is not lost.
        using var cut = new CancellationTokenSource();
        await using var stop = stoppingToken.Register(() => cut.CancelAfter(_options.StopGrace));
        while (!stoppingToken.IsCancellationRequested)
        {
            beat.Beat();
            try
            {
                await using var turn = await _store.TryLockAsync("outbox", stoppingToken);
                await (turn is null ? WaitForTurnAsync(stoppingToken) : RelayAsync(turn, beat, stoppingToken, cut.Token));
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                // The relay is the only way out of this table: it never gives up.
                var pause = Fail(fault is StoreUnavailableException ? fault.Message : fault.ToString());
                await Task.Delay(pause, _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    // Counted here too: what nobody sends must be seen to wait. Seldom, for all rows are read, and each node that waits does.
    private async Task WaitForTurnAsync(CancellationToken stopping)
    {
        await _gauges.RefreshAsync(_options.CountWaiting, stopping);
        await Task.Delay(_options.LookAgain, _time, stopping);
    }

    private async Task RelayAsync(StoreLock storeLock, LoopBeat beat, CancellationToken stopping, CancellationToken cut)
    {
        while (!stopping.IsCancellationRequested && await storeLock.IsHeldAsync(stopping))
        {
            beat.Beat();
            var rows = await _queue.NextAsync(_batchItems, _options.MaxBytes, _held.Now(), stopping);
            if (rows.FirstOrDefault(row => row.IsDamaged) is { } damaged)
            {
                await ParkDamagedAsync(damaged, stopping);
            }
            else if (rows.Count == 0)
            {
                await RestAsync(storeLock, beat, stopping);
            }
            else if (await SendAsync(rows, cut) is { } pause)
            {
                await _gauges.RefreshAsync(stopping);

                // Asked before the pause too: the turn ends where nothing is said in it for a minute, and hub and pause may take half of it each.
                await (await storeLock.IsHeldAsync(stopping) ? Task.Delay(pause, _time, stopping) : Task.CompletedTask);
            }
        }
    }

    /// <summary>Until there may be something to send. Nobody who woke us: then the counts alone tell, which the measures need anyway.</summary>
    private async Task RestAsync(StoreLock storeLock, LoopBeat beat, CancellationToken stopping)
    {
        await _gauges.RefreshAsync(stopping);
        while (!await _outbox.WaitAsync(_options.LookAgain, stopping) && await storeLock.IsHeldAsync(stopping))
        {
            beat.Beat();
            if (await _gauges.CountAsync(stopping) > 0)
            {
                return;
            }
        }
    }

    /// <returns>Null: go on at once; else how long to leave the hub alone.</returns>
    private async Task<TimeSpan?> SendAsync(IReadOnlyList<OutboxRow> rows, CancellationToken ct)
    {
        CrashPoint.Hit("outbox.before-post");
        var reply = await _hub.PostAsync(rows, ct);
        CrashPoint.Hit("outbox.after-post");
        switch (reply)
        {
            case HubReply.Answered answered:
                await SettleAsync(rows, answered.Results, ct);
                _view.OnEpoch(answered.Epoch);
                return null;
            case HubReply.Unfit unfit when rows.Count == 1:
                await ParkAsync(rows[0], unfit.Problem, ct);
                return null;
            case HubReply.Unfit unfit:
                return await SendHalvesAsync(rows, unfit.TooLarge, ct);
            case HubReply.Misconfigured wrong:
                Fail(wrong.Reason);
                return HeldSites.PauseAfter(_backoff, int.MaxValue);
            case HubReply.Failed failed:
                var pause = Fail(failed.Reason);
                return failed.RetryAfter is { } asked && asked > pause ? Least(asked, _options.LongestPause) : pause;
            default:
                throw new InvalidOperationException($"Unknown reply {reply}.");
        }
    }

    /// <summary>The second half waits for the first: it may hold later items of the same sites.</summary>
    private async Task<TimeSpan?> SendHalvesAsync(IReadOnlyList<OutboxRow> rows, bool tooLarge, CancellationToken ct)
    {
        var half = rows.Count / 2;
        if (tooLarge)
        {
            _batchItems = half;
        }

        if (await SendAsync([.. rows.Take(half)], ct) is { } pause)
        {
            return pause;
        }

        var heldNow = _held.Now();
        var rest = rows.Skip(half).Where(row => !heldNow.Contains(row.SiteId)).ToList();
        return rest.Count == 0 ? null : await SendAsync(rest, ct);
    }

    private async Task SettleAsync(IReadOnlyList<OutboxRow> rows, IReadOnlyList<PublishResult> results, CancellationToken ct)
    {
        var done = new List<long>(rows.Count);
        var refused = new List<(long Id, Problem Problem)>();
        var behind = new List<BehindItem>();
        foreach (var (row, result) in rows.Zip(results))
        {
            if (RaiseRule.Applies(result))
            {
                behind.Add(new BehindItem(row, result));
            }
            else if (result.Status != PublishStatus.Rejected)
            {
                done.Add(row.Id);
                _held.Release(row.SiteId);
            }
            else if (IsPassing(result.Problem))
            {
                _held.HoldBack(row.SiteId);
                LogHeld(_logger, row.SiteId, row.Id, result.Problem?.Detail);
            }
            else
            {
                var problem = result.Problem ?? Problems.Create(ErrorClass.Internal, "The hub rejected it without saying why.");
                refused.Add((row.Id, problem));
                LogParked(_logger, row.SiteId, row.Id, problem.Type, problem.Detail, problem.Pointer);
            }
        }

        var verdicts = await _queue.SettleAsync(done, refused, behind, ct);
        CrashPoint.Hit("outbox.after-settle");
        ReportVerdicts(behind, verdicts);
        _gauges.Sent(done.Count);
        _view.Settled(rows);
        _batchItems = Math.Min(_options.MaxItems, _batchItems + 25);
        Recover();
    }

    private void ReportVerdicts(List<BehindItem> behind, IReadOnlyList<RaiseVerdict> verdicts)
    {
        foreach (var ((row, result), verdict) in behind.Zip(verdicts))
        {
            switch (verdict)
            {
                case RaiseVerdict.Raise raise:
                    LogRaised(_logger, row.Stream!, result.HeldRevision, row.Revision + raise.By);
                    _gauges.Raised();
                    break;
                case RaiseVerdict.Later later:
                    LogLater(_logger, row.Stream!, result.HeldRevision, later.Why);
                    break;
                case RaiseVerdict.GiveUp giveUp:
                    LogGivenUp(_logger, row.Stream!, row.Id, giveUp.Times);
                    break;
                case RaiseVerdict.Untracked when result.Problem is { } problem:
                    LogParked(_logger, row.SiteId, row.Id, problem.Type, problem.Detail, problem.Pointer);
                    break;
                case RaiseVerdict.Untracked:
                    LogStale(_logger, row.Id, row.SiteId);
                    break;
            }

            if (verdict is not RaiseVerdict.Raise)
            {
                _held.Release(row.SiteId);
            }
        }
    }

    private async Task ParkAsync(OutboxRow row, Problem problem, CancellationToken ct)
    {
        LogParked(_logger, row.SiteId, row.Id, problem.Type, problem.Detail, problem.Pointer);
        await _queue.SettleAsync([], [(row.Id, problem)], [], ct);
        _view.Settled([row]);
        Recover();
    }

    private async Task ParkDamagedAsync(OutboxRow row, CancellationToken ct)
    {
        LogDamaged(_logger, row.SiteId, row.Id);
        if (await _queue.ParkDamagedAsync(row, ct))
        {
            LogDamagedStream(_logger, row.Stream!);
        }

        _view.Settled([row]);
    }

    /// <summary>The hub's own trouble, not the item's.</summary>
    private static bool IsPassing(Problem? problem) => problem is { Status: >= 500 or 429 or 408 };

    private static TimeSpan Least(TimeSpan a, TimeSpan b) => a < b ? a : b;

    /// <summary>Counts a failure, tells people at the 1st, 2nd, 4th, 8th …, and says how long to wait.</summary>
    private TimeSpan Fail(string reason)
    {
        if (_failures == 0)
        {
            _failingSince = _time.GetTimestamp();
        }

        _failures++;
        if (int.IsPow2(_failures))
        {
            LogFailed(_logger, _hub.Publish, reason, _failures);
        }

        return HeldSites.PauseAfter(_backoff, _failures);
    }

    private void Recover()
    {
        if (_failures > 0)
        {
            LogRecovered(_logger, _hub.Publish, _time.GetElapsedTime(_failingSince));
            _failures = 0;
        }
    }

    [LoggerMessage(EventIds.OutboxRelayFailed, LogLevel.Warning, "The outbox can't be sent to {Hub}: {Reason} (failure {Failures}; it is kept and tried again)")]
    private static partial void LogFailed(ILogger logger, Uri hub, string reason, int failures);

    [LoggerMessage(EventIds.OutboxRelayRecovered, LogLevel.Information, "{Hub} takes the outbox again after {Outage}")]
    private static partial void LogRecovered(ILogger logger, Uri hub, TimeSpan outage);

    [LoggerMessage(EventIds.OutboxRelayParked, LogLevel.Error, "The hub rejected item {Id} of site {SiteId}; it is parked, see GET /v1/outbox: {Type} {Detail} {Pointer}")]
    private static partial void LogParked(ILogger logger, string siteId, long id, string type, string? detail, string? pointer);

    [LoggerMessage(EventIds.OutboxRelayDamaged, LogLevel.Error, "Item {Id} of site {SiteId} was changed in the store after it was written; it is parked, not sent, see GET /v1/outbox")]
    private static partial void LogDamaged(ILogger logger, string siteId, long id);

    [LoggerMessage(EventIds.OutboxRelayDamagedStream, LogLevel.Error,
        "What is stored of {Stream} was changed after it was written, so it is not said again; a hub that lacks it stays incomplete until this service states the stream anew. Check the disk")]
    private static partial void LogDamagedStream(ILogger logger, string stream);

    [LoggerMessage(EventIds.OutboxRelayHeld, LogLevel.Warning, "The hub could not take item {Id} of site {SiteId} now; the site's items wait: {Detail}")]
    private static partial void LogHeld(ILogger logger, string siteId, long id, string? detail);

    [LoggerMessage(EventIds.OutboxRelayRaised, LogLevel.Warning, "The hub holds revision {Held} of {Stream}, which is not what this service says; it is published again as revision {Revision}")]
    private static partial void LogRaised(ILogger logger, string stream, long? held, long? revision);

    [LoggerMessage(EventIds.OutboxRelayLater, LogLevel.Warning, "The hub holds revision {Held} of {Stream}, which is not what this service has stored; the hub's stays in force. {Why}")]
    private static partial void LogLater(ILogger logger, string stream, long? held, string why);

    [LoggerMessage(EventIds.OutboxRelayGivenUp, LogLevel.Error, "{Stream} was raised {Times} times within a minute and the hub still holds a higher revision: another publisher speaks for it. Item {Id} is parked and tried again after a pause; stop one of the two")]
    private static partial void LogGivenUp(ILogger logger, string stream, long id, long times);

    [LoggerMessage(EventIds.OutboxRelayStale, LogLevel.Warning, "The hub holds a higher revision than item {Id} of site {SiteId}, which this service no longer remembers")]
    private static partial void LogStale(ILogger logger, long id, string siteId);
}
