using System.Data.Common;
using Dapper;
using GridServices.Hosting;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Readiness;

/// <summary>Test events and capability tests of enrollments.</summary>
internal sealed class TestStore(Store store)
{
    /// <summary>The latest one; null: none was run.</summary>
    internal Task<ReadinessTest?> LatestAsync(string tenant, string enrollmentId, CancellationToken ct = default) => store.ReadAsync(db => LatestAsync(db, null, tenant, enrollmentId), ct);

    /// <summary>Within a transaction that is open already: who holds one reader must not wait for another.</summary>
    internal static async Task<ReadinessTest?> LatestAsync(DbConnection db, DbTransaction? tx, string tenant, string enrollmentId) =>
        await db.QueryFirstOrDefaultAsync<string>(
            "SELECT body FROM readiness_tests WHERE tenant = @tenant AND enrollment_id = @enrollmentId ORDER BY at DESC LIMIT 1", new { tenant, enrollmentId }, tx) is { } body ? StoredJson.Read<ReadinessTest>(body) : null;

    internal static async Task AddAsync(AuditedTransaction transaction, Enrollment enrollment, ReadinessTest test)
    {
        var body = StoredJson.Write(test);
        await transaction.Tx.Connection!.ExecuteAsync(
            "INSERT INTO readiness_tests (tenant, enrollment_id, at, body) VALUES (@Tenant, @Id, @At, @body) ON CONFLICT (tenant, enrollment_id, at) DO NOTHING",
            new { enrollment.Tenant, enrollment.Id, test.At, body },
            transaction.Tx);
        await transaction.AuditAsync("enrollment", enrollment.Id, "tested", null, body, siteId: enrollment.SiteId);
    }
}
