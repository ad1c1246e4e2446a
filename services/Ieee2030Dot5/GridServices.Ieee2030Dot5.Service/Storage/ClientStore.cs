using System.Data.Common;
using System.Text;
using System.Text.Json;
using Dapper;
using GridServices.Contracts;
using GridServices.Hosting.Storage;
using GridServices.Ieee2030Dot5.Configuration;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Storage;

/// <summary>Clients and their states on disk.</summary>
internal sealed class ClientStore(Store store)
{
    /// <summary>Every client there is, or the one asked for, as it was committed last.</summary>
    public Task<IReadOnlyList<ReadClient>> LoadAsync(EngineId? only, CancellationToken ct) =>
        store.SnapshotAsync<IReadOnlyList<ReadClient>>(
            async tx =>
            {
                var parts = await PartsAsync(
                    tx,
                    only is null ? "EXISTS (SELECT 1 FROM clients c WHERE c.tenant = p.tenant AND c.client_key = p.client_key)" : "p.tenant = @Tenant AND p.client_key = @Key",
                    new { only?.Tenant, only?.Key });
                var rows = await tx.Connection!.QueryAsync<Row>(
                    $"""
                    SELECT c.tenant AS Tenant, c.client_key AS ClientKey, c.config AS Config, c.notification_id AS NotificationId, c.lfdi AS Lfdi, s.state AS State
                    FROM clients c LEFT JOIN client_states s ON s.tenant = c.tenant AND s.client_key = c.client_key
                    {(only is null ? string.Empty : "WHERE c.tenant = @Tenant AND c.client_key = @Key")}
                    ORDER BY c.tenant, c.client_key
                    """,
                    new { only?.Tenant, only?.Key },
                    tx);
                return [.. rows.Select(row => row.ToClient(parts[(row.Tenant, row.ClientKey)]))];
            },
            ct);

    /// <summary>The ids of all clients, or of the one asked for.</summary>
    public async Task<IReadOnlyList<EngineId>> KeysAsync(EngineId? only, CancellationToken ct) => [.. await store.ReadAsync(
        db => db.QueryAsync<EngineId>(
            $"SELECT tenant AS Tenant, client_key AS Key FROM clients{(only is null ? string.Empty : " WHERE tenant = @Tenant AND client_key = @Key")}", new { only?.Tenant, only?.Key }),
        ct)];

    /// <summary>The configurations of all clients, or of the one asked for, as the transaction sees them; null for each that can't be read.</summary>
    public static async Task<IReadOnlyList<(EngineId Id, DerClientConfig? Config)>> ConfigsAsync(DbTransaction tx, EngineId? only) =>
    [
        .. (await tx.Connection!.QueryAsync<Row>(
            $"SELECT tenant AS Tenant, client_key AS ClientKey, config AS Config FROM clients{(only is null ? string.Empty : " WHERE tenant = @Tenant AND client_key = @Key")}", new { only?.Tenant, only?.Key }, tx))
            .Select(row => (new EngineId(row.Tenant, row.ClientKey), IllegibleRow.Read<DerClientConfig>(row.Config))),
    ];

    /// <summary>The client that is notified under this id; null: none.</summary>
    public async Task<EngineId?> FindByNotificationAsync(string id, CancellationToken ct) => (await store.ReadAsync(
        db => db.QueryAsync<EngineId>("SELECT tenant AS Tenant, client_key AS Key FROM clients WHERE notification_id = @id", new { id }), ct)).Select(client => (EngineId?)client).SingleOrDefault();

    /// <summary>The states that deleted clients of a tenant left behind, the latest last; null for each that can't be read.</summary>
    public Task<IReadOnlyList<DerClientState?>> LeftBehindAsync(string tenant, CancellationToken ct) => StatesAsync(tenant, "NOT EXISTS", ct);

    /// <summary>The states of a tenant's clients that are there, whichever node runs them; null for each that can't be read.</summary>
    public Task<IReadOnlyList<DerClientState?>> HeldAsync(string tenant, CancellationToken ct) => StatesAsync(tenant, "EXISTS", ct);

