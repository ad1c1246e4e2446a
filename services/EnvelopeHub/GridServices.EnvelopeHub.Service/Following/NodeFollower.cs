using GridServices.EnvelopeHub.Nodes;
using GridServices.EnvelopeHub.Service.Feedback;
using GridServices.EnvelopeHub.Service.History;
using GridServices.EnvelopeHub.Service.Nodes;
using GridServices.EnvelopeHub.Service.Sites;
using GridServices.EnvelopeHub.Service.Streaming;
using GridServices.EnvelopeHub.Service.Upstream;
using GridServices.EnvelopeHub.Sites;
using GridServices.EnvelopeHub.Upstream;
using GridServices.Hosting.Storage;
using Microsoft.Extensions.Options;

namespace GridServices.EnvelopeHub.Service.Following;

/// <summary>
/// Shows here what other instances have stored: looks at the shared store several times a second, and at once when one of them gives a hint.
/// <code>
///   hint, or it is time ─▶ one look: counters, epoch, notices ─▶ history ─▶ sites ─▶ upstreams ─▶ go on from there
///                               └ news of publishers: read ─▶ another look ─▶ sites ─▶ only then they count
/// </code>
/// Where a look fails the next one begins at the same place.
/// </summary>
internal sealed partial class NodeFollower(
    CommitNotices notices, StoreFreshness freshness, SiteCache sites, SiteFollower follower, HubHistory history, HistoryLoop loop,
    FeedbackQueue feedback, UpstreamStore upstreams, UpstreamReports reports,
    HeartbeatScheduler heartbeats, TimeProvider time, IOptions<EnvelopeHubOptions> options, ILogger<NodeFollower> logger) : BackgroundService
{
    private CommitCursor? _cursor;
    private long _feedback;
    private long _heard;
    private long _publishers = -1;
    private bool _restarted;
    private long _upstream;
    private Moment? _lookedAt;
    private bool _failing;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (notices.IsShared)
        {
            // Before anybody asks: what is loaded from here on is as new as the first look.
            _upstream = upstreams.RestoredTo;
            var look = freshness.BeginLook();
            await PollAsync(cancellationToken);
            freshness.Seen(look);
        }

        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!notices.IsShared)
        {
            return;
        }

        await using var doubt = time.CreateTimer(_ => CheckFreshness(), null, options.Value.LookInterval, options.Value.LookInterval);
        try
        {
            while (true)
            {
                await TryLookAsync(stoppingToken);
                await freshness.WaitAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            freshness.Close();
        }
    }

    private async Task TryLookAsync(CancellationToken ct)
    {
        var look = freshness.BeginLook();
        try
        {
            await PollAsync(ct);
            freshness.Seen(look);
            if (_failing)
            {
                LogAgain(logger);
            }

            _failing = false;
        }
        catch (Exception fault)
        {
            look.Asked?.TrySetException(fault as StoreUnavailableException ?? new StoreUnavailableException(fault.Message, fault));
            ct.ThrowIfCancellationRequested();

            // Whatever it is, the next look begins at the same place; and while none succeeds nothing old is told for long.
            if (!_failing)
            {
                LogUnseen(logger, fault.Message);
            }

            _failing = true;
        }
    }

    private async Task PollAsync(CancellationToken ct)
    {
        await FollowToTheEndAsync(ct);
        if (_heard == _publishers && !_restarted)
        {
            return;
        }

        // What a publisher said completes limits: it counts once the sites were followed to a moment behind it, never before.
        var heard = _heard;
        (_publishers, _restarted) = (-1, false);
        await loop.MergeAsync(() => FollowToTheEndAsync(ct), ct);
        _publishers = heard;
    }

    private async Task FollowToTheEndAsync(CancellationToken ct)
    {
        bool more;
        do
        {
            var now = reports.Now;
            more = await FollowAsync(await notices.ReadAsync(_cursor?.Seen, ct), ct);
            _lookedAt = now;
        }
        while (more);
    }

    /// <returns>Whether there is more to be seen at once.</returns>
    private async Task<bool> FollowAsync(StoreMoment moment, CancellationToken ct)
    {
        var step = _cursor?.Next(moment.Publications, moment.Notices, CommitNotices.Most, notices.HasShown);
        if (!history.IsCurrent(moment.Epoch) || step?.WentBack == true)
        {
            await loop.FollowAsync(ct);
        }

        (_heard, _restarted) = (moment.Publishers, _restarted || step?.Restarted == true);
        history.Counted(moment.Epoch, moment.Publications + moment.Feedback);
        if (step is not null)
        {
            await follower.FollowAsync(step.AllSites ? [.. sites.Cells] : [.. step.Sites.Select(sites.Find).OfType<SiteState>()], ct);
        }

        WakeFeedback(moment.Feedback);
        await FollowUpstreamsAsync(moment.Upstream, ct);
        _cursor = step?.Cursor ?? new CommitCursor(moment.Publications);
        notices.SeenTo(_cursor.Seen);
        return step?.HasMore == true;
    }

    private void WakeFeedback(long commits)
    {
        if (commits != _feedback)
        {
            _feedback = commits;
            feedback.WakeReaders();
        }
    }

    private async Task FollowUpstreamsAsync(long change, CancellationToken ct)
    {
        if (change == _upstream)
        {
            return;
        }

        var changed = new HashSet<SiteKey>();
        var now = reports.Now;
        foreach (var (tenant, source, said) in await upstreams.ReadAfterAsync(change < _upstream ? 0 : _upstream, ct))
        {
            if (said is not { } report)
            {
                changed.UnionWith(reports.Silence(tenant, source));
                continue;
            }

            // Nobody knows how their clocks differ: it is no older than the look before, and counts as so old.
            changed.UnionWith(reports.Apply(tenant, report, now with { Steady = (_lookedAt ?? now).Steady }) ?? new HashSet<SiteKey>());
        }

        _upstream = change;
        foreach (var cell in changed.Select(sites.Find).OfType<SiteState>().Where(cell => cell.HasSubscribers))
        {
            heartbeats.TrySendHeartbeat(cell);
        }
    }

    private void CheckFreshness()
    {
        if (freshness.DoubtIfStale())
        {
            LogDoubt(logger, options.Value.UnseenFor.TotalSeconds);
        }
    }

    [LoggerMessage(EventIds.NodeFollowerUnseen, LogLevel.Warning, "What other instances commit can't be seen now; it is tried again: {Reason}")]
    private static partial void LogUnseen(ILogger logger, string reason);

    [LoggerMessage(EventIds.NodeFollowerAgain, LogLevel.Information, "What other instances commit is seen again")]
    private static partial void LogAgain(ILogger logger);

    [LoggerMessage(EventIds.NodeFollowerDoubt, LogLevel.Error, "The shared store could not be looked at for {Seconds} s, so other instances may have committed what is not seen here: streams end, and requests about sites are answered 503 until it can be looked at again")]
    private static partial void LogDoubt(ILogger logger, double seconds);
}
