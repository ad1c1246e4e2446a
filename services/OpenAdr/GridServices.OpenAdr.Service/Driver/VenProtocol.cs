using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using GridServices.Contracts;
using GridServices.Hosting.Clustering;
using GridServices.Hosting.Refusals;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Service.Meters;
using GridServices.OpenAdr.Service.Storage;
using GridServices.UtilityClients.Listening;
using NodaTime;

namespace GridServices.OpenAdr.Service.Driver;

/// <summary>OpenADR 2.0b as the host runs it: VENs.</summary>
internal sealed partial class VenProtocol(
    VenStore store, VtnClient client, VenMetrics metrics, ListenerStatus push, PastSourceRules pastSources, IClock clock, ILogger<VenProtocol> log,
    ClusterNode? node = null)
    : IUtilityProtocol<VenView, VenConfig, VenState, VenInput, NoteKind>
{
    private readonly ConcurrentDictionary<EngineId, string> _unreadable = new();
    private readonly StoredRevisions _revisions = new(store, isShared: node?.IsOn == true);

    // Each VEN that is put is held against all others: worked out once for each configuration.
    private readonly ConditionalWeakTable<VenConfig, IReadOnlyList<EngineClaim>> _claims = [];
    private readonly ConditionalWeakTable<VenConfig, IReadOnlyList<string>> _own = [];

    public static EngineNames Names { get; } = new("VEN", "event ", "/v1/vens", "venKey");

    public EngineNames Words => Names;

    /// <summary>VENs whose rows can't be read, each with the reason: they are not run, and a PUT takes their place.</summary>
    public IReadOnlyDictionary<EngineId, string> Unreadable => _unreadable;

    public async Task<IReadOnlyList<StoredEngine<VenView, VenConfig, VenState, VenInput, NoteKind>>> LoadAsync(EngineId? only, CancellationToken ct)
    {
        var read = await store.LoadAsync(only, ct);
        foreach (var ven in read.Where(v => v.Ven is null))
        {
            // In a cluster it is tried again and again: told once.
            var isKnown = _unreadable.TryGetValue(ven.Id, out var known) && known == ven.Problem;
            _unreadable[ven.Id] = ven.Problem ?? string.Empty;
            if (!isKnown)
            {
                LogUnreadable(ven.Id, ven.Problem);
            }
        }

        foreach (var ven in read.Where(v => v.Ven is not null))
        {
            _unreadable.TryRemove(ven.Id, out _);
        }

        return [.. read.Select(v => v.Ven).OfType<StoredVen>().Select(v => Start(v.Id, v.Config, Session.SeenNonces.AfterStart(v.State, clock.GetCurrentInstant(), Draw())))];
    }

    public bool IsUnreadable(EngineId engine) => _unreadable.ContainsKey(engine);

    public Task<IReadOnlyList<EngineId>> KeysAsync(EngineId? only, CancellationToken ct) => store.KeysAsync(only, ct);

    public Task<IReadOnlyList<(EngineId Id, VenConfig? Config)>> ConfigsAsync(DbTransaction tx, EngineId? only) => VenStore.ConfigsAsync(tx, only);

    public async Task<StoredEngine<VenView, VenConfig, VenState, VenInput, NoteKind>> CreateAsync(
        EngineId engine, VenConfig config, IReadOnlyList<VenView> others, CancellationToken ct) =>
        Start(engine, config, Session.SeenNonces.AfterStart(
            LeftBehind(await store.LeftBehindAsync(engine, ct)) with { Revisions = await _revisions.GetHighestAsync(engine.Tenant, config, clock.GetCurrentInstant(), ct) }, clock.GetCurrentInstant(), Draw()));

    public Task SaveStateAsync(DbTransaction tx, EngineId engine, VenState? before, VenState after, Instant now)
    {
        _revisions.Raise(engine.Tenant, after.Revisions);
        _unreadable.TryRemove(engine, out _);
        return VenStore.SaveStateAsync(tx, engine, before, after, now);
    }

    /// <summary>Report points: the hub holds the readings until they are saved. Nonces: after a start, messages from before it are not taken without them.</summary>
    public VenState Deferred(VenState stored, VenState current) =>
        ReferenceEquals(stored.Points, current.Points) && ReferenceEquals(stored.Nonces, current.Nonces) ? stored
            : stored with { Points = current.Points, Nonces = current.Nonces, NoncesSince = current.NoncesSince, SenderAhead = current.SenderAhead };

    public Task DeleteConfigAsync(DbTransaction tx, EngineId engine) => VenStore.DeleteConfigAsync(tx, engine);

    public IEnumerable<string> GetSites(VenConfig config) => config.AllSites().Select(s => s.SiteId);

    public IEnumerable<EngineClaim> GetClaims(VenConfig config) => _claims.GetValue(
        config, static c => [.. c.AllSites().SelectMany(s => c.Programs.Select(p => new EngineClaim(s.SiteId, p.Stream)))]);

    public ProblemException CreateTakenProblem(EngineClaim claim, EngineId holder) => new(
        ErrorClass.Conflict,
        $"The VEN '{holder.Key}' already publishes stream {claim.Stream} at site {claim.SiteId}. Give this VEN's program another stream, or delete the other VEN.",
        "/programs");

    /// <summary>The path of a push VEN: messages that come there are for this tenant's VENs.</summary>
    public IEnumerable<string> TenantsOwn(VenConfig config) => _own.GetValue(
        config, static c => c is { Transport: VenTransport.Push, TransportAddress: { } address } ? [PushAddress.GetPrefix(address)] : []);

    public ProblemException CreateForeignTenantProblem(string own) => new(
        ErrorClass.Conflict,
        $"The path {(own.Length == 0 ? "of the bare address" : own)} is taken. Give this VEN's address another path, such as https://dr.example:8443/<your name>/site-1.",
        "/transportAddress");

    public bool NeedsReadings(VenConfig config) => config.NeedsReadings();

    public VenInput Readings(IReadOnlyList<SiteReading> readings) => new VenInput.ReadingsArrived(readings);

    public void Published(int count) => metrics.Published(count);

    /// <summary>What a deleted VEN of this key left; where it can't be read, a VEN that has never spoken to anybody.</summary>
    private static VenState LeftBehind(string? state)
    {
        try
        {
            return state is null ? VenState.Initial : VenStateJson.Read(Encoding.UTF8.GetBytes(state));
        }
        catch (Exception e) when (IllegibleRow.Explains(e))
        {
            return VenState.Initial;
        }
    }

    [LoggerMessage(EventId = EventIds.VenProtocolUnreadable, Level = LogLevel.Error, Message = "VEN {Ven} is not run: what is stored of it can't be read ({Reason}). The others run. PUT it again, which registers it anew, or restore its rows from a backup and restart")]
    private partial void LogUnreadable(EngineId ven, string? reason);

    private static ulong Draw() => BinaryPrimitives.ReadUInt64BigEndian(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    private StoredEngine<VenView, VenConfig, VenState, VenInput, NoteKind> Start(EngineId id, VenConfig config, VenState state) =>
        new(id, new VenEngine(client, metrics, push, pastSources.GetSources(id.Tenant), id, config), state.AfterStart());
}
