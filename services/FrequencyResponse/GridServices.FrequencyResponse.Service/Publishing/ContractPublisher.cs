using System.Data.Common;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Recording;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.FrequencyResponse.Service.Storage;
using GridServices.Hosting;
using GridServices.Hosting.Health;
using GridServices.Hosting.Hub;
using GridServices.Hosting.Publishing;
using GridServices.Hosting.Storage;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Publishing;

/// <summary>What the keeper works with.</summary>
internal sealed record ContractPublisherDependencies(
    Recorder Recorder, PoolHost Fleet, PoolTable Table, Store Store, PublishedRevisionStore Told, PeriodTracker Periods, Outbox Outbox, PublisherName Name, StatingAlarm Alarm,
    IClock Clock, TimeProvider Time);

/// <summary>
/// Puts what the recorder noticed on disk, and what follows from it into the outbox, in one transaction: activations, minutes of settlement,
/// what the controllers remember, envelopes with their revisions.
/// </summary>
internal sealed partial class ContractPublisher(ContractPublisherDependencies dependencies, Liveness liveness, ILogger<ContractPublisher> log) : BackgroundService
{
    private const int MostAtOnce = 1_000;
    private static readonly TimeSpan SaveEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StuckAfter = TimeSpan.FromMinutes(2);
    private readonly SemaphoreSlim _turn = new(1, 1);
    private const int MostPending = 100_000;
    private readonly Dictionary<EntryId, PoolTarget> _targets = [];

    /// <summary>Noticed and not stored yet: kept while the store is away.</summary>
    private readonly List<RecordedEvent> _pending = [];
    private Dictionary<EntryId, PublishedRevision> _told = [];
    private bool _toldUnknown;
    private int _failures;

    /// <summary>With which what is stored was read last; -1: not yet.</summary>
    private int _takeovers = -1;

    public override void Dispose()
    {
        _turn.Dispose();
        base.Dispose();
    }

    /// <summary>The recorder has ended before: what it left is stored.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        while (dependencies.Recorder.Happenings.TryRead(out var next))
        {
            _pending.Add(next);
        }

