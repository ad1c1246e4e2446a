using System.Collections.Concurrent;
using System.Data.Common;
using System.Security.Cryptography;
using GridServices.Contracts;
using GridServices.Hosting.Clustering;
using GridServices.Hosting.Refusals;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Service.Storage;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Driver;

/// <summary>IEEE 2030.5 as the host runs it: clients.</summary>
internal sealed partial class ClientProtocol(
    ClientStore store, ClientDependencies dependencies, NotificationHosts hosts, IClock clock, ILogger<ClientProtocol> log, ClusterNode? node = null)
    : IUtilityProtocol<ClientView, DerClientConfig, DerClientState, DerInput, NoteKind>
{
    private const int NotificationIdBytes = 24;

    private readonly ConcurrentDictionary<EngineId, UnreadableClient> _unreadable = new();

    public static EngineNames Names { get; } = new("client", string.Empty, "/v1/clients", "clientKey");

    public EngineNames Words => Names;

    /// <summary>Clients whose rows can't be read: they are not run, keep their sites, and a PUT takes their place.</summary>
    public IReadOnlyDictionary<EngineId, UnreadableClient> Unreadable => _unreadable;

    /// <summary>Whether a client could be notified under it: as <see cref="CreateAsync"/> draws them.</summary>
    internal static bool IsNotificationId(string id) => id.Length == 2 * NotificationIdBytes && id.All(char.IsAsciiHexDigitLower);

    /// <summary>A row that is restored would make two clients of one site.</summary>
    /// <exception cref="ProblemException">One of the sites is that of a client which is there and can't be read.</exception>
    public void RequireFree(EngineId id, DerClientConfig config)
    {
        foreach (var (holder, unreadable) in _unreadable.Where(u => u.Key != id && u.Key.Tenant == id.Tenant))
        {
            if (GetSites(config).FirstOrDefault(site => unreadable.Sites?.Contains(site) == true) is { } taken)
            {
                throw CreateTakenProblem(new EngineClaim(taken, null), holder);
            }
        }
    }

    public async Task<IReadOnlyList<StoredEngine<ClientView, DerClientConfig, DerClientState, DerInput, NoteKind>>> LoadAsync(EngineId? only, CancellationToken ct)
    {
        var read = await store.LoadAsync(only, ct);
        foreach (var client in read.Where(c => c.Problem is not null))
        {
            // In a cluster it is tried again and again: told once.
            var isKnown = _unreadable.TryGetValue(client.Id, out var known) && known.Why == client.Problem!.Why;
            _unreadable[client.Id] = client.Problem!;
            if (!isKnown)
            {
                LogUnreadable(client.Id, client.Problem!.Why);
            }
        }

        foreach (var client in read.Where(c => c.Problem is null))
        {
            _ = _unreadable.TryRemove(client.Id, out _);
        }

        return [.. read.Select(c => c.Client).OfType<StoredClient>().Select(c => Start(c.Id, new ClientEngine(dependencies, c.Id, c.Config, c.NotificationId, c.Lfdi), c.State))];
    }

    public bool IsUnreadable(EngineId engine) => _unreadable.ContainsKey(engine);

    public Task<IReadOnlyList<EngineId>> KeysAsync(EngineId? only, CancellationToken ct) => store.KeysAsync(only, ct);

    public Task<IReadOnlyList<(EngineId Id, DerClientConfig? Config)>> ConfigsAsync(DbTransaction tx, EngineId? only) => ClientStore.ConfigsAsync(tx, only);

    public async Task<StoredEngine<ClientView, DerClientConfig, DerClientState, DerInput, NoteKind>> CreateAsync(
        EngineId engine, DerClientConfig config, IReadOnlyList<ClientView> others, CancellationToken ct)
    {
        var notificationId = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(NotificationIdBytes));
        return Start(engine, new ClientEngine(dependencies, engine, config, notificationId, lfdi: null), await InheritedAsync(engine.Tenant, config, others, ct));
    }

    /// <summary>What other clients of the tenant leave to one that is put now.</summary>
    internal async Task<DerClientState> InheritedAsync(string tenant, DerClientConfig config, IReadOnlyList<ClientView> others, CancellationToken ct)
    {
        var left = await store.LeftBehindAsync(tenant, ct);

        // In a cluster most of the others run on other nodes: what they committed counts.
        var held = node?.IsOn == true ? await store.HeldAsync(tenant, ct) : [];
        var former = left.Concat(held).OfType<DerClientState>().Concat(others.Select(v => v.State));

        // Where a state can't be read nobody knows how far its streams have come: past any number that was counted up one by one.
        var floor = left.Contains(null) || held.Contains(null) || _unreadable.Keys.Any(c => c.Tenant == tenant) ? clock.GetCurrentInstant().ToUnixTimeSeconds() : 0;
        return Inheritance.CreateState(config, former, floor, Inheritance.FindFounder(config, left.OfType<DerClientState>()));
    }

    public Task SaveStateAsync(DbTransaction tx, EngineId engine, DerClientState? before, DerClientState after, Instant now)
    {
        // Of a state that could not be read nobody knows what is on disk: it is written whole. That something was committed in its place a later write tells.
        if (before is not null)
        {
            _ = _unreadable.TryRemove(engine, out _);
        }

        return ClientStore.SaveStateAsync(tx, engine, before, after, now);
    }

    public DerClientState Deferred(DerClientState stored, DerClientState current) => current;

    public Task DeleteConfigAsync(DbTransaction tx, EngineId engine) => ClientStore.DeleteConfigAsync(tx, engine);

    public IEnumerable<string> GetSites(DerClientConfig config) => config.AllDevices().Select(d => d.SiteId);

    public IEnumerable<EngineClaim> GetClaims(DerClientConfig config) => GetSites(config).Select(site => new EngineClaim(site, null));

    public ProblemException CreateTakenProblem(EngineClaim claim, EngineId holder) => new(
        ErrorClass.Conflict,
        $"The client '{holder.Key}' already speaks for site '{claim.SiteId}'. Give this client another site, or delete the other client.",
        "/siteId");

    /// <summary>The host by which a server is shown a client's own certificate: another tenant's would be shown one that it does not know.</summary>
    public IEnumerable<string> TenantsOwn(DerClientConfig config) =>
        hosts.AreTenantsOwn && config.Subscriptions.NotificationUrl is { } url && Uri.TryCreate(url, UriKind.Absolute, out var at)
            ? [at.IdnHost.ToUpperInvariant()]
            : [];

    public ProblemException CreateForeignTenantProblem(string own) => new(
        ErrorClass.Conflict,
        "The host of notificationUrl is taken. Give this client another host that leads here, or have Notifications:Certificate set in this service's settings: then all may share one.",
        "/subscriptions/notificationUrl");

    public bool NeedsReadings(DerClientConfig config) => config.Reporting.Enabled || config.LoadControl is { Reference: DerLoadReference.PresentLoad };

    public DerInput Readings(IReadOnlyList<SiteReading> readings) => new DerInput.ReadingsArrived(readings);

    public void Published(int count) => dependencies.Metrics.Published(count);

    [LoggerMessage(EventId = EventIds.ClientProtocolUnreadable, Level = LogLevel.Error, Message = "Client {Client} is not run: what is stored of it can't be read ({Reason}). The others run. PUT it again, which begins it anew, or restore its rows from a backup and restart")]
    private partial void LogUnreadable(EngineId client, string? reason);

    private static StoredEngine<ClientView, DerClientConfig, DerClientState, DerInput, NoteKind> Start(EngineId id, ClientEngine engine, DerClientState state) =>
        new(id, engine, state);
}
