using System.Data.Common;
using Dapper;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Storage;

namespace GridServices.UtilityClients.Engine;

/// <summary>
/// In cluster mode: sites and claims of every engine, whichever node runs it. Kept in the service's own table <c>engine_index (tenant TEXT,
/// engine_key TEXT, kind TEXT, what TEXT, PRIMARY KEY (tenant, engine_key, kind, what))</c>, in the transaction that stores a configuration.
/// </summary>
internal static class EngineIndex
{
    private const string Site = "site";
    private const string Claim = "claim";
    private const string Own = "own";

    /// <summary>Takes what a configuration claims, in place of what the engine had.</summary>
    /// <exception cref="ProblemException">Another engine has some of it; the transaction must not go on.</exception>
    public static async Task ReplaceAsync<TView, TConfig, TState, TInput, TKind>(
        DbTransaction tx, IUtilityProtocol<TView, TConfig, TState, TInput, TKind> protocol, EngineId engine, TConfig config)
        where TKind : struct, Enum
    {
        foreach (var claim in protocol.GetClaims(config))
        {
            if (await HolderAsync(tx, "tenant = @Tenant AND engine_key <> @Key", engine, Claim, Text(claim)) is { } holder)
            {
                throw protocol.CreateTakenProblem(claim, holder);
            }
        }

        foreach (var own in protocol.TenantsOwn(config))
        {
            if (await HolderAsync(tx, "tenant <> @Tenant", engine, Own, own) is not null)
            {
                throw protocol.CreateForeignTenantProblem(own);
            }
        }

        await RemoveAsync(tx, engine);
        await AddAsync(tx, CreateRows(protocol, engine, config));
    }

    public static Task RemoveAsync(DbTransaction tx, EngineId engine) =>
        tx.Connection!.ExecuteAsync("DELETE FROM engine_index WHERE tenant = @Tenant AND engine_key = @Key", new { engine.Tenant, engine.Key }, tx);

    /// <summary>
    /// Brings it to what is stored: configurations may have been written without it. All in the caller's serializable transaction, so that any node may do it at
    /// any time, beside others that configure engines. What can't be read keeps what it has.
    /// </summary>
    public static async Task RebuildAsync<TView, TConfig, TState, TInput, TKind>(DbTransaction tx, IUtilityProtocol<TView, TConfig, TState, TInput, TKind> protocol)
        where TConfig : class
        where TKind : struct, Enum
    {
        var stored = (await protocol.ConfigsAsync(tx, null)).ToDictionary(e => e.Id, e => e.Config);
        var held = (await tx.Connection!.QueryAsync<IndexRow>("SELECT tenant AS Tenant, engine_key AS Key, kind AS Kind, what AS What FROM engine_index", transaction: tx))
            .ToLookup(row => new EngineId(row.Tenant, row.Key));
        foreach (var gone in held.Select(rows => rows.Key).Where(id => !stored.ContainsKey(id)))
        {
            await RemoveAsync(tx, gone);
        }

        var fresh = new List<IndexRow>();
        foreach (var (id, config) in stored)
        {
            if (config is not null && CreateRows(protocol, id, config).ToHashSet() is var rows && !rows.SetEquals(held[id]))
            {
                await RemoveAsync(tx, id);
                fresh.AddRange(rows);
            }
        }

        await AddAsync(tx, fresh);
    }

    /// <summary>The engines of sites.</summary>
    public static async Task<ILookup<string, EngineId>> FindBySitesAsync(Store store, string tenant, IReadOnlyCollection<string> sites, CancellationToken ct) => (await store.ReadAsync(
        db => db.QueryAsync<IndexRow>(
            "SELECT tenant AS Tenant, engine_key AS Key, what AS What FROM engine_index WHERE tenant = @tenant AND kind = @kind AND what = ANY(@those)", new { tenant, kind = Site, those = sites.ToArray() }),
        ct)).ToLookup(row => row.What, row => new EngineId(row.Tenant, row.Key), StringComparer.Ordinal);

    private static async Task<EngineId?> HolderAsync(DbTransaction tx, string whose, EngineId engine, string kind, string what) =>
        await tx.Connection!.QueryFirstOrDefaultAsync<IndexRow>(
            $"SELECT tenant AS Tenant, engine_key AS Key, what AS What FROM engine_index WHERE kind = @kind AND what = @what AND {whose} LIMIT 1",
            new { engine.Tenant, engine.Key, kind, what },
            tx) is { } row ? new EngineId(row.Tenant, row.Key) : null;

    private static IEnumerable<IndexRow> CreateRows<TView, TConfig, TState, TInput, TKind>(
        IUtilityProtocol<TView, TConfig, TState, TInput, TKind> protocol, EngineId engine, TConfig config)
        where TKind : struct, Enum => protocol.GetSites(config).Select(site => (Kind: Site, What: site))
        .Concat(protocol.GetClaims(config).Select(claim => (Kind: Claim, What: Text(claim))))
        .Concat(protocol.TenantsOwn(config).Select(own => (Kind: Own, What: own)))
        .Distinct()
        .Select(row => new IndexRow { Tenant = engine.Tenant, Key = engine.Key, Kind = row.Kind, What = row.What });

    private static async Task AddAsync(DbTransaction tx, IEnumerable<IndexRow> rows)
    {
        foreach (var some in rows.Chunk(1_000))
        {
            await tx.Connection!.ExecuteAsync(
                "INSERT INTO engine_index (tenant, engine_key, kind, what) SELECT * FROM unnest(@tenants, @keys, @kinds, @whats)",
                new { tenants = some.Select(r => r.Tenant).ToArray(), keys = some.Select(r => r.Key).ToArray(), kinds = some.Select(r => r.Kind).ToArray(), whats = some.Select(r => r.What).ToArray() },
                tx);
        }
    }

    private static string Text(EngineClaim claim) => $"{claim.SiteId}\n{claim.Stream}";

    private sealed record IndexRow
    {
        public string Tenant { get; init; } = string.Empty;
        public string Key { get; init; } = string.Empty;
        public string Kind { get; init; } = string.Empty;
        public string What { get; init; } = string.Empty;
    }
}
