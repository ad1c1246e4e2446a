using System.Security.Cryptography;
using System.Text;
using Dapper;
using GridServices.Contracts;
using GridServices.Hosting.Storage;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Export;

/// <summary>What can be exported.</summary>
public enum ExportKind
{
    Audit,
    Enrollments,
    Events,
    Compliance,

    /// <summary>As they are now; the span does not narrow them.</summary>
    Sites,
}

/// <summary>How an export is written.</summary>
public enum ExportFormat
{
    Csv,
    Json,
}

/// <summary>An export and how far it is.</summary>
public sealed record ExportItem
{
    public string Id { get; init; } = string.Empty;

    /// <summary>audit, enrollments, events, compliance or sites.</summary>
    public string Kind { get; init; } = string.Empty;

    /// <summary>csv or json.</summary>
    public string Format { get; init; } = string.Empty;

    public Instant From { get; init; }

    /// <summary>Exclusive.</summary>
    public Instant Until { get; init; }

    /// <summary>queued, done or failed.</summary>
    public string State { get; init; } = string.Empty;

    public long Rows { get; init; }

    /// <summary>Of the file, hex.</summary>
    public string? Sha256 { get; init; }

    public string CreatedBy { get; init; } = string.Empty;
    public Instant CreatedAt { get; init; }
    public Instant? EndedAt { get; init; }
    public string? Problem { get; init; }
}

/// <summary>Exports on disk.</summary>
internal sealed class ExportStore(Store store)
{
    private const string Columns =
        """
        SELECT id AS Id, kind AS Kind, format AS Format, from_at AS "From", until_at AS "Until", state AS State, rows_made AS Rows, sha256 AS Sha256, created_by AS CreatedBy,
               created_at AS CreatedAt, ended_at AS EndedAt, problem AS Problem FROM exports
        """;

    internal Task<IReadOnlyList<ExportItem>> ListAsync(string tenant, string? before, int most, CancellationToken ct) => store.ReadAsync<IReadOnlyList<ExportItem>>(
        async db => [.. await db.QueryAsync<ExportItem>($"{Columns} WHERE tenant = @tenant AND (@before IS NULL OR id < @before) ORDER BY id DESC LIMIT @most", new { tenant, before, most = (long)most })], ct);

    internal Task<ExportItem?> FindAsync(string tenant, string id, CancellationToken ct) =>
        store.ReadAsync(db => db.QuerySingleOrDefaultAsync<ExportItem?>($"{Columns} WHERE tenant = @tenant AND id = @id", new { tenant, id }), ct);

    internal Task<string?> ContentAsync(string tenant, string id, CancellationToken ct) =>
        store.ReadAsync(db => db.QuerySingleOrDefaultAsync<string?>("SELECT content FROM exports WHERE tenant = @tenant AND id = @id", new { tenant, id }), ct);

    internal Task<IReadOnlyList<(string Tenant, string Id)>> ListQueuedAsync(CancellationToken ct) => store.ReadAsync<IReadOnlyList<(string Tenant, string Id)>>(
        async db => [.. await db.QueryAsync<(string, string)>("SELECT tenant, id FROM exports WHERE state = 'queued' ORDER BY id")], ct);

    internal static async Task<ExportItem> AddAsync(AuditedTransaction transaction, ExportKind kind, ExportFormat format, Interval span)
    {
        var item = new ExportItem
        {
            Id = transaction.NewId(),
            Kind = EnumNames<ExportKind>.GetName(kind),
            Format = EnumNames<ExportFormat>.GetName(format),
            From = span.Start,
            Until = span.End,
            State = "queued",
            CreatedBy = transaction.Actor.Name,
            CreatedAt = transaction.Now,
        };
        await transaction.Tx.Connection!.ExecuteAsync(
            "INSERT INTO exports (tenant, id, kind, format, from_at, until_at, state, rows_made, created_by, created_at) VALUES (@Tenant, @Id, @Kind, @Format, @From, @Until, 'queued', 0, @CreatedBy, @CreatedAt)",
            new { transaction.Actor.Tenant, item.Id, item.Kind, item.Format, item.From, item.Until, item.CreatedBy, item.CreatedAt },
            transaction.Tx);
        await transaction.AuditAsync("export", item.Id, "requested", null, StoredJson.Write(item));
        return item;
    }

    /// <summary>Keeps the file, or why there is none.</summary>
    internal static async Task EndAsync(AuditedTransaction transaction, string id, ExportFile? file, string? problem)
    {
        var hash = file is null ? null : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(file.Text)));
        await transaction.Tx.Connection!.ExecuteAsync(
            "UPDATE exports SET state = @state, rows_made = @rows, sha256 = @hash, ended_at = @Now, problem = @problem, content = @text WHERE tenant = @Tenant AND id = @id",
            new { state = file is null ? "failed" : "done", rows = file?.Rows ?? 0L, hash, transaction.Now, problem, text = file?.Text, transaction.Actor.Tenant, id },
            transaction.Tx);
        await transaction.AuditAsync("export", id, file is null ? "failed" : "made", null, null, problem);
    }

    internal Task RemoveBeforeAsync(Instant before, CancellationToken ct) => store.WriteAsync(
        tx => tx.Connection!.ExecuteAsync("DELETE FROM exports WHERE created_at < @before", new { before }, tx), ct);
}

/// <summary>A file and how many rows it has.</summary>
internal sealed record ExportFile(string Text, long Rows);
