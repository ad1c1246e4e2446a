using System.Data.Common;
using System.Text;
using System.Text.Json;
using Dapper;
using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.Ieee2030Dot5.Configuration;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Storage;

/// <summary>Clients and their states on disk.</summary>
internal sealed class ClientStore(Store store)
{
    /// <summary>Every client there is, or the one asked for, as it was committed last.</summary>
    public Task<IReadOnlyList<ReadClient>> LoadAsync(EngineId? only, CancellationToken ct) =>
        store.ReadAsync<IReadOnlyList<ReadClient>>(
            async db => [.. (await db.QueryAsync<Row>(
                $"""
                SELECT c.tenant AS Tenant, c.client_key AS ClientKey, c.config AS Config, c.notification_id AS NotificationId, c.lfdi AS Lfdi, s.state AS State
                FROM clients c LEFT JOIN client_states s ON s.tenant = c.tenant AND s.client_key = c.client_key
                {(only is null ? string.Empty : "WHERE c.tenant = @Tenant AND c.client_key = @Key")}
                ORDER BY c.tenant, c.client_key
                """,
                new { only?.Tenant, only?.Key })).Select(r => r.ToClient())],
            ct);

    /// <summary>The states that deleted clients of a tenant left behind; null for each that can't be read.</summary>
    public Task<IReadOnlyList<DerClientState?>> LeftBehindAsync(string tenant, CancellationToken ct) =>
        store.ReadAsync<IReadOnlyList<DerClientState?>>(
            async db => [.. (await db.QueryAsync<string>(
                """
                SELECT s.state FROM client_states s
                WHERE s.tenant = @tenant AND NOT EXISTS (SELECT 1 FROM clients c WHERE c.tenant = s.tenant AND c.client_key = s.client_key)
                """,
                new { tenant })).Select(LeftBehind)],
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

    public static Task SaveStateAsync(DbTransaction tx, EngineId client, DerClientState state, Instant now) => tx.Connection!.ExecuteAsync(
        """
        INSERT INTO client_states (tenant, client_key, state, updated_at) VALUES (@Tenant, @Key, @state, @now)
        ON CONFLICT (tenant, client_key) DO UPDATE SET state = excluded.state, updated_at = excluded.updated_at
        """,
        new { client.Tenant, client.Key, state = Encoding.UTF8.GetString(DerClientStateJson.Write(state)), now },
        tx);

    private static DerClientState? LeftBehind(string state)
    {
        try
        {
            return DerClientStateJson.Read(Encoding.UTF8.GetBytes(state));
        }
        catch (Exception e) when (IllegibleRow.Explains(e))
        {
            return null;
        }
    }

    private sealed class Row
    {
        public string Tenant { get; set; } = string.Empty;
        public string ClientKey { get; set; } = string.Empty;
        public string Config { get; set; } = string.Empty;
        public string NotificationId { get; set; } = string.Empty;
        public string? Lfdi { get; set; }
        public string? State { get; set; }

        public ReadClient ToClient()
        {
            var id = new EngineId(Tenant, ClientKey);
            try
            {
                var config = JsonSerializer.Deserialize<DerClientConfig>(Config, ContractJson.Options)!;
                var state = State is null ? DerClientState.Initial : DerClientStateJson.Read(Encoding.UTF8.GetBytes(State));
                return new ReadClient(id, new StoredClient(id, config, NotificationId, Lfdi, state), null);
            }
            catch (Exception e) when (IllegibleRow.Explains(e))
            {
                return new ReadClient(id, null, SafeText.Line(e.Message));
            }
        }
    }
}

/// <summary>A client as it was committed last.</summary>
/// <param name="Id">Whose.</param>
/// <param name="Config">As it was PUT, with defaults.</param>
/// <param name="NotificationId">Where the utility notifies it.</param>
/// <param name="Lfdi">Of the certificate last in use; null where there was none.</param>
/// <param name="State">The engine's.</param>
internal sealed record StoredClient(EngineId Id, DerClientConfig Config, string NotificationId, string? Lfdi, DerClientState State);

/// <summary>A client that was read, or the reason why it can't be: that one alone is not run.</summary>
internal sealed record ReadClient(EngineId Id, StoredClient? Client, string? Problem);
