using System.Data.Common;
using System.Text.Json;
using Dapper;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Service.Recording;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.Hosting.Storage;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Storage;

/// <summary>Activations on disk.</summary>
internal sealed class ActivationStore(Store store, ILogger<ActivationStore> log)
{
    /// <summary>Those that had not ended, by contract; of several the latest. One that can't be read is left out.</summary>
    public async Task<Dictionary<EntryId, Activation>> UnendedAsync(CancellationToken ct)
    {
        var rows = await store.ReadAsync(
            db => db.QueryAsync<Row>("SELECT tenant AS Tenant, contract_id AS Id, record AS Record FROM activations WHERE ended_at IS NULL ORDER BY started_at"), ct);
        var unended = new Dictionary<EntryId, Activation>();
        foreach (var row in rows)
        {
            if (StoredRow.Read(row.Activation, $"an activation of contract {row.Id} of tenant {row.Tenant} that had not ended; if it lasts, it begins anew", log) is { } activation)
            {
                unended[new EntryId(row.Tenant, row.Id)] = activation;
            }
        }

        return unended;
    }

    /// <summary>Those that touch [from, until), the latest first.</summary>
    public async Task<IReadOnlyList<Activation>> FindAsync(EntryId contract, Instant from, Instant until, int limit, CancellationToken ct)
    {
        var rows = await store.ReadAsync(
            db => db.QueryAsync<Row>(
                """
                SELECT tenant AS Tenant, contract_id AS Id, record AS Record FROM activations
                WHERE tenant = @Tenant AND contract_id = @Key AND started_at < @until AND (ended_at IS NULL OR ended_at > @from)
                ORDER BY started_at DESC LIMIT @limit
                """,
                new { contract.Tenant, contract.Key, from, until, limit }),
            ct);
        return [.. rows.Select(r => r.Activation())];
    }

    /// <summary>Ends what had not ended: its contract is gone.</summary>
    public static async Task EndAsync(DbTransaction tx, EntryId contract, Instant now)
    {
        var rows = await tx.Connection!.QueryAsync<string>(
            "SELECT record FROM activations WHERE tenant = @Tenant AND contract_id = @Key AND ended_at IS NULL", new { contract.Tenant, contract.Key }, tx);
        foreach (var record in rows)
        {
            await SaveAsync(tx, contract, Ended(JsonSerializer.Deserialize<Activation>(record, ContractJson.Options)!, now));
        }
    }

    /// <summary>Ended because its contract did.</summary>
    public static Activation Ended(Activation running, Instant now) =>
        running with { EndedAt = Instant.Max(now, running.StartedAt), Reasons = [.. running.Reasons, "contractEnded"] };

    public static Task SaveAsync(DbTransaction tx, EntryId contract, Activation activation) => tx.Connection!.ExecuteAsync(
        """
        INSERT INTO activations (tenant, contract_id, started_at, ended_at, record) VALUES (@Tenant, @Key, @StartedAt, @ended, @record)
        ON CONFLICT (tenant, contract_id, started_at) DO UPDATE SET ended_at = excluded.ended_at, record = excluded.record
        """,
        new
        {
            contract.Tenant,
            contract.Key,
            activation.StartedAt,
            ended = activation.EndedAt?.ToUnixTimeTicks(),
            record = JsonSerializer.Serialize(activation, ContractJson.Options),
        },
        tx);

    private sealed class Row
    {
        public string Tenant { get; set; } = string.Empty;
        public string Id { get; set; } = string.Empty;
        public string Record { get; set; } = string.Empty;

        public Activation Activation() => JsonSerializer.Deserialize<Activation>(Record, ContractJson.Options)!;
    }
}
