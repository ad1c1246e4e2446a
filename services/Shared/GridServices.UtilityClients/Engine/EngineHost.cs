using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GridServices.UtilityClients.Engine;

/// <summary>The engines of this process as write-behind and health see them; see <see cref="EngineHost{TView, TConfig, TState, TInput, TKind}"/>.</summary>
public abstract partial class EngineHost(ILogger log) : IHostedService
{
    /// <summary>True once the stored engines are loaded.</summary>
    public bool IsLoaded { get; private set; }

    public abstract IEnumerable<EngineLoop> All { get; }

    public abstract Task StartAsync(CancellationToken cancellationToken);

    public abstract Task StopAsync(CancellationToken cancellationToken);

    protected void Loaded(string name, int count)
    {
        IsLoaded = true;
        LogLoaded(count, name);
    }

    protected void WarnShared(string name, EngineId engine, string own, EngineId first) => LogShared(name, engine, own, first);

    [LoggerMessage(EventId = EventIds.EngineHostShared, Level = LogLevel.Warning, Message = "{Name} {Engine} has '{Own}', which is another tenant's ({First} came first): what the utility sends there does not reach it, and it can't be changed before it has another")]
    private partial void LogShared(string name, EngineId engine, string own, EngineId first);

    [LoggerMessage(EventId = EventIds.EngineHostLoaded, Level = LogLevel.Information, Message = "{Count} {Name}s loaded")]
    private partial void LogLoaded(int count, string name);
}

