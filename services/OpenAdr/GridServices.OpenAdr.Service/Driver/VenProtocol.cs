using System.Data.Common;
using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Service.Storage;
using GridServices.OpenAdr.Service.Telemetry;
using GridServices.UtilityClients.Listening;
using NodaTime;

namespace GridServices.OpenAdr.Service.Driver;

/// <summary>OpenADR 2.0b as the host runs it: VENs.</summary>
internal sealed class VenProtocol(VenStore store, VtnClient exchanges, VenMetrics metrics, ListenerStatus push, IClock clock) : IUtilityProtocol<VenView, VenConfig, VenState, VenInput, NoteKind>
{
    public static EngineWords Names { get; } = new("VEN", "event ", "/v1/vens", "venKey");

    public EngineWords Words => Names;

    public async Task<IReadOnlyList<StoredEngine<VenView, VenConfig, VenState, VenInput, NoteKind>>> LoadAsync(EngineId? only, CancellationToken ct) =>
        [.. (await store.LoadAsync(only, ct)).Select(v => Start(v.Id, v.Config, Session.SeenNonces.AfterStart(v.State, clock.GetCurrentInstant())))];

    public async Task<StoredEngine<VenView, VenConfig, VenState, VenInput, NoteKind>> CreateAsync(
        EngineId engine, VenConfig config, IReadOnlyList<VenView> others, CancellationToken ct) =>
        Start(engine, config, Session.SeenNonces.AfterStart((await store.LeftBehindAsync(engine, ct)).Start(), clock.GetCurrentInstant()));

    public Task SaveStateAsync(DbTransaction tx, EngineId engine, VenState? before, VenState after, Instant now) =>
        VenStore.SaveStateAsync(tx, engine, before, after, now);

    /// <summary>Report points: the hub holds the readings until they are saved. Nonces: after a start, messages from before it are not taken without them.</summary>
    public VenState Deferred(VenState stored, VenState current) =>
        ReferenceEquals(stored.Points, current.Points) && ReferenceEquals(stored.Nonces, current.Nonces) ? stored
            : stored with { Points = current.Points, Nonces = current.Nonces, NoncesSince = current.NoncesSince, SenderAhead = current.SenderAhead };

    public Task DeleteConfigAsync(DbTransaction tx, EngineId engine) => VenStore.DeleteConfigAsync(tx, engine);

    public IEnumerable<string> SitesOf(VenConfig config) => config.AllSites().Select(s => s.SiteId);

    public IEnumerable<EngineClaim> ClaimsOf(VenConfig config) =>
        config.AllSites().SelectMany(s => config.Programs.Select(p => new EngineClaim(s.SiteId, p.Stream)));

    public ProblemException Taken(EngineClaim claim, EngineId holder) => new(
        ErrorClass.Conflict,
        $"The VEN '{holder.Key}' already publishes stream {claim.Stream} at site {claim.SiteId}. Give this VEN's program another stream, or delete the other VEN.",
        "/programs");

    /// <summary>The path of a push VEN: messages that come there are for this tenant's VENs.</summary>
    public IEnumerable<string> TenantsOwn(VenConfig config) =>
        config is { Transport: VenTransport.Push, TransportAddress: { } address } ? [PushAddress.PrefixOf(address)] : [];

    public ProblemException TakenElsewhere(string own) => new(
        ErrorClass.Conflict,
        $"The path {(own.Length == 0 ? "of the bare address" : own)} is taken. Give this VEN's address another path, such as https://dr.example:8443/<your name>/site-1.",
        "/transportAddress");

    public bool WantsReadings(VenConfig config) => config.NeedsReadings();

    public VenInput Readings(IReadOnlyList<SiteReading> readings) => new VenInput.ReadingsArrived(readings);

    public void Published(int count) => metrics.Published(count);

    private StoredEngine<VenView, VenConfig, VenState, VenInput, NoteKind> Start(EngineId id, VenConfig config, VenState state) =>
        new(id, new VenEngine(exchanges, metrics, push, id, config), state.AfterStart());
}
