using System.Diagnostics;
using System.Threading.Channels;
using GridServices.Contracts;
using GridServices.EnvelopeHub.Service.History;
using GridServices.EnvelopeHub.Service.Nodes;
using GridServices.EnvelopeHub.Service.Sites;
using GridServices.EnvelopeHub.Service.Streaming;
using GridServices.EnvelopeHub.Sites;
using GridServices.EnvelopeHub.Streaming;
using GridServices.Hosting;
using GridServices.Hosting.Health;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Storage;
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
    SiteCache sites, SiteLog log, SiteFollower follower, DamagedSites damage, HubHistory history, StoreFreshness freshness, CommitNotices notices, CommitHints hints,
    EffectiveTimelinePublisher effective, HubMetrics metrics, IClock clock, TimeProvider time, IOptions<EnvelopeHubOptions> options, Liveness liveness, ILogger<CommitQueue> logger)
    : BackgroundService
{
    private const int ItemsPerCommit = 20_000;
    private const int EpochTurns = 5;
    private readonly Channel<PublishJob> _jobs = Channel.CreateUnbounded<PublishJob>(new UnboundedChannelOptions { SingleReader = true });
    private static readonly TimeSpan StuckAfter = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan ReloadInterval = TimeSpan.FromSeconds(1);

    // Sites of commits whose outcome only the store knows, until they were read from it. Of the writer alone.
    private readonly HashSet<SiteKey> _unread = [];
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
            while (await HasWorkAsync())
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

    private async Task<bool> HasWorkAsync()
    {
        var work = _jobs.Reader.WaitToReadAsync(CancellationToken.None).AsTask();
        while (_unread.Count > 0 && await Task.WhenAny(work, Task.Delay(ReloadInterval, time, CancellationToken.None)) != work)
        {
            await history.Writing.WaitAsync(CancellationToken.None);
            await TryReloadAsync();
            history.Writing.Release();
        }

        return await work;
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
        for (var turn = 1; !await TryCommitAsync(jobs, isLast: turn == EpochTurns); turn++)
        {
            await TryLookAsync();
        }
    }

    /// <returns>False where another instance has begun another history: it is to be taken over first.</returns>
    private async Task<bool> TryCommitAsync(List<PublishJob> jobs, bool isLast)
    {
        IReadOnlyDictionary<SiteKey, SiteLease> leases = new Dictionary<SiteKey, SiteLease>();
        await history.Writing.WaitAsync();
        try
        {
            await ReloadAsync();
            leases = await sites.AcquireAsync(jobs.SelectMany(job => job.Items).Select(item => item.Site), CancellationToken.None);

            // One that could not be read when the history began still holds the one before: nothing is judged by that.
            await sites.RestartAsync(leases.Values.Select(lease => lease.Cell).Where(cell => !history.IsCurrent(cell.View.Epoch)), CancellationToken.None);
            var (draft, commits) = await StoreAsync(jobs, leases);
            Show(draft, leases);
            notices.Shown(commits);
            foreach (var (job, results) in jobs.Zip(draft.Results))
            {
                job.Answer.SetResult(results);
            }

            // After the answers: ten thousand awake subscribers would stand before them in the queue for a thread.
            FanOut(draft, leases);
        }
        catch (EpochMovedException) when (!isLast)
        {
            return false;
        }
        catch (Exception fault)
        {
            await FailAsync(jobs, fault is EpochMovedException moved ? new StoreUnavailableException(moved.Message, moved) : fault, leases.Keys);
        }
        finally
        {
            history.Writing.Release();
            foreach (var lease in leases.Values)
            {
                lease.Dispose();
            }
        }

        return true;
    }

    // The writer outlives everything: the fault goes to those who wait for an answer.
    private async Task FailAsync(List<PublishJob> jobs, Exception fault, IEnumerable<SiteKey> written)
    {
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

        await ReloadAfterAsync(fault, written);
    }

    private async Task TryLookAsync()
    {
        try
        {
            await freshness.RefreshAsync(CancellationToken.None);
        }
        catch (StoreUnavailableException)
        {
            // The next turn fails with it.
        }
    }

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
            effective.Schedule(cell);
        }
    }

    // Whether a commit whose connection broke took place, only the store knows: it is asked until it answers.
    private async Task ReloadAfterAsync(Exception fault, IEnumerable<SiteKey> written)
    {
        if (fault is StoreUnavailableException { OutcomeUnknown: true })
        {
            _unread.UnionWith(written);
            await TryReloadAsync();
        }
    }

    private async Task TryReloadAsync()
    {
        try
        {
            await ReloadAsync();
        }
        catch (Exception fault)
        {
            // It is tried again each second, and before the next commit. A store that is away tells so itself, once.
            if (fault is not StoreUnavailableException)
            {
                LogUnread(logger, fault);
            }
        }
    }

    private async Task ReloadAsync()
    {
        // One that is no longer in memory is read when it is next asked for.
        var cells = _unread.Select(sites.Find).OfType<SiteState>().ToList();
        await sites.LoadAsync(cells, CancellationToken.None);
        _unread.Clear();
        cells.ForEach(effective.Schedule);
    }

    [LoggerMessage(EventIds.CommitQueueFailed, LogLevel.Error, "A commit for {Jobs} publishers failed; nothing of it is shown")]
    private static partial void LogFailed(ILogger logger, int jobs, Exception fault);

    [LoggerMessage(EventIds.CommitQueueStillAway, LogLevel.Error, "The sites of a commit of unknown outcome can't be read yet; it is tried again")]
    private static partial void LogUnread(ILogger logger, Exception fault);
}

/// <summary>One request's submissions, and the promise of their results.</summary>
internal sealed record PublishJob(IReadOnlyList<PublicationEntry> Items)
{
    public TaskCompletionSource<IReadOnlyList<PublishResult>> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
