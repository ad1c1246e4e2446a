using System.Data.Common;
using Dapper;
using GridServices.Hosting.Storage;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Readiness;

/// <summary>Test events and capability tests of enrollments.</summary>
internal sealed class TestStore(Store store)
{
    /// <summary>The latest one; null: none was run.</summary>
    internal Task<ReadinessTest?> LatestAsync(string tenant, string enrollmentId, CancellationToken ct = default) => store.ReadAsync(db => LatestAsync(db, null, tenant, enrollmentId), ct);

    /// <summary>The latest one of each enrollment that has one, by the enrollments' ids.</summary>
    internal async Task<IReadOnlyDictionary<string, ReadinessTest>> LatestAsync(string tenant, IEnumerable<string> enrollmentIds, CancellationToken ct = default)
    {
        var found = new Dictionary<string, ReadinessTest>(StringComparer.Ordinal);
        foreach (var some in enrollmentIds.Distinct(StringComparer.Ordinal).Chunk(SqlNames.AtOnce))
        {
            var parameters = new DynamicParameters(new { tenant });
            var sql = $"SELECT enrollment_id, body FROM readiness_tests WHERE tenant = @tenant AND enrollment_id IN ({SqlNames.Add(parameters, "e", some)}) ORDER BY at";
            foreach (var (id, body) in await store.ReadAsync(db => db.QueryAsync<(string, string)>(sql, parameters), ct))
            {
                found[id] = StoredJson.Read<ReadinessTest>(body);
            }
        }

        return found;
    }

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
