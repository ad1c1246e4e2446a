using System.Collections.Concurrent;
using System.Data.Common;
using Dapper;
using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Storage;
using NodaTime;

namespace GridServices.UtilityClients.Tests.Rig;

public sealed record CountingConfig(params IReadOnlyList<string> Sites);

public sealed record CountingState(long Total = 0, long Deferred = 0, bool IsRegistered = false);

public sealed record CountingInput(string What, int By = 1);

public enum CountingKind
{
    Counted,
}

public sealed record CountingView : EngineView<CountingConfig, CountingState, CountingKind>
{
    public int Exchanges { get; init; }
}

/// <summary>A made-up protocol whose engines count: what they send, whether the store is there and what a reply brings is the test's to say.</summary>
internal sealed class CountingProtocol(Store store) : IUtilityProtocol<CountingView, CountingConfig, CountingState, CountingInput, CountingKind>
{
    private volatile bool _isStoreAway;
    private volatile bool _isOutcomeUnknown;
    private volatile Exception? _storeFault;
    private int _writes;

    public EngineNames Words { get; } = new("counter", "item ", "/v1/counters", "counterKey");

    /// <summary>Commits fail while true.</summary>
    public bool IsStoreAway
    {
        get => _isStoreAway;
        set => _isStoreAway = value;
    }

    /// <summary>Nobody knows of a commit that fails whether it happened.</summary>
    public bool IsOutcomeUnknown
    {
        get => _isOutcomeUnknown;
        set => _isOutcomeUnknown = value;
    }

    /// <summary>Thrown by commits while set: what a store says that is neither there nor plainly away.</summary>
    public Exception? StoreFault
    {
        get => _storeFault;
        set => _storeFault = value;
    }

    /// <summary>Done when a commit fails because the store is away.</summary>
    public Action Failed { get; set; } = () => { };

    /// <summary>Done before an engine is made.</summary>
    public Func<Task> Creating { get; set; } = () => Task.CompletedTask;

    /// <summary>States that were to be written so far, in vain or not.</summary>
    public int Writes => Volatile.Read(ref _writes);

    /// <summary>What engines send, in the order given here; an engine that finds nothing waits.</summary>
    public ConcurrentQueue<Func<CancellationToken, Task<CountingInput>>> Requests { get; } = new();

    /// <summary>Done by an engine that is about to send something.</summary>
    public Action? Sending { get; set; }

    /// <summary>The input that readings become.</summary>
    public string ReadingsAre { get; set; } = "readings";

    /// <summary>Nothing is sent before it.</summary>
    public Instant QuietUntil { get; set; } = Instant.MinValue;

    /// <summary>Whether an engine that stays has a farewell to take back.</summary>
    public Func<CountingState, bool> IsFarewellOwed { get; set; } = _ => false;

    /// <summary>The key of an engine that can't be read.</summary>
    public string? Unreadable { get; set; }

    /// <summary>Called once what is stored has been read.</summary>
    public Func<Task> Loaded { get; set; } = () => Task.CompletedTask;

    public ConcurrentQueue<string> Applied { get; } = new();

    public int PublishedCount { get; private set; }

    public async Task<IReadOnlyList<StoredEngine<CountingView, CountingConfig, CountingState, CountingInput, CountingKind>>> LoadAsync(EngineId? only, CancellationToken ct)
    {
        var rows = await store.ReadAsync(
            db => db.QueryAsync<Row>(
                """
                SELECT e.tenant AS Tenant, e.engine_key AS EngineKey, e.sites AS Sites, s.total AS Total, s.deferred AS Deferred
                FROM engines e JOIN engine_states s ON s.tenant = e.tenant AND s.engine_key = e.engine_key
                ORDER BY e.tenant, e.engine_key
                """),
            ct);
        await Loaded();
        return [.. rows.Where(r => r.EngineKey != Unreadable).Select(r => Start(new EngineId(r.Tenant, r.EngineKey), new CountingConfig(r.Sites.Split(',')), new CountingState(r.Total, r.Deferred)))
            .Where(e => only is null || e.Id == only)];
    }

