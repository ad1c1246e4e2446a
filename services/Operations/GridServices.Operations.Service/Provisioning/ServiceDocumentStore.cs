using Dapper;
using GridServices.Hosting.Storage;
using GridServices.Operations.Provisioning;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Provisioning;

/// <summary>A document at a service as it was written last.</summary>
internal sealed record ServiceDocumentRow
{
    public string Tenant { get; init; } = string.Empty;

    /// <summary>A <see cref="ProvisionedService"/>'s name.</summary>
    public string Service { get; init; } = string.Empty;

    /// <summary>Of its PUT, such as <c>/v1/vens/site-1</c>.</summary>
    public string Path { get; init; } = string.Empty;

    /// <summary>What was wanted, canonical JSON.</summary>
    public string Wanted { get; init; } = string.Empty;

    /// <summary>What the service showed right after, canonical JSON; null: nothing of ours is there.</summary>
    public string? Seen { get; init; }

    /// <summary>What was sent after that and not answered: canonical JSON, or <see cref="DocumentState.Deletion"/>; null: nothing is open.</summary>
    public string? Sent { get; init; }

    public string? ETag { get; init; }
    public Instant WrittenAt { get; init; }

    /// <summary>Differences that a person took over, JSON; null = none.</summary>
    public string? TakenOver { get; init; }

    /// <summary>What was found there instead, canonical JSON; null with <see cref="FoundAt"/> = it was deleted.</summary>
    public string? Found { get; init; }

    public string? FoundETag { get; init; }

    /// <summary>When the difference was seen first; null: there is none.</summary>
    public Instant? FoundAt { get; init; }

    internal ProvisionedService ServiceName => Enum.Parse<ProvisionedService>(Service);

    internal bool IsDrifted => FoundAt is not null;

    internal IReadOnlyList<TakenItem> Taken => TakenOver is null ? [] : StoredJson.Read<List<TakenItem>>(TakenOver);
}

/// <summary>What was written at the services.</summary>
internal sealed class ServiceDocumentStore(Store store)
{
    private const string Columns =
        """
        SELECT tenant AS Tenant, service AS Service, path AS Path, wanted AS Wanted, seen AS Seen, sent AS Sent, etag AS ETag, written_at AS WrittenAt, taken_over AS TakenOver,
               found AS Found, found_etag AS FoundETag, found_at AS FoundAt FROM service_documents
        """;

    internal Task<IReadOnlyList<ServiceDocumentRow>> ListByEnrollmentAsync(string tenant, string enrollmentId, CancellationToken ct = default) => ListAsync(
        "tenant = @tenant AND path IN (SELECT path FROM document_enrollments WHERE document_enrollments.tenant = @tenant AND enrollment_id = @enrollmentId) ORDER BY path", new { tenant, enrollmentId }, ct);

    internal async Task<ServiceDocumentRow?> FindAsync(string tenant, string path, CancellationToken ct = default) =>
        (await ListAsync("tenant = @tenant AND path = @path", new { tenant, path }, ct)).SingleOrDefault();

    /// <summary>As it is in the transaction; null: it is gone.</summary>
    internal static Task<ServiceDocumentRow?> FindAsync(AuditedTransaction transaction, string path) =>
        transaction.Tx.Connection!.QuerySingleOrDefaultAsync<ServiceDocumentRow>($"{Columns} WHERE tenant = @Tenant AND path = @path", new { transaction.Actor.Tenant, path }, transaction.Tx);

    /// <summary>Some at a time, by path.</summary>
    internal Task<IReadOnlyList<ServiceDocumentRow>> ListAfterAsync(string tenant, string after, int most, CancellationToken ct = default) =>
        ListAsync("tenant = @tenant AND path > @after ORDER BY path LIMIT @most", new { tenant, after, most = (long)most }, ct);

    /// <summary>Those that a document is kept for, as it is in the transaction.</summary>
    internal static async Task<IReadOnlyList<string>> ListEnrollmentsAsync(AuditedTransaction transaction, string path) => [.. await transaction.Tx.Connection!.QueryAsync<string>(
        "SELECT enrollment_id FROM document_enrollments WHERE tenant = @Tenant AND path = @path ORDER BY enrollment_id", new { transaction.Actor.Tenant, path }, transaction.Tx)];

    internal Task<IReadOnlyList<string>> ListEnrollmentsAsync(string tenant, string path, CancellationToken ct = default) => store.ReadAsync<IReadOnlyList<string>>(
        async db => [.. await db.QueryAsync<string>("SELECT enrollment_id FROM document_enrollments WHERE tenant = @tenant AND path = @path ORDER BY enrollment_id", new { tenant, path })], ct);

