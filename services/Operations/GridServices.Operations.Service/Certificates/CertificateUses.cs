using System.Data.Common;
using Dapper;
using GridServices.Contracts;
using GridServices.Hosting.Storage;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Certificates;

/// <summary>Who identifies itself by a certificate: enrollments that are not over, and what stands at the services for them.</summary>
internal sealed class CertificateUses(Store store)
{
    private const int Most = 100;
    private const int MostNamed = 3;

    // An enrollment that is over names its certificate as a record only.
    private static readonly string Over = string.Join(
        ", ", new[] { EnrollmentState.Ended, EnrollmentState.Withdrawn, EnrollmentState.Rejected }.Select(state => $"'{EnumNames<EnrollmentState>.GetName(state)}'"));

    /// <summary>The certificates with what uses them, in their order; one statement however many they are.</summary>
    internal async Task<IReadOnlyList<Certificate>> WithUsesAsync(string tenant, IReadOnlyList<Certificate> certificates, CancellationToken ct = default)
    {
        var uses = (await store.ReadAsync(db => ListAsync(db, null, tenant, [.. certificates.Select(c => c.Id)], Most), ct)).ToLookup(u => u.CertificateId, StringComparer.Ordinal);
        return [.. certificates.Select(c => WithUses(c, [.. uses[c.Id]]))];
    }

    internal static async Task<Certificate> WithUsesAsync(DbTransaction tx, Certificate certificate) =>
        WithUses(certificate, [.. await ListAsync(tx.Connection!, tx, certificate.Tenant, [certificate.Id], Most)]);

    /// <summary>Why it must not be removed, with the names of what would fail; null: nothing uses it.</summary>
    internal static async Task<string?> FindObstacleAsync(DbTransaction tx, Certificate certificate)
    {
        var uses = (await ListAsync(tx.Connection!, tx, certificate.Tenant, [certificate.Id], MostNamed)).ToList();
        if (uses.Count > 0)
        {
            var names = string.Join(", ", uses.Select(u => $"{u.Id} ({u.Program} of site {u.SiteId})")) + (uses[0].Total > uses.Count ? $" and {uses[0].Total - uses.Count} more" : string.Empty);
            return $"It is used by enrollment {names}. Choose another certificate there (PATCH /v1/enrollments/{{id}}, identity.certificateId), or end the enrollment, then remove it.";
        }

        var paths = (await tx.Connection!.QueryAsync<string>(
            "SELECT path FROM service_documents WHERE tenant = @Tenant AND (wanted LIKE @pattern OR seen LIKE @pattern OR sent LIKE @pattern) ORDER BY path LIMIT @most",
            new { certificate.Tenant, pattern = $"%{certificate.Id}%", most = (long)MostNamed },
            tx)).ToList();
        return paths.Count == 0 ? null : $"Its file is still named at the services, in {string.Join(", ", paths)}. That changes once what was decided is applied there; then remove it.";
    }

    private static Certificate WithUses(Certificate certificate, IReadOnlyList<CertificateUse> uses) => certificate with
    {
        UsedBy = [.. uses.Select(u => u.Id)],
        UseCount = uses.Count == 0 ? 0 : (int)uses[0].Total,
        VenKeys = [.. uses.Select(u => u.VenKey).OfType<string>().Distinct(StringComparer.Ordinal)],
        ClientKeys = [.. uses.Select(u => u.ClientKey).OfType<string>().Distinct(StringComparer.Ordinal)],
    };

    private static async Task<IEnumerable<CertificateUse>> ListAsync(DbConnection db, DbTransaction? tx, string tenant, IReadOnlyList<string> ids, int most)
    {
        if (ids.Count == 0)
        {
            return [];
        }

        var parameters = new DynamicParameters(new { tenant, most = (long)most });
        return await db.QueryAsync<CertificateUse>(
            $"""
            SELECT * FROM (
              SELECT certificate_id AS CertificateId, id AS Id, site_id AS SiteId, program AS Program, ven_key AS VenKey, client_key AS ClientKey,
                     ROW_NUMBER() OVER (PARTITION BY certificate_id ORDER BY id) AS Number, COUNT(*) OVER (PARTITION BY certificate_id) AS Total
              FROM enrollments WHERE tenant = @tenant AND certificate_id IN ({SqlNames.Add(parameters, "c", ids)}) AND state NOT IN ({Over})
            ) AS uses WHERE Number <= @most ORDER BY CertificateId, Id
            """,
            parameters,
            tx);
    }

    private sealed class CertificateUse
    {
        public string CertificateId { get; set; } = string.Empty;
        public string Id { get; set; } = string.Empty;
        public string SiteId { get; set; } = string.Empty;
        public string Program { get; set; } = string.Empty;
        public string? VenKey { get; set; }
        public string? ClientKey { get; set; }
        public long Number { get; set; }
        public long Total { get; set; }
    }
}
