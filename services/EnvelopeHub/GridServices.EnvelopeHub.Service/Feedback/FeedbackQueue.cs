using System.Collections.Concurrent;
using System.Threading.Channels;
using GridServices.Contracts;
using GridServices.EnvelopeHub.Service.Streaming;
using GridServices.Hosting;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Storage;
using Microsoft.Extensions.Options;
using NodaTime;

namespace GridServices.EnvelopeHub.Service.Feedback;

/// <summary>The one writer of feedback: takes all that waits, stores it in one transaction, then answers and wakes the readers.</summary>
internal sealed partial class FeedbackQueue(FeedbackLog log, HubMetrics metrics, IClock clock, IOptions<EnvelopeHubOptions> options, ILogger<FeedbackQueue> logger)
    : BackgroundService
{
    private const int ItemsPerCommit = 20_000;
    private readonly Channel<Job> _jobs = Channel.CreateUnbounded<Job>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ConcurrentDictionary<AsyncSignal, string> _readers = new();
    private int _waiting;

    public bool IsAlive { get; private set; }

    /// <summary>Stores drafts; returns after the commit, with one outcome each.</summary>
    /// <exception cref="ProblemException">BACKPRESSURE: too much is waiting.</exception>
    /// <exception cref="StoreUnavailableException">Nothing was stored.</exception>
    public async Task<IReadOnlyList<FeedbackOutcome>> SubmitAsync(IReadOnlyList<FeedbackDraft> drafts)
    {
        if (drafts.Count == 0)
        {
            return [];
        }

        var job = new Job(drafts);
        if (Interlocked.Add(ref _waiting, drafts.Count) > options.Value.QueuedItems || !_jobs.Writer.TryWrite(job))
        {
            Interlocked.Add(ref _waiting, -drafts.Count);
            throw new ProblemException(ErrorClass.Backpressure, "More is fed back than can be stored; send this again later.") { RetryAfter = TimeSpan.FromSeconds(1) };
        }

        return await job.Answer.Task;
    }

    /// <summary>Wakes the reader after each commit of its tenant.</summary>
    public void Subscribe(string tenant, AsyncSignal wake) => _readers[wake] = tenant;

    /// <summary>Another history has begun: every reader looks whether it can go on.</summary>
    public void WakeReaders()
    {
        foreach (var wake in _readers.Keys)
        {
            wake.Set();
        }
    }

    public void Unsubscribe(AsyncSignal wake) => _readers.TryRemove(wake, out _);

    public override Task StopAsync(CancellationToken cancellationToken)
    {
        _jobs.Writer.TryComplete();
        return base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        IsAlive = true;
        try
        {
            while (await _jobs.Reader.WaitToReadAsync(CancellationToken.None))
            {
                var jobs = new List<Job>();
                var items = 0;
                while (items < ItemsPerCommit && _jobs.Reader.TryRead(out var job))
                {
                    jobs.Add(job);
                    items += job.Drafts.Count;
                }

                await CommitAsync(jobs);
                Interlocked.Add(ref _waiting, -items);
            }
        }
        finally
        {
            IsAlive = false;
        }
    }

    private async Task CommitAsync(List<Job> jobs)
    {
        try
        {
            var outcomes = await log.CommitAsync([.. jobs.SelectMany(job => job.Drafts)], clock.GetCurrentInstant(), CancellationToken.None);
            CrashPoint.Hit("hub.after-feedback-commit");
            metrics.Fed(outcomes.Count(outcome => outcome == FeedbackOutcome.Stored));
            var tenants = jobs.Select(job => job.Drafts[0].Site.Tenant).ToHashSet(StringComparer.Ordinal);
            foreach (var (wake, _) in _readers.Where(reader => tenants.Contains(reader.Value)))
            {
                wake.Set();
            }

            var at = 0;
            foreach (var job in jobs)
            {
                job.Answer.SetResult([.. outcomes.Skip(at).Take(job.Drafts.Count)]);
                at += job.Drafts.Count;
            }
        }
        catch (Exception fault)
        {
            if (fault is not StoreUnavailableException)
            {
                // A store that is away tells so itself, once.
                LogFailed(logger, jobs.Count, fault);
            }

            foreach (var job in jobs)
            {
                job.Answer.TrySetException(fault);
            }
        }
    }

    // All drafts of a job are of one site.
    private sealed record Job(IReadOnlyList<FeedbackDraft> Drafts)
    {
        public TaskCompletionSource<IReadOnlyList<FeedbackOutcome>> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    [LoggerMessage(EventIds.FeedbackQueueFailed, LogLevel.Error, "A commit of feedback for {Jobs} requests failed; nothing of it is stored")]
    private static partial void LogFailed(ILogger logger, int jobs, Exception fault);
}