    public async Task<IReadOnlyList<EngineId>> KeysAsync(EngineId? only, CancellationToken ct) => [.. (await LoadAsync(only, ct)).Select(e => e.Id)];

    public async Task<IReadOnlyList<(EngineId Id, CountingConfig? Config)>> ConfigsAsync(DbTransaction tx, EngineId? only) =>
    [
        .. (await tx.Connection!.QueryAsync<Row>("SELECT tenant AS Tenant, engine_key AS EngineKey, sites AS Sites FROM engines", transaction: tx))
            .Select(r => (Id: new EngineId(r.Tenant, r.EngineKey), Config: r.Sites == "?" ? null : new CountingConfig(r.Sites.Split(','))))
            .Where(e => only is null || e.Id == only),
    ];

    public bool IsUnreadable(EngineId engine) => engine.Key == Unreadable;

    public async Task<StoredEngine<CountingView, CountingConfig, CountingState, CountingInput, CountingKind>> CreateAsync(
        EngineId engine, CountingConfig config, IReadOnlyList<CountingView> others, CancellationToken ct)
    {
        await Creating();
        return Start(engine, config, new CountingState());
    }

    public async Task SaveStateAsync(DbTransaction tx, EngineId engine, CountingState? before, CountingState after, Instant now)
    {
        // Read before it is counted: who waits for the count changes them.
        var (isAway, isOutcomeUnknown) = (_isStoreAway, _isOutcomeUnknown);
        var fault = _storeFault;
        Interlocked.Increment(ref _writes);
        if (fault is not null)
        {
            throw fault;
        }

        if (isAway)
        {
            Failed();
            throw new StoreUnavailableException("the disk is full", new IOException("full")) { OutcomeUnknown = isOutcomeUnknown };
        }

        await tx.Connection!.ExecuteAsync(
            """
            INSERT INTO engine_states (tenant, engine_key, total, deferred) VALUES (@Tenant, @Key, @Total, @Deferred)
            ON CONFLICT (tenant, engine_key) DO UPDATE SET total = excluded.total, deferred = excluded.deferred
            """,
            new { engine.Tenant, engine.Key, after.Total, after.Deferred },
            tx);
    }

    public CountingState Deferred(CountingState stored, CountingState current) =>
        stored.Deferred == current.Deferred ? stored : stored with { Deferred = current.Deferred };

    public Task DeleteConfigAsync(DbTransaction tx, EngineId engine) => tx.Connection!.ExecuteAsync(
        "DELETE FROM engines WHERE tenant = @Tenant AND engine_key = @Key", new { engine.Tenant, engine.Key }, tx);

    public IEnumerable<string> GetSites(CountingConfig config) => config.Sites;

    public IEnumerable<EngineClaim> GetClaims(CountingConfig config) => config.Sites.Select(s => new EngineClaim(s, null));

    public ProblemException CreateTakenProblem(EngineClaim claim, EngineId holder) => new(ErrorClass.Conflict, $"{holder.Key} has {claim.SiteId}");

    public IEnumerable<string> TenantsOwn(CountingConfig config) => config.Sites.Where(s => s.StartsWith("own-", StringComparison.Ordinal));

    public ProblemException CreateForeignTenantProblem(string own) => new(ErrorClass.Conflict, $"{own} is taken");

    public bool NeedsReadings(CountingConfig config) => !config.Sites.Contains("silent");

    public CountingInput Readings(IReadOnlyList<SiteReading> readings) => new(ReadingsAre, readings.Count);

    public void Published(int count) => PublishedCount += count;

    private StoredEngine<CountingView, CountingConfig, CountingState, CountingInput, CountingKind> Start(EngineId id, CountingConfig config, CountingState state) =>
        new(id, new CountingEngine(this, id, config), state);

    private sealed class Row
    {
        public string Tenant { get; set; } = string.Empty;
        public string EngineKey { get; set; } = string.Empty;
        public string Sites { get; set; } = string.Empty;
        public long Total { get; set; }
        public long Deferred { get; set; }
    }
}
