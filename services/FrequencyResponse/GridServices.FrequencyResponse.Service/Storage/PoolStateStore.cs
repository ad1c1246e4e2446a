using System.Data.Common;
using System.Runtime.InteropServices;
using Dapper;
using GridServices.FrequencyResponse.Service.HotPath;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.Hosting.Storage;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Storage;

/// <summary>What the controllers remember, so that a latch holds and a block-time runs on over a restart.</summary>
internal sealed class PoolStateStore(Store store)
{
    public async Task<IReadOnlyDictionary<EntryId, StoredPool>> LoadAsync(CancellationToken ct)
    {
        var rows = await store.ReadAsync(
            db => db.QueryAsync<Row>("SELECT tenant AS Tenant, pool AS Pool, layout AS Layout, state AS State, nanos AS Nanos, updated_at AS UpdatedAt FROM pool_states"), ct);
        return rows.ToDictionary(r => new EntryId(r.Tenant, r.Pool), r => new StoredPool(r.Layout, r.State, r.Nanos, r.UpdatedAt));
    }

    public static Task SaveAsync(DbTransaction tx, EntryId pool, string layout, in PoolView view, Instant now)
    {
        var state = view.State;
        var bytes = MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref state, 1)).ToArray();
        return tx.Connection!.ExecuteAsync(
            """
            INSERT INTO pool_states (tenant, pool, layout, state, nanos, updated_at) VALUES (@Tenant, @Key, @layout, @bytes, @nanos, @now)
            ON CONFLICT (tenant, pool) DO UPDATE SET layout = excluded.layout, state = excluded.state, nanos = excluded.nanos, updated_at = excluded.updated_at
            """,
            new { pool.Tenant, pool.Key, layout, bytes, nanos = view.NowNanos, now },
            tx);
    }

    private sealed class Row
    {
        public string Tenant { get; set; } = string.Empty;
        public string Pool { get; set; } = string.Empty;
        public string Layout { get; set; } = string.Empty;
        public byte[] State { get; set; } = [];
        public long Nanos { get; set; }
        public Instant UpdatedAt { get; set; }
    }
}

/// <summary>A pool's controller as it was stored.</summary>
/// <param name="Layout">As <see cref="StateLayout"/> says it: the bytes mean the same only where it is equal.</param>
/// <param name="State">The bytes.</param>
/// <param name="Nanos">The monotonic clock at that moment.</param>
/// <param name="At">The wall clock at that moment.</param>
internal sealed record StoredPool(string Layout, byte[] State, long Nanos, Instant At)
{
    /// <summary>Null where the bytes belong to another arrangement.</summary>
    public ControllerState? For(string layout)
    {
        var state = default(ControllerState);
        var size = MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref state, 1));
        if (layout != Layout || size.Length != State.Length)
        {
            return null;
        }

        State.CopyTo(size);
        return state;
    }
}
