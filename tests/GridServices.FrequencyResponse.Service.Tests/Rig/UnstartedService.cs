using System.Text.Json;
using System.Text.Json.Nodes;
using Dapper;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Safety;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.FrequencyResponse.Service.Storage;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Tests.Rig;

/// <summary>The parts of the service on a store of their own, none of them started: a test moves each by hand, and nothing listens or loops.</summary>
internal sealed class UnstartedService : IAsyncDisposable
{
    public const string Tenant = "default";
    private readonly WebApplication _app;
    private readonly TestStore? _ownStore;
    private readonly List<IHostedService> _started = [];

    private UnstartedService(WebApplication app, FakeClock clock, TestStore? ownStore) => (_app, Clock, _ownStore) = (app, clock, ownStore);

    public FakeClock Clock { get; }

    public CapturingLogger Log { get; } = new();

    public PoolHost Fleet => Get<PoolHost>();

    public PoolTable Table => Get<PoolTable>();

    /// <param name="store">A store of a service before this one; null: a new one.</param>
    /// <param name="arguments">Further command-line arguments, e.g. <c>--Hub:Url=…</c>.</param>
    public static async Task<UnstartedService> MakeAsync(TestStore? store = null, params string[] arguments)
    {
        var place = store ?? TestStores.Create(Dialect.Sqlite);
        var clock = new FakeClock(Instant.FromUtc(2027, 1, 15, 18, 0));
        var app = FrequencyResponseApp.Build(
            ["--urls=http://127.0.0.1:0", $"--Auth:TokensFile={Path.Combine(place.Folder, "tokens.json")}", "--HotPath:RealTimePriority=0", "--Logging:LogLevel:Default=Information", .. place.Arguments, .. arguments], clock);
        var service = new UnstartedService(app, clock, store is null ? place : null);
        app.Services.GetRequiredService<ILoggerFactory>().AddProvider(service.Log);
        await service.Get<Store>().OpenAsync(TestContext.Current.CancellationToken);
        return service;
    }

    public static EntryId Id(string key) => new(Tenant, key);

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    /// <summary>A loop of the service, which the test starts; it is stopped with this.</summary>
    public T Hosted<T>()
        where T : IHostedService
    {
        var hosted = ActivatorUtilities.CreateInstance<T>(_app.Services);
        _started.Add(hosted);
        return hosted;
    }

    public async Task<T> QueryAsync<T>(string sql) => await Get<Store>().ReadAsync(db => db.QuerySingleAsync<T>(sql));

    public Task ExecuteAsync(string sql) => Get<Store>().WriteAsync(tx => tx.Connection!.ExecuteAsync(sql, transaction: tx));

    /// <summary>What waits for the hub, oldest first.</summary>
    public async Task<IReadOnlyList<JsonNode>> OutboxAsync() =>
        [.. (await Get<Store>().ReadAsync(db => db.QueryAsync<byte[]>("SELECT body FROM outbox ORDER BY id"))).Select(body => JsonNode.Parse(body)!)];

    /// <summary>A source that nobody sends to, the battery behind it, and a contract of the two.</summary>
    public async Task PutAsync(string contract = "c1", JsonObject? settings = null, string service = "GB-DCL")
    {
        await ChangeAsync("meter", FrequencyRig.UdpSource().Deserialize<SourceSettings>(ContractJson.Options)!);
        await ChangeAsync("bess-1", JsonNode.Parse("""
            { "siteId": "site-1", "kind": "bess", "chargeMaxW": 100000, "dischargeMaxW": 100000, "energyWh": 200000, "socPercent": 50, "latencyMs": 50, "rampWPerS": 10000000,
              "setpoint": { "host": "127.0.0.1", "port": 9, "number": 7 } }
            """).Deserialize<AssetSettings>(ContractJson.Options)!);
        await ChangeAsync(contract, (settings ?? FrequencyRig.Contract(service)).Deserialize<ContractSettings>(ContractJson.Options)!);
    }

    public Task ChangeAsync(string id, SourceSettings source) => Fleet.ChangeAsync(
        e => e with { Sources = e.Sources.SetItem(Id(id), source) }, tx => FrequencyStore.SaveAsync(tx, Id(id), source, Clock.GetCurrentInstant()), CancellationToken.None);

    public Task ChangeAsync(string id, AssetSettings asset) => Fleet.ChangeAsync(
        e => e with { Assets = e.Assets.SetItem(Id(id), asset) }, tx => FrequencyStore.SaveAsync(tx, Id(id), asset, Clock.GetCurrentInstant()), CancellationToken.None);

    public Task ChangeAsync(string id, ContractSettings contract) => Fleet.ChangeAsync(
        e => e.With(Id(id), contract), tx => FrequencyStore.SaveAsync(tx, Id(id), contract, Clock.GetCurrentInstant()), CancellationToken.None, Id(id));

    public Task DeleteAsync(string contract) => Fleet.ChangeAsync(
        e => e.Without(Id(contract)), tx => FrequencyStore.DeleteContractAsync(tx, Id(contract), Clock.GetCurrentInstant()), CancellationToken.None, Id(contract));

    /// <summary>This process has the right to command for an hour.</summary>
    public async Task CommandAsync()
    {
        await Fleet.OnLeaseRequestedAsync(Tenant, granted: true, CancellationToken.None);
        Fleet.Grant(Tenant, new WriterLease(1, Fleet.NowNanos + Duration.FromHours(1).ToInt64Nanoseconds()));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var hosted in _started)
        {
            await hosted.StopAsync(CancellationToken.None);
        }

        await _app.DisposeAsync();
        if (_ownStore is not null)
        {
            await _ownStore.DisposeAsync();
        }
    }
}
