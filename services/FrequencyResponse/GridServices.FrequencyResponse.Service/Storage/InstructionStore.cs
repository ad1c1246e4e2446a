using System.Data.Common;
using System.Text.Json;
using Dapper;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Instructions;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.Hosting.Storage;
using GridServices.Wire;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Storage;

/// <summary>Instructions on disk.</summary>
internal sealed class InstructionStore(Store store, ILogger<InstructionStore> log)
{
    private const int MostListed = 10_000;

    /// <summary>What still bears on anything, by contract. One that can't be read is left out and not carried out; its contract takes no other while it is stored so.</summary>
    public async Task<IReadOnlyDictionary<EntryId, InstructionState>> LoadAsync(Instant now, CancellationToken ct)
    {
        var rows = await store.ReadAsync(
            db => db.QueryAsync<Row>(
                """
                SELECT i.tenant AS Tenant, i.contract_id AS Id, i.record AS Record FROM instructions i
                JOIN contracts c ON c.tenant = i.tenant AND c.contract_id = i.contract_id
                WHERE i.finishes_at > @since ORDER BY i.received_at, i.instruction_id
                """,
                new { since = Since(now) }),
            ct);
        return rows.GroupBy(r => new EntryId(r.Tenant, r.Id)).ToDictionary(g => g.Key, g => new InstructionState
        {
            Entries = g.Select(r => StoredRow.Read(r.Entry, $"an instruction to contract {r.Id} of tenant {r.Tenant}; it is not carried out", log)).OfType<InstructionEntry>().ToValueList(),
        });
    }

    /// <summary>Another text once somebody has stored one.</summary>
    public async Task<string> VersionAsync(CancellationToken ct) => await store.ReadAsync(
        db => db.ExecuteScalarAsync<string>("SELECT CAST(COUNT(*) AS TEXT) || '/' || COALESCE(CAST(MAX(updated_at) AS TEXT), '') FROM instructions"), ct) ?? string.Empty;

    /// <summary>Every instruction that a contract ever had, the latest ten thousand.</summary>
    public async Task<IReadOnlyList<InstructionEntry>> ListAsync(EntryId contract, CancellationToken ct)
    {
        var rows = await store.ReadAsync(
            db => db.QueryAsync<Row>(
                """
                SELECT tenant AS Tenant, contract_id AS Id, record AS Record FROM instructions
                WHERE tenant = @Tenant AND contract_id = @Key ORDER BY received_at DESC LIMIT @MostListed
                """,
                new { contract.Tenant, contract.Key, MostListed }),
            ct);
        return [.. rows.Select(r => r.Entry())];
    }

    /// <summary>As it stands inside a transaction.</summary>
    public static async Task<InstructionState> ReadAsync(DbTransaction tx, EntryId contract, Instant now)
    {
        var rows = await tx.Connection!.QueryAsync<Row>(
            """
            SELECT tenant AS Tenant, contract_id AS Id, record AS Record FROM instructions
            WHERE tenant = @Tenant AND contract_id = @Key AND finishes_at > @since ORDER BY received_at, instruction_id
            """,
            new { contract.Tenant, contract.Key, since = Since(now) },
            tx);
        return ToState(rows);
    }

    public static Task SaveAsync(DbTransaction tx, EntryId contract, InstructionEntry entry, Instant now) => tx.Connection!.ExecuteAsync(
        """
        INSERT INTO instructions (tenant, contract_id, instruction_id, record, received_at, finishes_at, updated_at)
        VALUES (@Tenant, @Key, @id, @record, @receivedAt, @finishesAt, @now)
        ON CONFLICT (tenant, contract_id, instruction_id) DO UPDATE SET
          record = excluded.record, received_at = excluded.received_at, finishes_at = excluded.finishes_at, updated_at = excluded.updated_at
        """,
        new
        {
            contract.Tenant,
            contract.Key,
            id = entry.Id,
            record = JsonSerializer.Serialize(entry, ContractJson.Options),
            receivedAt = entry.ReceivedAt,
            finishesAt = entry.Plan is { } plan ? Instant.Max(plan.FinishesAt, entry.ReceivedAt) : entry.ReceivedAt,
            now,
        },
        tx);

    /// <summary>Ends what had not ended: its contract is gone.</summary>
    public static async Task EndAsync(DbTransaction tx, EntryId contract, Instant now)
    {
        foreach (var entry in (await ReadAsync(tx, contract, now)).Entries)
        {
            if (entry is { Plan: { } plan } && entry.PhaseAt(now) is InstructionPhase.Accepted or InstructionPhase.Running)
            {
                await SaveAsync(tx, contract, entry with { Plan = plan.Withdrawn(now) }, now);
            }
        }
    }

    private static Instant Since(Instant now) => now - InstructionRules.LongestRecovery;

    private static InstructionState ToState(IEnumerable<Row> rows) => new() { Entries = rows.Select(r => r.Entry()).ToValueList() };

    private sealed class Row
    {
        public string Tenant { get; set; } = string.Empty;
        public string Id { get; set; } = string.Empty;
        public string Record { get; set; } = string.Empty;

        public InstructionEntry Entry() => JsonSerializer.Deserialize<InstructionEntry>(Record, ContractJson.Options)!;
    }
}