    private Task<IReadOnlyList<DerClientState?>> StatesAsync(string tenant, string isThere, CancellationToken ct) =>
        store.SnapshotAsync<IReadOnlyList<DerClientState?>>(
            async tx =>
            {
                var parts = await PartsAsync(
                    tx, $"p.tenant = @tenant AND {isThere} (SELECT 1 FROM clients c WHERE c.tenant = p.tenant AND c.client_key = p.client_key)", new { tenant });
                var rows = await tx.Connection!.QueryAsync<Row>(
                    $"""
                    SELECT s.tenant AS Tenant, s.client_key AS ClientKey, s.state AS State FROM client_states s
                    WHERE s.tenant = @tenant AND {isThere} (SELECT 1 FROM clients c WHERE c.tenant = s.tenant AND c.client_key = s.client_key)
                    ORDER BY s.updated_at, s.client_key
                    """,
                    new { tenant },
                    tx);
                return [.. rows.Select(row => LeftBehind(row, parts[(row.Tenant, row.ClientKey)]))];
            },
            ct);

    public static Task SaveConfigAsync(
        DbTransaction tx, EngineId client, DerClientConfig config, string notificationId, string? lfdi, Instant now) => tx.Connection!.ExecuteAsync(
        """
        INSERT INTO clients (tenant, client_key, config, notification_id, lfdi, created_at, updated_at)
        VALUES (@Tenant, @Key, @config, @notificationId, @lfdi, @now, @now)
        ON CONFLICT (tenant, client_key) DO UPDATE SET config = excluded.config, notification_id = excluded.notification_id, lfdi = excluded.lfdi, updated_at = excluded.updated_at
        """,
        new { client.Tenant, client.Key, config = JsonSerializer.Serialize(config, ContractJson.Options), notificationId, lfdi, now },
        tx);

    /// <summary>The client goes; its state stays for the revisions in it.</summary>
    public static Task DeleteConfigAsync(DbTransaction tx, EngineId client) =>
        tx.Connection!.ExecuteAsync("DELETE FROM clients WHERE tenant = @Tenant AND client_key = @Key", new { client.Tenant, client.Key }, tx);

    /// <summary>Writes what differs from the state on disk.</summary>
    /// <param name="tx">The transaction.</param>
    /// <param name="client">Whose.</param>
    /// <param name="before">As on disk; null: none, or nobody knows.</param>
    /// <param name="after">As it is to be.</param>
    /// <param name="now">The time.</param>
    public static async Task SaveStateAsync(DbTransaction tx, EngineId client, DerClientState? before, DerClientState after, Instant now)
    {
        var (db, key) = (tx.Connection!, new { client.Tenant, client.Key });
        if (before is null || await db.ExecuteScalarAsync<long?>("SELECT is_in_parts FROM client_states WHERE tenant = @Tenant AND client_key = @Key", key, tx) != 1)
        {
            // Nothing is there, what a client of this key left, or a state that was written whole.
            await db.ExecuteAsync("DELETE FROM client_state_parts WHERE tenant = @Tenant AND client_key = @Key", key, tx);
            before = null;
        }

        var rest = StateParts.WithoutParts(after);
        if (before is null || rest != StateParts.WithoutParts(before))
        {
            await db.ExecuteAsync(
                """
                INSERT INTO client_states (tenant, client_key, state, updated_at, is_in_parts) VALUES (@Tenant, @Key, @state, @now, 1)
                ON CONFLICT (tenant, client_key) DO UPDATE SET state = excluded.state, updated_at = excluded.updated_at, is_in_parts = 1
                """,
                new { client.Tenant, client.Key, state = Encoding.UTF8.GetString(DerClientStateJson.Write(rest)), now },
                tx);
        }

        var (written, gone) = StateParts.Between(before, after);
        await db.ExecuteAsync(
            """
            INSERT INTO client_state_parts (tenant, client_key, part, state) VALUES (@Tenant, @Key, @Part, @State)
            ON CONFLICT (tenant, client_key, part) DO UPDATE SET state = excluded.state
            """,
            written.Select(p => new { client.Tenant, client.Key, p.Part, p.State }),
            tx);
        await db.ExecuteAsync(
            "DELETE FROM client_state_parts WHERE tenant = @Tenant AND client_key = @Key AND part = @part", gone.Select(part => new { client.Tenant, client.Key, part }), tx);
    }

