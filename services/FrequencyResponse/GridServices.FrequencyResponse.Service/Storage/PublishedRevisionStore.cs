using System.Data.Common;
using System.Text.Json;
using Dapper;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Service.Publishing;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.Hosting.Storage;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Storage;

/// <summary>Revisions on disk, committed together with the envelopes that carry them.</summary>
internal sealed class PublishedRevisionStore(Store store, ILogger<PublishedRevisionStore> log)
{
    /// <summary>By contract. One whose row can't be read is left out: it is stated from revision 1 again, which the outbox raises above the hub's.</summary>
    public async Task<Dictionary<EntryId, PublishedRevision>> LoadAsync(CancellationToken ct)
    {
        var rows = await store.ReadAsync(db => db.QueryAsync<Row>("SELECT tenant AS Tenant, contract_id AS Id, state AS State FROM contract_states"), ct);
        var told = new Dictionary<EntryId, PublishedRevision>();
        foreach (var row in rows)
        {
            var what = $"what the hub was told of contract {row.Id} of tenant {row.Tenant}; it is stated anew, and a boundary that it has left stays stated";
            if (StoredRow.Read(() => Read(row.State), what, log) is { } revision)
            {
                told[new EntryId(row.Tenant, row.Id)] = revision;
            }
        }

        return told;
    }

    private static PublishedRevision? Read(string state) => JsonSerializer.Deserialize<IReadOnlyList<PublishedBoundary>>(state, ContractJson.Options)
        ?.Aggregate(PublishedRevision.Nothing, (told, boundary) => told.With(boundary));

    public static Task SaveAsync(DbTransaction tx, EntryId contract, PublishedRevision told, Instant now) => tx.Connection!.ExecuteAsync(
        """
        INSERT INTO contract_states (tenant, contract_id, state, updated_at) VALUES (@Tenant, @Key, @state, @now)
        ON CONFLICT (tenant, contract_id) DO UPDATE SET state = excluded.state, updated_at = excluded.updated_at
        """,
        new { contract.Tenant, contract.Key, state = JsonSerializer.Serialize(told.Boundaries.Values, ContractJson.Options), now },
        tx);

    private sealed class Row
    {
        public string Tenant { get; set; } = string.Empty;
        public string Id { get; set; } = string.Empty;
        public string State { get; set; } = string.Empty;
    }
}
