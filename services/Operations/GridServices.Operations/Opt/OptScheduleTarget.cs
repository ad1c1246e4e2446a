using GridServices.Operations.Enrollments;
using GridServices.Operations.Programs;
using GridServices.Wire;

namespace GridServices.Operations.Opt;

/// <summary>For whom an opt schedule speaks at the OpenAdr service.</summary>
/// <param name="Tenant">Whose.</param>
/// <param name="EnrollmentId">The enrollment whose program wants schedules.</param>
/// <param name="SiteId">Its site.</param>
/// <param name="VenKey">The VEN that tells it.</param>
/// <param name="MarketContext">The program at the utility; null = the VEN's only one.</param>
/// <param name="ResourceIds">Those of the site where the VEN serves others too; empty = the VEN is the site's alone; null = not known, or the VEN has no name for the site.</param>
public sealed record OptScheduleTarget(string Tenant, string EnrollmentId, string SiteId, string VenKey, string? MarketContext, ValueList<string>? ResourceIds = null)
{
    /// <summary>Null: the program hears of opts event by event, or nothing of the enrollment is at the service.</summary>
    public static OptScheduleTarget? For(Enrollment enrollment, ProgramTemplate template)
    {
        ArgumentNullException.ThrowIfNull(enrollment);
        ArgumentNullException.ThrowIfNull(template);
        var isThere = enrollment.State is EnrollmentState.Provisioning or EnrollmentState.Testing or EnrollmentState.Active or EnrollmentState.Suspended;
        // What is not answered is no.
        return isThere && template.OptSchedules is { } terms && (terms.Field is not { } field || enrollment.Answers[field] == "true")
            ? new OptScheduleTarget(enrollment.Tenant, enrollment.Id, enrollment.SiteId, enrollment.Identity.VenKey ?? enrollment.SiteId, enrollment.Identity.MarketContext)
            : null;
    }

    /// <summary>Two of one slot can't stand beside each other: OpenADR 2.0b rule 203, the later replaces the earlier.</summary>
    internal (string VenKey, string? MarketContext) Slot => (VenKey, MarketContext);
}
