using System.Data.Common;
using Dapper;
using GridServices.Contracts;
using GridServices.Hosting.Storage;
using GridServices.Operations.Bulk;
using GridServices.Operations.Service.Protection;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Import;

/// <summary>An import and how far it is.</summary>
public sealed record ImportItem
{
    public string Id { get; init; } = string.Empty;

    /// <summary>sites, meters, contacts, enrollments, nominations or optPlans.</summary>
    public string Kind { get; init; } = string.Empty;

    public string FileName { get; init; } = string.Empty;
    public string Sha256 { get; init; } = string.Empty;

    /// <summary>True: everything is checked and nothing is written.</summary>
    public bool DryRun { get; init; }

    /// <summary>queued, running, done, cancelled or failed.</summary>
    public string State { get; init; } = string.Empty;

    public long Total { get; init; }
    public long Done { get; init; }
    public long Applied { get; init; }
    public long Unchanged { get; init; }
    public long Warnings { get; init; }
    public long Errors { get; init; }
    public string CreatedBy { get; init; } = string.Empty;
    public Instant CreatedAt { get; init; }
    public Instant? StartedAt { get; init; }
    public Instant? EndedAt { get; init; }

    /// <summary>Why it failed as a whole, such as a wrong head.</summary>
    public string? Problem { get; init; }
}

/// <summary>A row's result.</summary>
internal sealed record ImportRowResult
{
    public long Number { get; init; }
    public string Status { get; init; } = string.Empty;
    public string Message { get; init; } = string.Empty;
    public string? EntityId { get; init; }
    public string? Url { get; init; }
}

/// <summary>Imports on disk: the file, how far it is, and what became of each row.</summary>
internal sealed class ImportStore(Store store, ColumnProtector protector)
{
    private const string Columns =
        """
        SELECT id AS Id, kind AS Kind, file_name AS FileName, sha256 AS Sha256, dry_run <> 0 AS DryRun, state AS State, total AS Total, done AS Done, applied AS Applied, unchanged AS Unchanged,
               warnings AS Warnings, errors AS Errors, created_by AS CreatedBy, created_at AS CreatedAt, started_at AS StartedAt, ended_at AS EndedAt, problem AS Problem FROM imports
        """;

    internal Task<ImportItem?> FindAsync(string tenant, string id, CancellationToken ct = default) =>
        store.ReadAsync(db => db.QuerySingleOrDefaultAsync<ImportItem?>($"{Columns} WHERE tenant = @tenant AND id = @id", new { tenant, id }), ct);

    internal static Task<ImportItem?> FindAsync(DbTransaction tx, string tenant, string id) =>
        tx.Connection!.QuerySingleOrDefaultAsync<ImportItem?>($"{Columns} WHERE tenant = @tenant AND id = @id", new { tenant, id }, tx);

    /// <summary>Newest first.</summary>
    internal Task<IReadOnlyList<ImportItem>> ListAsync(string tenant, string? before, int most, CancellationToken ct) => store.ReadAsync<IReadOnlyList<ImportItem>>(
        async db => [.. await db.QueryAsync<ImportItem>($"{Columns} WHERE tenant = @tenant AND (@before IS NULL OR id < @before) ORDER BY id DESC LIMIT @most", new { tenant, before, most = (long)most })], ct);

    /// <summary>Those that a restart has to go on with, in every tenant.</summary>
    internal Task<IReadOnlyList<(string Tenant, string Id)>> ListUnfinishedAsync(CancellationToken ct) => store.ReadAsync<IReadOnlyList<(string Tenant, string Id)>>(
        async db => [.. await db.QueryAsync<(string Tenant, string Id)>("SELECT tenant, id FROM imports WHERE state IN ('queued', 'running') ORDER BY id")], ct);

    internal async Task<string> TextAsync(string tenant, string id, CancellationToken ct) => protector.Open(
        await store.ReadAsync(db => db.QuerySingleAsync<string>("SELECT content_sealed FROM imports WHERE tenant = @tenant AND id = @id", new { tenant, id }), ct), GetPlace(tenant, id))!;

    internal Task<IReadOnlyList<ImportRowResult>> RowsAsync(string tenant, string id, CancellationToken ct) => store.ReadAsync<IReadOnlyList<ImportRowResult>>(
        async db => [.. await db.QueryAsync<ImportRowResult>(
            "SELECT number AS Number, status AS Status, message AS Message, entity_id AS EntityId, url AS Url FROM import_rows WHERE tenant = @tenant AND import_id = @id ORDER BY number", new { tenant, id })],
        ct);

