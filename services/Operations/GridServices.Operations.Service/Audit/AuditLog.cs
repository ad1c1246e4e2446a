using System.Data.Common;
using Dapper;
using GridServices.Hosting.Storage;
using GridServices.Operations.Audit;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Audit;

/// <summary>The chain of writes on disk: appended to by every <see cref="Storage.AuditedTransaction"/>, read here.</summary>
internal sealed class AuditLog(Store store)
{
    private const int ReadAtOnce = 1_000;

    internal static Task AppendAsync(DbTransaction tx, AuditEntry entry, string? siteId) => tx.Connection!.ExecuteAsync(
        """
        INSERT INTO audit (tenant, seq, at, actor, action, entity, entity_id, site_id, body, hash)
        VALUES (@Tenant, @Sequence, @At, @Actor, @Action, @EntityKind, @EntityId, @siteId, @body, @Hash)
        """,
        new
        {
            entry.Write.Tenant,
            entry.Sequence,
            entry.Write.At,
            entry.Write.Actor,
            entry.Write.Action,
            entry.Write.EntityKind,
            entry.Write.EntityId,
            siteId,
            body = StoredJson.Write(entry),
            entry.Hash,
        },
        tx);

    /// <summary>Newest first.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="query">What of it.</param>
    /// <param name="ct">Gives up.</param>
    internal Task<IReadOnlyList<AuditEntry>> ListAsync(string tenant, AuditQuery query, CancellationToken ct) => store.ReadAsync<IReadOnlyList<AuditEntry>>(
        async db =>
        {
            var parameters = new DynamicParameters(new
            {
                tenant,
                query.Kind,
                query.EntityId,
                query.Actor,
                query.SiteId,
                query.Before,
                most = (long)query.Limit,
                from = query.From?.ToUnixTimeTicks(),
                until = query.Until?.ToUnixTimeTicks(),
            });
            var conditions = new List<string> { "tenant = @tenant" };
            Add(conditions, query.Kind, "entity = @Kind");
            Add(conditions, query.EntityId, "entity_id = @EntityId");
            Add(conditions, query.Actor, "actor = @Actor");
            Add(conditions, query.SiteId, "site_id = @SiteId");
            Add(conditions, query.Before, "seq < @Before");
            Add(conditions, query.From, "at >= @from");
            Add(conditions, query.Until, "at < @until");
            if (query.Actions is { Count: > 0 } actions)
            {
                conditions.Add($"action IN ({SqlNames.Add(parameters, "a", actions)})");
            }

            if (query.Sites is { } sites)
            {
                var names = sites.Order(StringComparer.Ordinal).Select((site, i) =>
                {
                    parameters.Add($"s{i}", site);
                    return $"@s{i}";
                }).ToList();
                conditions.Add(names.Count == 0 ? "1 = 0" : $"site_id IN ({string.Join(", ", names)})");
            }

            var rows = await db.QueryAsync<string>($"SELECT body FROM audit WHERE {string.Join(" AND ", conditions)} ORDER BY seq DESC LIMIT @most", parameters);
            return [.. rows.Select(Read)];
        },
        ct);

    /// <summary>Reads the whole chain of a tenant and says where it is not as it was written.</summary>
    internal Task<AuditVerdict> VerifyAsync(string tenant, CancellationToken ct) => store.SnapshotAsync(
        async tx =>
        {
            var kept = await tx.Connection!.QuerySingleOrDefaultAsync<HeadRow>("SELECT audit_seq AS Sequence, audit_hash AS Hash FROM tenant_heads WHERE tenant = @tenant", new { tenant }, tx);
            var cut = await tx.Connection!.QuerySingleOrDefaultAsync<AuditCut>("SELECT seq AS Sequence, hash AS Hash FROM audit_cuts WHERE tenant = @tenant", new { tenant }, tx);
            var start = cut is null ? AuditChain.Start(tenant) : new AuditHead(tenant, cut.Sequence, cut.Hash);
            if (cut is not null && !await IsExplainedAsync(tx, tenant, cut))
            {
                return new AuditVerdict(start, AuditFault.StartMissing, 1);
            }

            var head = start;
            while (true)
            {
                var rows = (await tx.Connection!.QueryAsync<string>(
                    "SELECT body FROM audit WHERE tenant = @tenant AND seq > @Sequence ORDER BY seq LIMIT @ReadAtOnce", new { tenant, head.Sequence, ReadAtOnce = (long)ReadAtOnce }, tx)).ToList();
                var expected = rows.Count < ReadAtOnce ? new AuditHead(tenant, kept?.Sequence ?? 0, kept?.Hash ?? AuditChain.Start(tenant).Hash) : null;
                var verdict = AuditChain.Verify(head, rows.Select(Read), expected);
                if (!verdict.IsSound || rows.Count < ReadAtOnce)
                {
                    return verdict;
                }

                head = verdict.Sound;
            }
        },
        ct);

    // The entry that tells of the removal is in the chain that is verified after it.
    private static async Task<bool> IsExplainedAsync(DbTransaction tx, string tenant, AuditCut cut) => await tx.Connection!.ExecuteScalarAsync<long>(
        "SELECT COUNT(*) FROM audit WHERE tenant = @tenant AND action = @action AND body LIKE @hash", new { tenant, action = $"audit.{AuditCut.Removed}", hash = $"%{cut.Hash}%" }, tx) > 0;

    private static AuditEntry Read(string body) => StoredJson.Read<AuditEntry>(body);

    private static void Add(List<string> conditions, object? value, string condition)
    {
        if (value is not null)
        {
            conditions.Add(condition);
        }
    }

    private sealed class HeadRow
    {
        public long Sequence { get; set; }
        public string Hash { get; set; } = string.Empty;
    }
}

/// <summary>Which entries of the audit; null = any.</summary>
internal sealed record AuditQuery(int Limit)
{
    public string? Kind { get; init; }
    public string? EntityId { get; init; }

    /// <summary>Such as <c>enrollment.accept</c>; empty = all.</summary>
    public IReadOnlyList<string> Actions { get; init; } = [];

    public string? Actor { get; init; }
    public string? SiteId { get; init; }

    /// <summary>Entries before this sequence: the next page.</summary>
    public long? Before { get; init; }

    public Instant? From { get; init; }
    public Instant? Until { get; init; }

    /// <summary>Sites that may be seen; null = all, and what is about no site.</summary>
    public IReadOnlySet<string>? Sites { get; init; }
}