    internal static async Task WriteAsync(AuditedTransaction transaction, ServiceDocumentRow row, IEnumerable<string> enrollmentIds)
    {
        await transaction.Tx.Connection!.ExecuteAsync(
            """
            INSERT INTO service_documents (tenant, service, path, wanted, seen, sent, etag, written_at, taken_over, found, found_etag, found_at)
            VALUES (@Tenant, @Service, @Path, @Wanted, @Seen, @Sent, @ETag, @WrittenAt, @TakenOver, @Found, @FoundETag, @FoundAt)
            ON CONFLICT (tenant, path) DO UPDATE SET wanted = excluded.wanted, seen = excluded.seen, sent = excluded.sent, etag = excluded.etag, written_at = excluded.written_at, taken_over = COALESCE(excluded.taken_over, service_documents.taken_over),
            found = excluded.found, found_etag = excluded.found_etag, found_at = excluded.found_at
            """,
            row,
            transaction.Tx);
        await LinkAsync(transaction, row.Path, enrollmentIds);
    }

    /// <summary>What is sent next, or is not open any more; all else of the document stays as it is.</summary>
    internal static Task SaveSentAsync(AuditedTransaction transaction, string path, string? sent) => transaction.Tx.Connection!.ExecuteAsync(
        "UPDATE service_documents SET sent = @sent WHERE tenant = @Tenant AND path = @path", new { transaction.Actor.Tenant, path, sent }, transaction.Tx);

    /// <summary>The document is wanted by these enrollments too.</summary>
    internal static async Task LinkAsync(AuditedTransaction transaction, string path, IEnumerable<string> enrollmentIds)
    {
        foreach (var enrollmentId in enrollmentIds)
        {
            await transaction.Tx.Connection!.ExecuteAsync(
                "INSERT INTO document_enrollments (tenant, path, enrollment_id) VALUES (@Tenant, @path, @enrollmentId) ON CONFLICT (tenant, path, enrollment_id) DO NOTHING",
                new { transaction.Actor.Tenant, path, enrollmentId },
                transaction.Tx);
        }
    }

    /// <summary>The document is as these want it: it is kept for them, and for nobody else any more. Without any it stays as it is.</summary>
    internal static async Task ShareAsync(AuditedTransaction transaction, string path, IReadOnlyList<string> owners)
    {
        var linked = await ListEnrollmentsAsync(transaction, path);
        await LinkAsync(transaction, path, owners.Except(linked, StringComparer.Ordinal));
        foreach (var id in owners.Count == 0 ? [] : linked.Except(owners, StringComparer.Ordinal))
        {
            await UnlinkAsync(transaction, path, id);
        }
    }

    /// <summary>The document is no longer of this enrollment.</summary>
    internal static Task UnlinkAsync(AuditedTransaction transaction, string path, string enrollmentId) => transaction.Tx.Connection!.ExecuteAsync(
        "DELETE FROM document_enrollments WHERE tenant = @Tenant AND path = @path AND enrollment_id = @enrollmentId", new { transaction.Actor.Tenant, path, enrollmentId }, transaction.Tx);

    /// <summary>Nothing of ours is there, as far as this enrollment goes: it is forgotten, unless others keep it.</summary>
    /// <returns>False: others keep it.</returns>
    internal static async Task<bool> ForgetAsync(AuditedTransaction transaction, string path, string enrollmentId)
    {
        await UnlinkAsync(transaction, path, enrollmentId);
        if ((await ListEnrollmentsAsync(transaction, path)).Count > 0)
        {
            return false;
        }

        await RemoveAsync(transaction, path);
        return true;
    }

    /// <summary>What is left of what people had taken over.</summary>
    internal static Task SaveTakenOverAsync(AuditedTransaction transaction, string path, IReadOnlyList<TakenItem> kept) => transaction.Tx.Connection!.ExecuteAsync(
        "UPDATE service_documents SET taken_over = @kept WHERE tenant = @Tenant AND path = @path", new { transaction.Actor.Tenant, path, kept = StoredJson.Write(kept) }, transaction.Tx);

    internal static async Task<bool> AnyDriftedAsync(AuditedTransaction transaction, string enrollmentId) => await transaction.Tx.Connection!.ExecuteScalarAsync<long>(
        """
        SELECT COUNT(*) FROM service_documents d JOIN document_enrollments e ON e.tenant = d.tenant AND e.path = d.path
        WHERE d.tenant = @Tenant AND e.enrollment_id = @enrollmentId AND d.found_at IS NOT NULL
        """,
        new { transaction.Actor.Tenant, enrollmentId },
        transaction.Tx) > 0;

    internal static async Task RemoveAsync(AuditedTransaction transaction, string path)
    {
        await transaction.Tx.Connection!.ExecuteAsync("DELETE FROM document_enrollments WHERE tenant = @Tenant AND path = @path", new { transaction.Actor.Tenant, path }, transaction.Tx);
        await transaction.Tx.Connection!.ExecuteAsync("DELETE FROM service_documents WHERE tenant = @Tenant AND path = @path", new { transaction.Actor.Tenant, path }, transaction.Tx);
    }

    private Task<IReadOnlyList<ServiceDocumentRow>> ListAsync(string where, object parameters, CancellationToken ct) => store.ReadAsync<IReadOnlyList<ServiceDocumentRow>>(
        async db => [.. await db.QueryAsync<ServiceDocumentRow>($"{Columns} WHERE {where}", parameters)], ct);
}
