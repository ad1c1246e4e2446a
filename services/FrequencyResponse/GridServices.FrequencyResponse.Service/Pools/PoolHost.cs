using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Data.Common;
using GridServices.FrequencyResponse.Allocation;
using GridServices.FrequencyResponse.Safety;
using GridServices.FrequencyResponse.Service.HotPath;
using GridServices.FrequencyResponse.Service.Recording;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.FrequencyResponse.Service.Setpoints;
using GridServices.FrequencyResponse.Service.Sources;
using GridServices.FrequencyResponse.Service.Storage;
using GridServices.Hosting.Storage;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Pools;

/// <summary>What the fleet works with.</summary>
internal sealed record PoolHostDependencies(
    Store Store, FrequencyStore Entries, PoolStateStore States, InstructionStore Instructions, Instructed Instructed, FrequencyCatalog Catalog, PoolTable Table,
        PoolConditions Conditions, ReadingCache Book, RecorderSignal Recorder,
    MonotonicClock Monotonic, IClock Clock, HotPathOptions HotPath, SetpointOptions Setpoints);

/// <summary>Keeps the running pools and sources what the entries say; one change at a time.</summary>
internal sealed partial class PoolHost(PoolHostDependencies dependencies, ILogger<PoolHost> log) : IHostedService, IDisposable
{
    private readonly SemaphoreSlim _changing = new(1, 1);
    private readonly ConcurrentDictionary<EntryId, SourceReader> _sources = new();
    private readonly ConcurrentDictionary<string, WriterLease> _leases = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _speaks = new(StringComparer.Ordinal);
    private volatile Entries _entries = Entries.None;
    private volatile Dictionary<EntryId, string> _refused = [];
    private string? _version;
    private int _takeovers;

    public Entries Entries => _entries;

    public bool IsLoaded { get; private set; }

    /// <summary>Why a stored contract does not run; null where it does.</summary>
    public string? FindRefusal(EntryId contract) => _refused.GetValueOrDefault(contract);

    public SourceReader? Source(EntryId id) => _sources.GetValueOrDefault(id);