/// <summary>
/// The engines that run in this process, each with its own loop on the shared thread pool. Starts all that are stored with the service; which others run
/// here, <see cref="StartEngineAsync"/> and <see cref="StopEngineAsync"/> decide by key.
/// </summary>
public partial class EngineHost<TView, TConfig, TState, TInput, TKind>(
    IUtilityProtocol<TView, TConfig, TState, TInput, TKind> protocol, EngineDependencies dependencies, ILogger log) : EngineHost(log), IDisposable
    where TView : EngineView<TConfig, TState, TKind>
    where TConfig : class
    where TState : class
    where TInput : class
    where TKind : struct, Enum
{
    private static readonly TimeSpan StartSpacing = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<EngineId, Running> _running = new();
    private readonly SemaphoreSlim _registry = new(1, 1);

    // Thousands may end at once: they wait side by side, and commit so many at a time that the database has connections for others.
    private readonly SemaphoreSlim _saving = new(32, 32);
    private readonly CancellationTokenSource _ending = new();
    private readonly LazyLookup<(string Tenant, string Site), EngineLoop<TView, TConfig, TState, TInput, TKind>> _bySite = new();

    public EngineNames Words => protocol.Words;

    public IEnumerable<EngineLoop<TView, TConfig, TState, TInput, TKind>> Loops => _running.Select(r => r.Value.Loop);

    public override IEnumerable<EngineLoop> All => Loops;

    /// <summary>Of those that are stored: one that is being made is nothing that anybody can count on.</summary>
    public IEnumerable<TView> Views => Loops.Where(l => l.IsStored).Select(l => l.View);

    public bool TryGet(EngineId id, [NotNullWhen(true)] out EngineLoop<TView, TConfig, TState, TInput, TKind>? loop)
    {
        loop = _running.TryGetValue(id, out var running) ? running.Loop : null;
        return loop is not null;
    }

    public IEnumerable<EngineLoop<TView, TConfig, TState, TInput, TKind>> FindBySite(string tenant, string siteId) =>
        _bySite.Get(() => Loops.SelectMany(l => protocol.GetSites(l.View.Config).Select(site => ((l.Id.Tenant, site), l))))[(tenant, siteId)];

    public IEnumerable<string> GetSites(TConfig config) => protocol.GetSites(config);

    /// <summary>Starts every stored engine, spread out, so that a restart of thousands does not load the utility at once. In cluster mode the placement starts them.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (dependencies.Placements is not null)
        {
            await RebuildIndexAsync(cancellationToken);
            return;
        }

        var stored = await protocol.LoadAsync(null, cancellationToken);
        var spread = Math.Min(LongestStart.TotalMilliseconds, stored.Count * StartSpacing.TotalMilliseconds);
        foreach (var engine in stored)
        {
            Run(new(dependencies, protocol, engine, isStored: true), TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(0, 1 + (int)spread)));
        }

        Reindex();
        WarnOfShared();
        Loaded(Words.Name, stored.Count);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await _ending.CancelAsync();
        await Task.WhenAll(_running.Values.Select(r => r.Task)).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Starts one stored engine here.</summary>
    /// <param name="id">Which.</param>
    /// <param name="fence">Higher than at any start before, on whatever machine: an earlier start can't write any more. Null: not checked.</param>
    /// <param name="ct">Given up only before it starts.</param>
    /// <returns>False where it is not stored, or runs here already.</returns>
    public async Task<bool> StartEngineAsync(EngineId id, long? fence, CancellationToken ct)
    {
        await _registry.WaitAsync(ct);
        try
        {
            if (TryGet(id, out _) || await protocol.LoadAsync(id, ct) is not [var stored])
            {
                return false;
            }

            Run(new(dependencies, protocol, stored, isStored: true, fence), TimeSpan.Zero);
            Reindex();
            return true;
        }
        finally
        {
            _registry.Release();
        }
    }

    /// <summary>Ends one engine here, once an exchange under way is over (two seconds after it began at most) and between two of its commits, and writes what of it waits; its configuration and its streams stay.</summary>
    /// <returns>False where it does not run here.</returns>
    /// <exception cref="StoreUnavailableException">It has ended, but counts and averages that waited are lost.</exception>
    public async Task<bool> StopEngineAsync(EngineId id)
    {
        if (!_running.TryRemove(id, out var running))
        {
            return false;
        }

        Reindex();
        await running.LeaveAsync(dependencies.Time);
        using (running)
        {
            if (running.Loop.TryTakeUnsaved() is { } unsaved)
            {
                await _saving.WaitAsync();
                try
                {
                    await UnsavedChanges.WriteAsync(dependencies.Store, [unsaved], dependencies.Clock.GetCurrentInstant(), CancellationToken.None);
                }
                finally
                {
                    _saving.Release();
                }
            }
        }

        return true;
    }

    /// <returns>True where the engine is new.</returns>
    /// <exception cref="ProblemException">Another engine publishes the same; or it is not known within half a minute whether it was stored (see <see cref="EngineWait"/>).</exception>
    /// <exception cref="StoreUnavailableException">Nothing is changed.</exception>
    /// <exception cref="OperationCanceledException">The caller has gone; the change may be made all the same.</exception>
    public Task<bool> PutAsync(EngineId id, TConfig config, CancellationToken ct) =>
        EngineWait.InTurnAsync(_registry, () => ClaimAndFinishAsync(id, config), dependencies.Time, ct);

    /// <returns>False where there is no such engine.</returns>
    /// <exception cref="ProblemException">The service ends; or it is not known within half a minute whether it was stored (see <see cref="EngineWait"/>).</exception>
    /// <exception cref="StoreUnavailableException">Nothing is changed.</exception>
    /// <exception cref="OperationCanceledException">The caller has gone; the engine may be deleted all the same.</exception>
    public async Task<bool> DeleteAsync(EngineId id, CancellationToken ct)
    {
        var done = EngineLoop<TView, TConfig, TState, TInput, TKind>.NewAnswer();
        return TryGet(id, out var loop) && loop.Offer(new EngineWork<TConfig, TInput, TKind>.Remove(done))
            && await EngineWait.ForAsync(FinishDeleteAsync(loop, done), dependencies.Time, ct);
    }

    /// <summary>Hands readings to the engines of their sites that want them.</summary>
    /// <returns>Ends once they are applied; an engine that has ended alone has no more use for them.</returns>
    /// <exception cref="StoreUnavailableException">Some are not applied: the store is away.</exception>
    /// <exception cref="OperationCanceledException">Some are not applied: the service, or an engine that had begun on them, ends.</exception>
    public Task ApplyReadingsAsync(string tenant, IReadOnlyList<FeedbackItem> batch) => Task.WhenAll(batch
        .Where(item => item.Reading is not null)
        .SelectMany(item => FindBySite(tenant, item.SiteId).Select(loop => (Loop: loop, Reading: new SiteReading(item.SiteId, item.Reading!))))
        .Where(x => protocol.NeedsReadings(x.Loop.View.Config))
        .GroupBy(x => x.Loop, x => x.Reading)
        .Select(group => ApplyAsync(group.Key, protocol.Readings([.. group])))
        .ToList());

    /// <summary>Hands readings to one engine.</summary>
    /// <returns>True once they are applied and, where they must be, stored; false: there is no such engine, it has ended, or the store is away.</returns>
    public Task<bool> ApplyReadingsAsync(EngineId id, IReadOnlyList<SiteReading> readings) =>
        TryGet(id, out var loop) ? TryHandAsync(loop, protocol.Readings(readings)) : Task.FromResult(false);

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Called whenever engines were started, ended or configured.</summary>
    protected virtual void Reindex() => _bySite.Invalidate();

    protected virtual void Dispose(bool disposing)
    {
        _ending.Dispose();
        _registry.Dispose();
        _saving.Dispose();
        foreach (var running in _running.Values)
        {
            running.Dispose();
        }
    }

    /// <returns>False where the engine has ended.</returns>
    private static async Task<bool> IsAppliedAsync(EngineLoop<TView, TConfig, TState, TInput, TKind> loop, TInput readings)
    {
        var done = EngineLoop<TView, TConfig, TState, TInput, TKind>.NewAnswer();
        var isTaken = loop.Offer(new EngineWork<TConfig, TInput, TKind>.Apply(readings, done));
        await (isTaken ? done.Task : Task.CompletedTask);
        return isTaken;
    }

    private async Task<bool> ClaimAndFinishAsync(EngineId id, TConfig config)
    {
        var done = EngineLoop<TView, TConfig, TState, TInput, TKind>.NewAnswer();
        var (loop, isNew) = await ClaimAsync(id, config, done, CancellationToken.None);
        return await FinishPutAsync(loop, isNew, done);
    }

    // To the end, whoever still waits for it: an engine that came to nothing is not left standing.
    private async Task<bool> FinishPutAsync(
        EngineLoop<TView, TConfig, TState, TInput, TKind> loop, bool isNew, TaskCompletionSource<IReadOnlyList<Note<TKind>>> done)
    {
        try
        {
            await loop.AnswerAsync(done);
        }
        catch (Exception) when (isNew)
        {
            await EndAsync(loop);
            throw;
        }
        finally
        {
            Reindex();
        }

        return isNew;
    }

    private async Task<bool> FinishDeleteAsync(EngineLoop<TView, TConfig, TState, TInput, TKind> loop, TaskCompletionSource<IReadOnlyList<Note<TKind>>> done)
    {
        await loop.AnswerAsync(done);
        await EndAsync(loop);
        Reindex();
        return true;
    }

    private async Task ApplyAsync(EngineLoop<TView, TConfig, TState, TInput, TKind> loop, TInput readings)
    {
        if (!await IsAppliedAsync(loop, readings) && _ending.IsCancellationRequested)
        {
            throw new OperationCanceledException($"The service ends before {Words.Name} '{loop.Id}' could apply the readings."); // it gets them after the start
        }
    }

    private static async Task<bool> TryHandAsync(EngineLoop<TView, TConfig, TState, TInput, TKind> loop, TInput readings)
    {
        var done = EngineLoop<TView, TConfig, TState, TInput, TKind>.NewAnswer();
        if (!loop.Offer(new EngineWork<TConfig, TInput, TKind>.Apply(readings, done)))
        {
            return false;
        }

        await ((Task)done.Task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return done.Task.IsCompletedSuccessfully;
    }

    /// <summary>With the registry held, which it lets go: a claim is seen by the next. Waiting for the engine itself comes after, so that one engine delays no other.</summary>
    private async Task<(EngineLoop<TView, TConfig, TState, TInput, TKind> Loop, bool IsNew)> ClaimAsync(
        EngineId id, TConfig config, TaskCompletionSource<IReadOnlyList<Note<TKind>>> done, CancellationToken ct)
    {
        try
        {
            RequireOwnClaims(id, config);
            var work = new EngineWork<TConfig, TInput, TKind>.Configure(config, done);
            if (TryGet(id, out var held))
            {
                return held.Offer(work) ? (held, false) : throw held.BeingDeleted();
            }

            var fence = await AllocateFenceAsync(id, ct);
            var fresh = await protocol.CreateAsync(id, config, [.. Views.Where(v => v.Id.Tenant == id.Tenant)], ct);
            var loop = new EngineLoop<TView, TConfig, TState, TInput, TKind>(dependencies, protocol, fresh, isStored: false, fence);
            loop.Offer(work);
            Run(loop, TimeSpan.Zero);
            return (loop, true);
        }
        finally
        {
            _registry.Release();
        }
    }

    private void Run(EngineLoop<TView, TConfig, TState, TInput, TKind> loop, TimeSpan startAfter)
    {
        var ending = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
        _running[loop.Id] = new Running(loop, ending, Task.Run(() => DriveAsync(loop, startAfter, ending.Token), CancellationToken.None));
    }

    private async Task EndAsync(EngineLoop<TView, TConfig, TState, TInput, TKind> loop)
    {
        if (_running.TryGetValue(loop.Id, out var running) && running.Loop == loop && _running.TryRemove(KeyValuePair.Create(loop.Id, running)))
        {
            await running.EndAsync();
            running.Dispose();
        }
    }

    private sealed record Running(EngineLoop<TView, TConfig, TState, TInput, TKind> Loop, CancellationTokenSource Ending, Task Task) : IDisposable
    {
        public async Task LeaveAsync(TimeProvider time)
        {
            await Task.WaitAsync(Loop.Leave(), time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await EndAsync();
        }

        public async Task EndAsync()
        {
            await Ending.CancelAsync();
            await Task;
        }

        public void Dispose()
        {
            Ending.Dispose();
            Loop.Dispose();
        }
    }
}