    internal async Task<ImportItem> AddAsync(AuditedTransaction transaction, ImportFile file)
    {
        var item = file.Queued(transaction);
        await transaction.Tx.Connection!.ExecuteAsync(
            """
            INSERT INTO imports (tenant, id, kind, file_name, sha256, dry_run, state, total, done, applied, unchanged, warnings, errors, created_by, created_at, content_sealed)
            VALUES (@Tenant, @Id, @Kind, @FileName, @Sha256, @dryRun, 'queued', @Total, 0, 0, 0, 0, 0, @CreatedBy, @CreatedAt, @content)
            """,
            new
            {
                transaction.Actor.Tenant,
                item.Id,
                item.Kind,
                item.FileName,
                item.Sha256,
                dryRun = item.DryRun ? 1L : 0L,
                item.Total,
                item.CreatedBy,
                item.CreatedAt,
                content = protector.Seal(file.Text, GetPlace(transaction.Actor.Tenant, item.Id)),
            },
            transaction.Tx);
        await transaction.AuditAsync("import", item.Id, item.DryRun ? "checked" : "started", null, StoredJson.Write(item));
        return item;
    }

    /// <summary>Rows and progress in one commit: what is done is never done again.</summary>
    internal static async Task SaveAsync(AuditedTransaction transaction, ImportItem item, IReadOnlyList<ImportRowResult> rows)
    {
        foreach (var row in rows)
        {
            await transaction.Tx.Connection!.ExecuteAsync(
                "INSERT INTO import_rows (tenant, import_id, number, status, message, entity_id, url) VALUES (@Tenant, @Id, @Number, @Status, @Message, @EntityId, @Url)",
                new { transaction.Actor.Tenant, item.Id, row.Number, row.Status, row.Message, row.EntityId, row.Url },
                transaction.Tx);
        }

        await transaction.Tx.Connection!.ExecuteAsync(
            """
            UPDATE imports SET state = @State, done = @Done, applied = @Applied, unchanged = @Unchanged, warnings = @Warnings, errors = @Errors, started_at = @StartedAt, ended_at = @EndedAt, problem = @Problem
            WHERE tenant = @Tenant AND id = @Id
            """,
            new { item.State, item.Done, item.Applied, item.Unchanged, item.Warnings, item.Errors, item.StartedAt, item.EndedAt, item.Problem, transaction.Actor.Tenant, item.Id },
            transaction.Tx);
        transaction.Changes.Add(new EntityChange(transaction.Actor.Tenant, "import", item.Id, item.State, null));
    }

    internal Task<AppliedRow?> AppliedAsync(AuditedTransaction transaction, BulkKind kind, string key) => transaction.Tx.Connection!.QuerySingleOrDefaultAsync<AppliedRow?>(
        "SELECT row_hash AS RowHash, entity_id AS EntityId FROM applied_rows WHERE tenant = @Tenant AND kind = @kind AND key_index = @index",
        new { transaction.Actor.Tenant, kind = EnumNames<BulkKind>.GetName(kind), index = protector.ComputeIndex(transaction.Actor.Tenant, key) },
        transaction.Tx);

    internal Task NoteAppliedAsync(AuditedTransaction transaction, BulkKind kind, string key, string hash, string entityId) => transaction.Tx.Connection!.ExecuteAsync(
        """
        INSERT INTO applied_rows (tenant, kind, key_index, row_hash, entity_id) VALUES (@Tenant, @kind, @index, @hash, @entityId)
        ON CONFLICT (tenant, kind, key_index) DO UPDATE SET row_hash = excluded.row_hash, entity_id = excluded.entity_id
        """,
        new { transaction.Actor.Tenant, kind = EnumNames<BulkKind>.GetName(kind), index = protector.ComputeIndex(transaction.Actor.Tenant, key), hash, entityId },
        transaction.Tx);

    private static ColumnPlace GetPlace(string tenant, string id) => new("imports", tenant, id, "content_sealed");
}

/// <summary>What was applied last under a key.</summary>
internal sealed record AppliedRow
{
    public string RowHash { get; init; } = string.Empty;
    public string EntityId { get; init; } = string.Empty;
}