    // As they stood with their rows, and in one query for all.
    private static async Task<ILookup<(string Tenant, string ClientKey), StatePart>> PartsAsync(DbTransaction tx, string which, object values) =>
        (await tx.Connection!.QueryAsync<PartRow>(
            $"SELECT p.tenant AS Tenant, p.client_key AS ClientKey, p.part AS Part, p.state AS State FROM client_state_parts p WHERE {which}", values, tx))
        .ToLookup(p => (p.Tenant, p.ClientKey), p => new StatePart { Part = p.Part, State = p.State });

    private static DerClientState? LeftBehind(Row row, IEnumerable<StatePart> parts)
    {
        try
        {
            return row.ToState(parts);
        }
        catch (Exception e) when (IllegibleRow.Explains(e))
        {
            return null;
        }
    }

    private sealed class PartRow
    {
        public string Tenant { get; set; } = string.Empty;
        public string ClientKey { get; set; } = string.Empty;
        public string Part { get; set; } = string.Empty;
        public string State { get; set; } = string.Empty;
    }

    private sealed class Row
    {
        public string Tenant { get; set; } = string.Empty;
        public string ClientKey { get; set; } = string.Empty;
        public string Config { get; set; } = string.Empty;
        public string NotificationId { get; set; } = string.Empty;
        public string? Lfdi { get; set; }
        public string? State { get; set; }

        public DerClientState ToState(IEnumerable<StatePart> parts) =>
            State is null ? DerClientState.Initial : StateParts.Join(DerClientStateJson.Read(Encoding.UTF8.GetBytes(State)), parts);

        public ReadClient ToClient(IEnumerable<StatePart> parts)
        {
            var (id, problem) = (new EngineId(Tenant, ClientKey), string.Empty);
            var config = Legible(() => JsonSerializer.Deserialize<DerClientConfig>(Config, ContractJson.Options));
            var state = Legible(() => ToState(parts));
            return config is not null && state is not null
                ? new ReadClient(id, new StoredClient(id, config, NotificationId, Lfdi, state), null)
                : new ReadClient(id, null, new UnreadableClient(problem, config, FindSites(config, state)));

            T? Legible<T>(Func<T?> read)
                where T : class
            {
                try
                {
                    return read() ?? throw new JsonException("the configuration is null");
                }
                catch (Exception e) when (IllegibleRow.Explains(e))
                {
                    problem = problem.Length > 0 ? problem : SafeText.Line(e.Message);
                    return null;
                }
            }
        }

        // The configuration says it, else what its EndDevices stood for.
        private static HashSet<string>? FindSites(DerClientConfig? config, DerClientState? state) =>
            (config?.AllDevices().Select(d => d.SiteId) ?? state?.Devices.Values.Where(d => !d.Retired).Select(d => d.SiteId)) is { } sites && sites.Any()
                ? sites.ToHashSet(StringComparer.Ordinal) : null;
    }
}

/// <summary>A client as it was committed last.</summary>
/// <param name="Id">Whose.</param>
/// <param name="Config">As it was PUT, with defaults.</param>
/// <param name="NotificationId">Where the utility notifies it.</param>
/// <param name="Lfdi">Of the certificate last in use; null where there was none.</param>
/// <param name="State">The engine's.</param>
internal sealed record StoredClient(EngineId Id, DerClientConfig Config, string NotificationId, string? Lfdi, DerClientState State);

/// <summary>A client that was read, or why it can't be: that one alone is not run.</summary>
internal sealed record ReadClient(EngineId Id, StoredClient? Client, UnreadableClient? Problem);

/// <summary>What is known of a client that can't be read.</summary>
/// <param name="Why">One safe line for people.</param>
/// <param name="Config">As it was PUT, where that part can be read.</param>
/// <param name="Sites">Those that it speaks for; null: nobody knows.</param>
internal sealed record UnreadableClient(string Why, DerClientConfig? Config, IReadOnlySet<string>? Sites);
