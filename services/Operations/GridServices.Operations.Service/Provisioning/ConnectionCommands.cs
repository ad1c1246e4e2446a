using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Provisioning;

/// <summary>A person's word that the limit of a connection is right as it stands here.</summary>
internal sealed class ConnectionCommands(SiteStore sites, EnrollmentStore enrollments, EnrollmentWork work, ConnectionLimits limits, ConnectionLimitReader reader)
{
    /// <summary>The hub's revision that a confirmed limit has to be above; 0 where the hub holds none or does not answer.</summary>
    internal async Task<long> HeldAtHubAsync(Site site, CancellationToken ct) => (await reader.ReadAsync(site, ct)).AtHub?.Revision ?? 0;

    /// <summary>Gives up what was held of earlier statements, and says the limit again above what the hub holds.</summary>
    /// <exception cref="ProblemException">409: the connection lacks what it is blocked by.</exception>
    internal async Task<Site> ConfirmAsync(AuditedTransaction transaction, Site held, long above)
    {
        if (!ConnectionLimit.MayConfirm(held))
        {
            var lacking = string.Join("; ", ConnectionLimit.Compute(held.Connection).Actions.Where(a => a.Blocks).Select(a => $"{a.Pointer}: {a.Text}"));
            throw new ProblemException(ErrorClass.Conflict, $"The connection as it is stated gives no whole limit to confirm. {lacking}.");
        }

        var confirmed = await transaction.UpdateAsync(sites, held, held with { HeldConnection = null }, "limitConfirmed");
        if (confirmed.Version == held.Version)
        {
            await transaction.AuditAsync(sites.Kind, held.Id, "limitConfirmed", null, null, siteId: held.SiteId);
        }

        if (confirmed.HeldConnection != held.HeldConnection)
        {
            // Documents are made of the limit too.
            await work.FollowContentAsync(transaction, await enrollments.ListBySiteAsync(transaction.Tx, held.Tenant, held.SiteId));
        }

        await limits.RepublishAsync(transaction, confirmed, above);
        return confirmed;
    }
}
