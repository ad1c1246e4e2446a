using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Provisioning;

/// <summary>Which enrollments may share a document: those of one VEN or client, else of one site.</summary>
internal sealed class EnrollmentGroups(EnrollmentStore enrollments)
{
    internal async Task<IReadOnlyList<(string Key, WorkRow Row)>> GroupAsync(IReadOnlyList<WorkRow> rows, CancellationToken ct)
    {
        var keyed = new List<(string Key, WorkRow Row)>();
        foreach (var row in rows)
        {
            var enrollment = await enrollments.FindAsync(row.Tenant, row.EnrollmentId, ct);
            keyed.Add(($"{row.Tenant}|{enrollment?.Identity.VenKey ?? enrollment?.Identity.ClientKey ?? enrollment?.SiteId ?? row.EnrollmentId}", row));
        }

        return keyed;
    }
}