    public IEnumerable<string> Tenants => _entries.Contracts.Select(c => c.Id.Tenant).Distinct(StringComparer.Ordinal);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var entries = await dependencies.Entries.LoadAsync(dependencies.Clock.GetCurrentInstant(), cancellationToken);
        _states = (await dependencies.States.LoadAsync(cancellationToken)).ToDictionary();
        Continue(_states.Values);
        await RenewInstructionsAsync(cancellationToken);
        Apply(entries, spec => Restored(spec, _states.GetValueOrDefault(spec.Id)));
        IsLoaded = true;
        LogStarted(log, dependencies.Table.All.Length, _sources.Count);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var source in _sources.Values)
        {
            source.Dispose();
        }

        await SaveAsync([.. dependencies.Table.All.Where(p => IsWriter(p.Spec.Id.Tenant))], cancellationToken);
        foreach (var pool in dependencies.Table.All)
        {
            pool.Dispose();
        }
    }

    public void Dispose() => _changing.Dispose();

    /// <summary>Checks, stores and applies a change, in this order.</summary>
    /// <param name="change">Gives the entries as they are to be; throws where they must not be so.</param>
    /// <param name="write">Writes the change, in the transaction that also holds what follows from it.</param>
    /// <param name="ct">Given up only before it is stored.</param>
    /// <param name="stated">The contract that it states or ends; null: none.</param>
    public async Task ChangeAsync(Func<Entries, Entries> change, Func<DbTransaction, Task> write, CancellationToken ct, EntryId? stated = null)
    {
        await _changing.WaitAsync(ct);
        try
        {
            var entries = change(_entries);
            await dependencies.Store.WriteAsync(write, ct);
            if (stated is { } contract)
            {
                _stated[contract] = 0;
            }

            Apply(entries, FindStored);
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Stores what the controllers remember.</summary>
    public Task SaveAsync(IReadOnlyCollection<Pool> pools, CancellationToken ct) => pools.Count == 0 ? Task.CompletedTask : dependencies.Store.WriteAsync(
        async tx =>
        {
            foreach (var pool in pools)
            {
                await SaveAsync(tx, pool);
            }
        },
        ct);

    public Task SaveAsync(DbTransaction tx, Pool pool) =>
        PoolStateStore.SaveAsync(tx, pool.Spec.Id, StateLayout.Describe(pool.Spec), pool.View(), dependencies.Clock.GetCurrentInstant());

    /// <summary>The tenant's pools may command from now on, or no longer.</summary>
    public void Grant(string tenant, WriterLease lease)
    {
        _leases[tenant] = lease;
        foreach (var pool in dependencies.Table.All.Where(p => p.Spec.Id.Tenant == tenant))
        {
            // Before any room is worked out, which takes its time where there are many.
            pool.Renew(lease);
        }

        Refresh(p => p.Spec.Id.Tenant == tenant);
    }

    /// <summary>This process had the right to command last: what its controllers remember and did is what is stored.</summary>
    public bool IsWriter(string tenant) => _speaks.TryGetValue(tenant, out var speaks) && speaks;

    /// <summary>The right was asked for and granted or refused; before that nobody knows whose it is.</summary>
    public bool IsWriterKnown(string tenant) => _speaks.ContainsKey(tenant);

    /// <summary>How often it took over from another process.</summary>
    public int Takeovers => Volatile.Read(ref _takeovers);

    /// <summary>Told whenever the right was asked for, before it is granted; what another process stored meanwhile is loaded first.</summary>
    public async Task OnLeaseRequestedAsync(string tenant, bool granted, CancellationToken ct)
    {
        if (granted && _speaks.TryGetValue(tenant, out var spoke) && !spoke)
        {
            await RenewAsync(ct);
            Interlocked.Increment(ref _takeovers);
        }

        _speaks[tenant] = granted;
    }

    /// <summary>Loads what another process on the same database put or deleted.</summary>
    public async Task RenewAsync(CancellationToken ct)
    {
        // A SQLite file belongs to one process.
        if (dependencies.Store.Dialect == Dialect.Sqlite)
        {
            return;
        }

        await RenewInstructionsAsync(ct);
        if (await dependencies.Entries.VersionAsync(ct) is not { } version || version == _version)
        {
            return;
        }

        await _changing.WaitAsync(ct);
        try
        {
            var entries = (await dependencies.Entries.LoadAsync(dependencies.Clock.GetCurrentInstant(), ct)).Keeping(_entries);
            NoteStated(_entries, entries);
            Apply(entries, FindStored);
            _version = version;
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>The clock that leases count on.</summary>
    public long NowNanos => dependencies.Monotonic.Nanos;

    public WriterLease GetLease(string tenant) => _leases.GetValueOrDefault(tenant);

    /// <summary>Durations that ran when the service ended ran on meanwhile.</summary>
    private void Continue(IEnumerable<StoredPool> states)
    {
        var now = dependencies.Clock.GetCurrentInstant();
        foreach (var state in states)
        {
            var away = Duration.Max(Duration.Zero, now - state.At);
            dependencies.Monotonic.ContinueFrom(Math.Max(dependencies.Monotonic.Nanos, state.Nanos + away.ToInt64Nanoseconds()));
        }
    }

    private void Apply(Entries entries, Func<PoolSpec, ControllerState?> stored)
    {
        var now = dependencies.Clock.GetCurrentInstant();
        _edge.Follow(entries, now, () => ApplyPools(entries, stored, now));
        ApplySources(entries);
    }

    /// <returns>False: a pool could not be made.</returns>
    private bool ApplyPools(Entries entries, Func<PoolSpec, ControllerState?> stored, Instant now)
    {
        var refused = new Dictionary<EntryId, string>();
        var wanted = PoolFactory.CreateAll(entries, dependencies.Catalog, now, (id, why) =>
        {
            refused[id] = why;
            if (_refused.GetValueOrDefault(id) != why)
            {
                LogRefused(log, id.ToString(), why);
            }
        });
        var unmade = new Dictionary<EntryId, string>();
        var before = dependencies.Table.All;
        var pools = wanted.Select(spec => Array.Find(before, p => !_unmade.ContainsKey(spec.Id) && AreEquivalent(p.Spec, spec, _entries, entries))
            ?? TryCreatePool(spec, Array.Find(before, p => p.Spec.Id == spec.Id), stored(spec), unmade)).OfType<Pool>().ToList();
        foreach (var contract in wanted.Where(w => unmade.ContainsKey(w.Id)).SelectMany(w => w.Contracts.Select(c => (Id: new EntryId(w.Id.Tenant, c.Key), Pool: w.Id))))
        {
            refused[contract.Id] = $"its pool can't be made and is tried again: {unmade[contract.Pool]}";
        }

        foreach (var id in entries.Illegible)
        {
            refused[id] = "what is stored of it can't be read: put it again";
        }

        (_entries, _refused, _unmade) = (entries, refused, unmade);
        dependencies.Table.Set(pools);
        dependencies.Conditions.Keep(pools.Select(p => (GetSite(p), p.Spec.Id)));

        // What was stored is of no use to a pool that runs, nor to one that comes anew after its end.
        _states = _states.Where(s => unmade.ContainsKey(s.Key) && !pools.Exists(p => p.Spec.Id == s.Key)).ToDictionary();
        foreach (var gone in before.Where(p => !pools.Contains(p)))
        {
            gone.Dispose();
        }

        return unmade.Count == 0;
    }

    private Pool CreatePool(PoolSpec spec, Pool? before, ControllerState? stored)
    {
        // What may fail comes first: the one before goes on until there is another.
        var empty = AllocationPlan.Build([.. spec.Assets.Select(a => a.Capability)], new AssetTelemetry[spec.Assets.Count], spec.Rules, dependencies.Monotonic.Nanos);
        var conditions = PoolConditions.Start(GetLease(spec.Id.Tenant));
        var sender = new SetpointSender(spec.Assets, (uint)dependencies.Setpoints.ValidForMs);

        // What the one before remembers goes on in the one after: a latch is not lost because a quantity was changed.
        var state = before is not null && spec.Continues(before.Spec) ? before.Close().State.Rescale(spec.RatiosTo(before.Spec.Contracts.Select(c => c.QuantityW))) : stored ?? default;
        var pool = new Pool(spec, state.With(conditions), empty, sender, dependencies.Monotonic, dependencies.Clock, dependencies.Recorder.Event)
        {
            Rest = before is not null && before.Spec.Assets.Select(a => a.Key).SequenceEqual(spec.Assets.Select(a => a.Key)) ? before.Rest : new RestOfSite(),
        };
        Refresh(pool, Array.FindAll(dependencies.Table.All, p => GetSite(p) == GetSite(pool)));
        return pool;
    }

    private static bool AreEquivalent(PoolSpec held, PoolSpec wanted, Entries before, Entries after) =>
        held.Id == wanted.Id
        && held.Contracts.Count == wanted.Contracts.Count && held.Contracts.Zip(wanted.Contracts).All(c => c.First.Runs(c.Second) && c.First.Outages.Equals(c.Second.Outages))
        && held.Assets.Select(a => (a.Key, a.Settings)).SequenceEqual(wanted.Assets.Select(a => (a.Key, a.Settings)))
        && held.Sources.SequenceEqual(wanted.Sources)
        && held.Sources.Select(s => new EntryId(held.Id.Tenant, s)).All(s => before.Sources.GetValueOrDefault(s) == after.Sources.GetValueOrDefault(s));

    /// <summary>What the controller remembers, or null; a memory that can't be read is never dropped in silence.</summary>
    private ControllerState? Restored(PoolSpec spec, StoredPool? stored)
    {
        var state = stored?.For(StateLayout.Describe(spec));
        if (stored is not null && state is null)
        {
            LogStateUnread(log, spec.Id.ToString(), stored.At);
        }

        // An outage may have begun or ended while nobody was here.
        return state?.Rescale(spec.RatiosTo(spec.Contracts.Select(c => c.QuantityAt(stored!.At))));
    }

    [LoggerMessage(EventIds.PoolHostStarted, LogLevel.Information, "{Pools} pools and {Sources} sources are loaded")]
    private static partial void LogStarted(ILogger logger, int pools, int sources);

    [LoggerMessage(EventIds.PoolHostRefused, LogLevel.Error, "Contract {Contract} does not run: {Why}")]
    private static partial void LogRefused(ILogger logger, string contract, string why);

    [LoggerMessage(EventIds.PoolHostStateUnread, LogLevel.Error,
        "What the controller of pool {Pool} remembered at {At} is of other contracts or sources, or of a version that this one can't read: latches, block times and energy begin anew; a support that was under way has to be given by hand")]
    private static partial void LogStateUnread(ILogger logger, string pool, Instant at);
}
