using System.Data.Common;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Programs;
using GridServices.Operations.Service.Programs;
using GridServices.Operations.Service.Reconcile;
using GridServices.Operations.Service.Storage;
using GridServices.Wire;

namespace GridServices.Operations.Service.Enrollments;

/// <summary>Gathers what judging an enrollment needs: the registry as it is in the transaction, and what the services said last.</summary>
internal sealed class EnrollmentFactsReader(
    SiteStore sites, MeterPointStore meters, AssetStore assets, ContactStore contacts, NominationStore nominations, CertificateStore certificates, EnrollmentStore enrollments, ServiceFactsReader services)
{
    internal async Task<EnrollmentFacts> ReadAsync(DbTransaction tx, Enrollment enrollment, ProgramTemplate? template = null)
    {
        var tenant = enrollment.Tenant;
        var site = await sites.FindBySiteIdAsync(tx, tenant, enrollment.SiteId);
        // A consent that stands without an end needs no look at what was asked for.
        var isSigned = enrollment.Consent is { RevokedAt: null, Until: null };
        return new EnrollmentFacts
        {
            Template = template ?? await ProgramStore.FindAsync(tx, tenant, enrollment.Template.Code, enrollment.Template.Version)
                ?? throw new InvalidDataException($"The program template {enrollment.Template} of enrollment {enrollment.Id} is gone."),
            Site = site,
            MeterPoints = (await meters.ListBySiteAsync(tx, tenant, enrollment.SiteId)).ToValueList(),
            Assets = (await assets.ListBySiteAsync(tx, tenant, enrollment.SiteId)).ToValueList(),
            Contacts = site is null ? [] : (await contacts.ListByCustomerAsync(tx, tenant, site.CustomerId)).ToValueList(),
            Nominations = (await nominations.ListByEnrollmentAsync(tx, tenant, enrollment.Id)).ToValueList(),
            Certificate = enrollment.Identity.CertificateId is { } certificate ? await certificates.FindAsync(tx, tenant, certificate) : null,
            Signature = isSigned ? null : await SignatureStore.FindLastAsync(tx, tenant, enrollment.Id),
            Others = await OthersAsync(tx, enrollment),
            Services = await services.ReadAsync(tx, enrollment),
        };
    }

    /// <summary>A meter point belongs to one site, so enrollments that share one are of the same site.</summary>
    private async Task<ValueList<OtherEnrollment>> OthersAsync(DbTransaction tx, Enrollment enrollment)
    {
        var others = new List<OtherEnrollment>();
        foreach (var other in (await enrollments.ListBySiteAsync(tx, enrollment.Tenant, enrollment.SiteId)).Where(o => o.Id != enrollment.Id && o.MeterPointIds.Any(enrollment.MeterPointIds.Contains)))
        {
            if (await ProgramStore.FindAsync(tx, enrollment.Tenant, other.Template.Code, other.Template.Version) is { } template)
            {
                others.Add(new OtherEnrollment(other, template));
            }
        }

        return others.ToValueList();
    }
}
