using System.Collections.Concurrent;
using Dapper;
using GridServices.Hosting.Storage;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Clients;

/// <summary>
/// Since when each service answers, or does not: what is known of it is unknown from its last answer on. Kept in the store, so that a restart does not forget it.
/// </summary>
internal sealed class ServiceAvailability(Store store, ChangeFeed feed, IClock clock)
{
    private static readonly Duration SaveEvery = Duration.FromMinutes(1);
    private readonly ConcurrentDictionary<(string Tenant, ServiceName Service), ServiceState> _states = new();
    private readonly ConcurrentDictionary<(string Tenant, ServiceName Service), Instant> _saved = new();

    /// <summary>Null: it was never asked for this tenant.</summary>
    internal ServiceState? FindState(string tenant, ServiceName service) => _states.GetValueOrDefault((tenant, service));

    /// <summary>Since when nothing is known of what the service holds; null = it answers.</summary>
    internal Instant? UnknownSince(string tenant, ServiceName service) => FindState(tenant, service) is { } state
        ? state.Problem is null ? null : state.OkAt ?? state.FailedSince
        : Instant.MinValue;

    internal IReadOnlyList<ServiceState> All(string tenant) => [.. _states.Where(s => s.Key.Tenant == tenant).Select(s => s.Value).OrderBy(s => s.Service)];

    internal async Task LoadAsync(CancellationToken ct)
    {
        var rows = await store.ReadAsync(db => db.QueryAsync<StateRow>(
            "SELECT tenant AS Tenant, service AS Service, ok_at AS OkAt, failed_since AS FailedSince, problem AS Problem FROM service_states"), ct);
        foreach (var row in rows.Where(r => Enum.IsDefined(typeof(ServiceName), r.Service)))
        {
            var service = Enum.Parse<ServiceName>(row.Service);
            _states[(row.Tenant, service)] = new ServiceState(service, row.OkAt, row.FailedSince, row.Problem);
        }
    }

    /// <param name="tenant">For whom it was asked.</param>
    /// <param name="service">Who was asked.</param>
    /// <param name="problem">Why there was no answer; null: it answered.</param>
    /// <param name="ct">Gives up.</param>
    internal async Task NoteAsync(string tenant, ServiceName service, string? problem, CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        var before = FindState(tenant, service);
        var after = problem is null ? new ServiceState(service, now, null, null) : new ServiceState(service, before?.OkAt, before?.FailedSince ?? now, problem);
        _states[(tenant, service)] = after;
        var isTurned = before is null || before.Problem is null != problem is null;
        if (isTurned || now - _saved.GetValueOrDefault((tenant, service), Instant.MinValue) > SaveEvery)
        {
            _saved[(tenant, service)] = now;
            await SaveAsync(tenant, after, ct);
        }

        if (isTurned)
        {
            feed.Publish([new EntityChange(tenant, "service", service.ToString(), problem is null ? "answers" : "away", null)]);
        }
    }

    private Task<int> SaveAsync(string tenant, ServiceState state, CancellationToken ct) => store.WriteAsync(
        tx => tx.Connection!.ExecuteAsync(
            """
            INSERT INTO service_states (tenant, service, ok_at, failed_since, problem) VALUES (@tenant, @service, @OkAt, @FailedSince, @Problem)
            ON CONFLICT (tenant, service) DO UPDATE SET ok_at = excluded.ok_at, failed_since = excluded.failed_since, problem = excluded.problem
            """,
            new { tenant, service = state.Service.ToString(), state.OkAt, state.FailedSince, state.Problem },
            tx),
        ct);

    private sealed class StateRow
    {
        public string Tenant { get; set; } = string.Empty;
        public string Service { get; set; } = string.Empty;
        public Instant? OkAt { get; set; }
        public Instant? FailedSince { get; set; }
        public string? Problem { get; set; }
    }
}

/// <summary>How a service answers us.</summary>
/// <param name="Service">Which.</param>
/// <param name="OkAt">Its last good answer; null: none yet.</param>
/// <param name="FailedSince">Since when it does not answer; null: it does.</param>
/// <param name="Problem">Why not.</param>
internal sealed record ServiceState(ServiceName Service, Instant? OkAt, Instant? FailedSince, string? Problem);
