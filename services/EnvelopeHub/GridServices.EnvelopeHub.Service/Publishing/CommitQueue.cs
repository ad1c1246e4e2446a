using System.Diagnostics;
using System.Security.Cryptography;
using System.Threading.Channels;
using GridServices.Contracts;
using GridServices.EnvelopeHub.Service.History;
using GridServices.EnvelopeHub.Service.Sites;
using GridServices.EnvelopeHub.Service.Streaming;
using GridServices.EnvelopeHub.Sites;
using GridServices.EnvelopeHub.Streaming;
using GridServices.Hosting;
using Microsoft.Extensions.Options;
using NodaTime;

namespace GridServices.EnvelopeHub.Service.Publishing;

/// <summary>
/// The one writer of publications. It takes all that waits, stores it in one transaction, and only then answers and fans out:
/// <code>
///   publish ─┐
///   publish ─┼─▶ queue ─▶ judge against the live sets ─▶ store + heads, commit ─▶ show in memory, wake subscribers ─▶ answer
///   publish ─┘
/// </code>
/// When the store fails nothing in memory has changed, and every waiting publisher is told so.
/// </summary>
internal sealed partial class CommitQueue(
    SiteCache sites, SiteLog log, DamagedSites damage, HubHistory history, EffectiveTimelinePublisher effective, HubMetrics metrics, IClock clock, IOptions<EnvelopeHubOptions> options, Liveness liveness, ILogger<CommitQueue> logger)
    : BackgroundService
{
    private const int ItemsPerCommit = 20_000;
    private readonly Channel<PublishJob> _jobs = Channel.CreateUnbounded<PublishJob>(new UnboundedChannelOptions { SingleReader = true });
    private static readonly TimeSpan StuckAfter = TimeSpan.FromMinutes(2);
    private int _waiting;
    private volatile bool _working;

    /// <summary>True while the writer runs; without it nothing would ever be answered.</summary>
    public bool IsAlive { get; private set; }

    /// <summary>Items that wait for the writer.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Stores submissions; returns after the commit, with one result each, in their order.</summary>
    /// <exception cref="ProblemException">BACKPRESSURE: too much is waiting.</exception>
    /// <exception cref="StoreUnavailableException">Nothing was stored.</exception>
    public async Task<IReadOnlyList<PublishResult>> SubmitAsync(IReadOnlyList<PublicationEntry> items)
    {
        if (items.Count == 0)
        {
            return [];
        }

        if (Interlocked.Add(ref _waiting, items.Count) > options.Value.QueuedItems)
        {
            Interlocked.Add(ref _waiting, -items.Count);
            throw new ProblemException(ErrorClass.Backpressure, "More is being published than can be stored; send this again later.") { RetryAfter = TimeSpan.FromSeconds(1) };
        }

        var job = new PublishJob(items);
        if (!_jobs.Writer.TryWrite(job))
        {
            Interlocked.Add(ref _waiting, -items.Count);
            throw new ProblemException(ErrorClass.Unavailable, "The hub is stopping; send this again.") { RetryAfter = TimeSpan.FromSeconds(5) };
        }

        return await job.Answer.Task;
    }

    public override Task StopAsync(CancellationToken cancellationToken)
    {
        // What was taken in before is still stored: ExecuteAsync ends when the queue is empty.
        _jobs.Writer.TryComplete();
        return base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        IsAlive = true;
        using var beat = liveness.Watch("writer", StuckAfter, () => _working);
        try
        {
            while (await _jobs.Reader.WaitToReadAsync(CancellationToken.None))
            {
                beat.Beat();
                _working = true;
                var jobs = TakeAll();
                await CommitAsync(jobs);
                _working = false;
                Interlocked.Add(ref _waiting, -jobs.Sum(job => job.Items.Count));
            }
        }
        finally
        {
            IsAlive = false;
        }
    }

    private List<PublishJob> TakeAll()
    {
        var jobs = new List<PublishJob>();
        var items = 0;
        while (items < ItemsPerCommit && _jobs.Reader.TryRead(out var job))
        {
            jobs.Add(job);
            items += job.Items.Count;
        }

        return jobs;
    }

    private async Task CommitAsync(List<PublishJob> jobs)
    {
        IReadOnlyDictionary<SiteKey, SiteLease> leases = new Dictionary<SiteKey, SiteLease>();
        await history.Writing.WaitAsync();
        try
        {
            leases = await sites.UseAsync(jobs.SelectMany(job => job.Items).Select(item => item.Site), CancellationToken.None);
            var draft = await StoreAsync(jobs, leases);
            Show(draft, leases);
            foreach (var (job, results) in jobs.Zip(draft.Results))
            {
                job.Answer.SetResult(results);
            }

            // After the answers: ten thousand awake subscribers would stand before them in the queue for a thread.
            FanOut(draft, leases);
        }
        catch (Exception fault)
        {
            // The writer outlives everything: the fault goes to those who wait for an answer.
            if (fault is not StoreUnavailableException)
            {
                // A store that is away tells so itself, once.
                LogFailed(logger, jobs.Count, fault);
            }

            metrics.CommitFailed();
            foreach (var job in jobs)
            {
                job.Answer.TrySetException(fault);
            }

            await ReloadAfterAsync(fault, [.. leases.Values.Select(lease => lease.Cell)]);
        }
        finally
        {
            history.Writing.Release();
            foreach (var lease in leases.Values)
            {
                lease.Dispose();
            }
        }
    }

    private async Task<CommitDraft> StoreAsync(List<PublishJob> jobs, IReadOnlyDictionary<SiteKey, SiteLease> leases)
    {
        var leap = (SiteKey key) => LeapOf(leases[key].Cell.View);
        var draft = CommitDraft.Create(jobs, key => leases[key].Cell.View.Set, leap, history.Epoch);
        if (draft.Changes.Count == 0)
        {
            return draft;
        }

        var started = Stopwatch.GetTimestamp();
        var now = clock.GetCurrentInstant();
        long commits;
        try
        {
            commits = await log.CommitAsync(draft.Changes, now, CancellationToken.None);
        }
        catch (SiteMovedException)
        {
            // Another node was faster: decide again on what the store holds, while holding it.
            commits = await log.CommitHeldAsync(
                [.. leases.Keys],
                stored =>
                {
                    draft = CommitDraft.Create(jobs, key => stored[key].Set, leap, history.Epoch);
                    return draft.Changes;
                },
                now,
                CancellationToken.None);
        }

        history.CommittedPublications(commits);
        metrics.Committed(draft.Entries, Stopwatch.GetElapsedTime(started));
        return draft;
    }

    // A store that was never put back gave nothing out before its first start.
    private long LeapOf(SiteModel site) => history.HadRuns && site.Leap is null ? 1 + RandomNumberGenerator.GetInt32(Leap.Longest) : 0;

    private void Show(CommitDraft draft, IReadOnlyDictionary<SiteKey, SiteLease> leases)
    {
        CrashPoint.Hit("hub.after-commit");
        var committed = Stopwatch.GetTimestamp();
        foreach (var change in draft.Changes)
        {
            var cell = leases[change.Key].Cell;
            var frames = change.Entries
                .Select(entry => Frame.WithId("envelope", history.Epoch, entry.Sequence, entry.Event.Span) with { CommittedAt = committed })
                .ToList();
            cell.Advance(change.After, frames, options.Value.ReplayEvents, change.Leap);
            damage.Set(change.Key, change.After);
        }
    }

    private void FanOut(CommitDraft draft, IReadOnlyDictionary<SiteKey, SiteLease> leases)
    {
        foreach (var cell in draft.Changes.Select(change => leases[change.Key].Cell))
        {
            cell.WakeAll();
            effective.Due(cell);
        }
    }

    // Whether a commit whose connection broke took place, only the store knows: ask it, until it answers.
    private async Task ReloadAfterAsync(Exception fault, IReadOnlyList<SiteState> cells)
    {
        if (fault is not StoreUnavailableException { OutcomeUnknown: true })
        {
            return;
        }

        try
        {
            await sites.LoadAsync(cells, CancellationToken.None);
        }
        catch (StoreUnavailableException stillAway)
        {
            // The next commit to these sites finds the heads moved and loads them then.
            LogStillAway(logger, stillAway.Message);
        }
    }

    [LoggerMessage(EventIds.CommitQueueFailed, LogLevel.Error, "A commit for {Jobs} publishers failed; nothing of it is shown")]
    private static partial void LogFailed(ILogger logger, int jobs, Exception fault);

    [LoggerMessage(EventIds.CommitQueueStillAway, LogLevel.Warning, "The sites of a commit of unknown outcome can't be read yet: {Reason}")]
    private static partial void LogStillAway(ILogger logger, string reason);
}

/// <summary>One request's submissions, and the promise of their results.</summary>
internal sealed record PublishJob(IReadOnlyList<PublicationEntry> Items)
{
    public TaskCompletionSource<IReadOnlyList<PublishResult>> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