        try
        {
            await PublishAsync(tellAll: true, cancellationToken);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogStoreAway(log, SafeText.Line(e.Message));
        }
    }

    /// <summary>States every contract anew, where it says something else than the hub was told last; withdraws those that are gone.</summary>
    public Task PublishAllAsync(CancellationToken ct) => PublishAsync(tellAll: true, ct);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var beat = liveness.Watch("contract-keeper", StuckAfter);
        var saved = dependencies.Time.GetTimestamp();
        var tellAll = true;
        while (!stoppingToken.IsCancellationRequested)
        {
            beat.Beat();
            try
            {
                await NextAsync(stoppingToken);
                var due = dependencies.Time.GetElapsedTime(saved) >= SaveEvery;
                if (_pending.Count > 0 || due || tellAll)
                {
                    await PublishAsync(due || tellAll, stoppingToken);
                    (saved, tellAll, _failures) = (due ? dependencies.Time.GetTimestamp() : saved, false, 0);
                    dependencies.Alarm.Problem = null;
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (StoreUnavailableException e)
            {
                // Perhaps it was stored: saying something else under the same revision would be refused by the hub.
                _toldUnknown |= e.OutcomeUnknown;
                tellAll = true;
                LogStoreAway(log, SafeText.Line(e.Message));
                await Task.Delay(TimeSpan.FromSeconds(1), dependencies.Time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                // What is to be told must not end the response. It is kept and tried again; what was stored of it is read anew.
                (_toldUnknown, tellAll) = (true, true);
                Report(fault);
                await Task.Delay(TimeSpan.FromSeconds(1), dependencies.Time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>The alarm at each contract at once; the log at the 1st, 2nd, 4th, 8th … failure.</summary>
    private void Report(Exception fault)
    {
        dependencies.Alarm.Problem = $"activations, minutes and envelopes can't be stored or stated: {SafeText.Line(fault.Message)}";
        if (int.IsPow2(++_failures))
        {
            LogFailed(log, _failures, fault);
        }
    }

    /// <summary>What happened since the last turn; waits for it a moment.</summary>
    private async Task NextAsync(CancellationToken ct)
    {
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(ct);
        wait.CancelAfter(TimeSpan.FromSeconds(1));
        try
        {
            await dependencies.Recorder.Happenings.WaitToReadAsync(wait.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return;
        }

        await _turn.WaitAsync(ct);
        try
        {
            for (var taken = 0; taken < MostAtOnce && dependencies.Recorder.Happenings.TryRead(out var next); taken++)
            {
                // Moves are told anew by the next one; what is to be settled is never given up.
                if (_pending.Count < MostPending || next is not RecordedEvent.Moved)
                {
                    _pending.Add(next);
                }
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task PublishAsync(bool tellAll, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            await ContinueAsync(ct);
            if (_toldUnknown)
            {
                _told = await dependencies.Told.LoadAsync(ct);
                _toldUnknown = false;
            }

            var now = dependencies.Clock.GetCurrentInstant();

            // What happened before the right was first asked for is kept until it is known whose it is to store.
            var undecided = _pending.Where(h => !dependencies.Fleet.IsWriterKnown(h.Pool.Tenant)).ToList();

            // What is done with a tenant for which another process speaks is that one's to tell.
            var happened = _pending.Where(h => dependencies.Fleet.IsWriter(h.Pool.Tenant)).ToList();
            foreach (var (pool, target) in happened.Select(FindTarget).OfType<(EntryId, PoolTarget)>())
            {
                _targets[pool] = target;
            }

            var touched = happened.Select(h => h.Pool).ToHashSet();
            var settled = dependencies.Periods.Process(happened.OfType<RecordedEvent.Minute>(), tellAll ? now : null, tellAll ? dependencies.Recorder.Open() : [], out var stored)
                .Where(s => dependencies.Fleet.IsWriter(s.Contract.Tenant)).ToList();
            var said = Compose(touched, tellAll, now);
            var told = new Dictionary<EntryId, PublishedRevision>(_told);
            await dependencies.Store.WriteAsync(tx => WriteAsync(tx, happened, touched, tellAll, [.. stored.Where(s => dependencies.Fleet.IsWriter(s.Contract.Tenant))], said, now), ct);
            dependencies.Outbox.Wake();
            foreach (var (contract, boundary) in said.Select(s => (s.Contract, s.Boundary)))
            {
                told[contract] = told.GetValueOrDefault(contract, PublishedRevision.Nothing).With(boundary);
            }

            _told = told;
            _pending.Clear();
            _pending.AddRange(undecided);
            dependencies.Periods.Commit(settled);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Revisions and periods go on from what is stored: before the first word of this process, and after a take-over.</summary>
    private async Task ContinueAsync(CancellationToken ct)
    {
        var takeovers = dependencies.Fleet.Takeovers;
        if (_takeovers != takeovers)
        {
            _told = await dependencies.Told.LoadAsync(ct);
            await dependencies.Periods.LoadAsync(ct);
            _takeovers = takeovers;
        }
    }

    private async Task WriteAsync(
        DbTransaction tx, IReadOnlyList<RecordedEvent> happened, HashSet<EntryId> touched, bool all,
        IReadOnlyList<(EntryId Contract, SettledPeriod Period)> settled, IReadOnlyList<PendingPublication> said, Instant now)
    {
        foreach (var a in happened.OfType<RecordedEvent.Activated>())
        {
            // What began before its contract was deleted, and is noticed after, has ended with it.
            var id = new EntryId(a.Pool.Tenant, a.Contract);
            await ActivationStore.SaveAsync(
                tx, id, a.Activation.EndedAt is null && dependencies.Fleet.Entries.Contract(id) is null ? ActivationStore.Ended(a.Activation, now) : a.Activation);
        }

        foreach (var r in Reservoirs.SelectLast(happened).Where(r => dependencies.Fleet.Entries.Contract(new EntryId(r.Pool.Tenant, r.Contract)) is not null))
        {
            await ReservoirStore.SaveAsync(tx, new EntryId(r.Pool.Tenant, r.Contract), r.Duty, now);
        }

        foreach (var (contract, running) in Running(all))
        {
            await ActivationStore.SaveAsync(tx, contract, running);
        }

        foreach (var (contract, period) in settled)
        {
            await PeriodStore.SaveAsync(tx, contract, period);
        }

        foreach (var pool in dependencies.Table.All.Where(p => (all || touched.Contains(p.Spec.Id)) && dependencies.Fleet.IsWriter(p.Spec.Id.Tenant)))
        {
            await dependencies.Fleet.SaveAsync(tx, pool);
        }

        foreach (var contract in said.GroupBy(s => s.Contract))
        {
            var told = contract.Aggregate(_told.GetValueOrDefault(contract.Key, PublishedRevision.Nothing), (t, s) => t.With(s.Boundary));
            await PublishedRevisionStore.SaveAsync(tx, contract.Key, told, now);
        }

        await dependencies.Outbox.AddAsync(tx, [.. said.Select(s => s.Item)], now);
        CrashPoint.Hit("before-commit");
    }

    /// <summary>Activations that last, as far as they are known: also those that began while another process had the right. What ended is gone from here before it is told.</summary>
    private IEnumerable<(EntryId Contract, Activation Activation)> Running(bool all) => !all ? [] :
        from pool in dependencies.Table.All
        where dependencies.Fleet.IsWriter(pool.Spec.Id.Tenant)
        from contract in pool.Spec.Contracts
        let running = dependencies.Recorder.Find(pool, contract.Key)?.Tracker.Running
        where running is not null
        select (new EntryId(pool.Spec.Id.Tenant, contract.Key), running);

    [LoggerMessage(EventIds.ContractPublisherFailed, LogLevel.Error, "Activations, minutes and envelopes can't be stored or stated (failure {Failures}); they are kept and tried again each second")]
    private static partial void LogFailed(ILogger logger, int failures, Exception fault);

    [LoggerMessage(EventIds.ContractPublisherCoarsened, LogLevel.Warning, "Contract {Contract} is published with a coarser schedule than its windows make: {Reason}")]
    private static partial void LogCoarsened(ILogger logger, string contract, string reason);

    [LoggerMessage(EventIds.ContractPublisherStoreAway, LogLevel.Warning, "What frequency response did can't be stored now and is kept in memory: {Reason}")]
    private static partial void LogStoreAway(ILogger logger, string reason);
}
