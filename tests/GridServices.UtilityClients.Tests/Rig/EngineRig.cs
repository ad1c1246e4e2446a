using Dapper;
using GridServices.Hosting.Hub;
using GridServices.Hosting.Publishing;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using NodaTime;

namespace GridServices.UtilityClients.Tests.Rig;

/// <summary>A store of its own with a host of counting engines on it.</summary>
internal sealed class EngineRig : IAsyncDisposable
{
    private readonly TestStore _place;

    private EngineRig(TestStore store)
    {
        _place = store;
        Clock = new FakeClock(Time);
        Protocol = new CountingProtocol(store.Store);
        Outbox = new Outbox(store.Store, TimeProvider.System);
        With = new EngineDependencies(
            store.Store, Outbox, new PublisherName("/gridservices/test/1"), new JournalStore(store.Store, Letter.Table), Clock, Time, Log);
        Host = NewHost();
    }

    public ManualTimeProvider Time { get; } = new();

    public FakeClock Clock { get; }

    public CountingProtocol Protocol { get; }

    public LogLines Log { get; } = new();

    public Outbox Outbox { get; }

    public EngineDependencies With { get; }

    public EngineHost<CountingView, CountingConfig, CountingState, CountingInput, CountingKind> Host { get; }

    public Store Store => _place.Store;

    public static async Task<EngineRig> StartAsync(Dialect dialect = Dialect.Sqlite)
    {
        var rig = new EngineRig(await TestStores.OpenAsync(dialect, typeof(Store).Assembly, typeof(EngineRig).Assembly));
        await rig.Host.StartAsync(TestContext.Current.CancellationToken);
        return rig;
    }

    public static EngineId Id(string key) => new("default", key);

    /// <summary>Another host on the same store, as another machine has.</summary>
    public EngineHost<CountingView, CountingConfig, CountingState, CountingInput, CountingKind> NewHost() => new(Protocol, With, Log);

    public async Task<EngineLoop<CountingView, CountingConfig, CountingState, CountingInput, CountingKind>> PutAsync(string key, params string[] sites)
    {
        await Host.PutAsync(Id(key), new CountingConfig(sites), TestContext.Current.CancellationToken);
        return Host.TryGet(Id(key), out var loop) ? loop : throw new InvalidOperationException("the engine is not there");
    }

    /// <summary>Lets the clock go on by seconds until something has come: a pause may begin after the first of them.</summary>
    public async Task AdvanceUntilAsync(Task coming, Duration? step = null)
    {
        await Until.HoldsAsync(() =>
        {
            Time.Advance(step ?? Duration.FromSeconds(1));
            return coming.IsCompleted;
        });
        await coming;
    }

    /// <summary>What the store holds of an engine's state; null: nothing.</summary>
    public Task<(long Total, long Deferred)?> StoredAsync(string key) => Store.ReadAsync(
        db => db.QuerySingleOrDefaultAsync<(long Total, long Deferred)?>("SELECT total, deferred FROM engine_states WHERE engine_key = @key", new { key }));

    public Task<long> CountAsync(string table) => Store.ReadAsync(db => db.ExecuteScalarAsync<long>($"SELECT COUNT(*) FROM {table}"));

    public async ValueTask DisposeAsync()
    {
        await Host.StopAsync(CancellationToken.None);
        Host.Dispose();
        Outbox.Dispose();
        await _place.DisposeAsync();
    }
}
