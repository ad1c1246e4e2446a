using System.Data.Common;
using System.Security.Cryptography;
using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Service.Storage;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Driver;

/// <summary>IEEE 2030.5 as the host runs it: clients.</summary>
internal sealed class ClientProtocol(ClientStore store, ClientDependencies with, NotificationHosts hosts) : IUtilityProtocol<ClientView, DerClientConfig, DerClientState, DerInput, NoteKind>
{
    private const int NotificationIdBytes = 24;

    public static EngineWords Names { get; } = new("client", string.Empty, "/v1/clients", "clientKey");

    public EngineWords Words => Names;

    public async Task<IReadOnlyList<StoredEngine<ClientView, DerClientConfig, DerClientState, DerInput, NoteKind>>> LoadAsync(EngineId? only, CancellationToken ct) =>
        [.. (await store.LoadAsync(only, ct)).Select(c => Start(c.Id, new ClientEngine(with, c.Id, c.Config, c.NotificationId, c.Lfdi), c.State))];

    public async Task<StoredEngine<ClientView, DerClientConfig, DerClientState, DerInput, NoteKind>> CreateAsync(
        EngineId engine, DerClientConfig config, IReadOnlyList<ClientView> others, CancellationToken ct)
    {
        var former = (await store.LeftBehindAsync(engine.Tenant, ct)).Concat(others.Select(v => v.State));
        var notificationId = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(NotificationIdBytes));
        return Start(engine, new ClientEngine(with, engine, config, notificationId, lfdi: null), Inheritance.Of(config, former));
    }

    public Task SaveStateAsync(DbTransaction tx, EngineId engine, DerClientState? before, DerClientState after, Instant now) =>
        ClientStore.SaveStateAsync(tx, engine, before, after, now);

    public DerClientState Deferred(DerClientState stored, DerClientState current) => current;

    public Task DeleteConfigAsync(DbTransaction tx, EngineId engine) => ClientStore.DeleteConfigAsync(tx, engine);

    public IEnumerable<string> SitesOf(DerClientConfig config) => config.AllDevices().Select(d => d.SiteId);

    public IEnumerable<EngineClaim> ClaimsOf(DerClientConfig config) => SitesOf(config).Select(site => new EngineClaim(site, null));

    public ProblemException Taken(EngineClaim claim, EngineId holder) => new(
        ErrorClass.Conflict,
        $"The client '{holder.Key}' already speaks for site '{claim.SiteId}'. Give this client another site, or delete the other client.",
        "/siteId");

    /// <summary>The host by which a server is shown a client's own certificate: another tenant's would be shown one that it does not know.</summary>
    public IEnumerable<string> TenantsOwn(DerClientConfig config) =>
        hosts.AreTenantsOwn && config.Subscriptions.NotificationUrl is { } url && Uri.TryCreate(url, UriKind.Absolute, out var at)
            ? [at.IdnHost.ToUpperInvariant()]
            : [];

    public ProblemException TakenElsewhere(string own) => new(
        ErrorClass.Conflict,
        "The host of notificationUrl is taken. Give this client another host that leads here, or have Notifications:Certificate set in this service's settings: then all may share one.",
        "/subscriptions/notificationUrl");

    public bool WantsReadings(DerClientConfig config) => config.Reporting.Enabled || config.LoadControl is { Reference: DerLoadReference.PresentLoad };

    public DerInput Readings(IReadOnlyList<SiteReading> readings) => new DerInput.ReadingsArrived(readings);

    public void Published(int count) => with.Metrics.Published(count);

    private static StoredEngine<ClientView, DerClientConfig, DerClientState, DerInput, NoteKind> Start(EngineId id, ClientEngine engine, DerClientState state) =>
        new(id, engine, state);
}
