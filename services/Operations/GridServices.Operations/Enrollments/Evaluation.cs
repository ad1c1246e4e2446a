using NodaTime;

namespace GridServices.Operations;

/// <summary>What facts and the calendar do to an enrollment without anybody asking.</summary>
internal static class Evaluation
{
    public static Enrollment Of(Enrollment enrollment, EnrollmentFacts facts, Instant now) => enrollment.State switch
    {
        EnrollmentState.Draft or EnrollmentState.Incomplete or EnrollmentState.ReadyToSubmit or EnrollmentState.Ineligible => Application(enrollment, facts, now),
        EnrollmentState.Testing => Test(enrollment, facts, now),
        EnrollmentState.Active => Running(enrollment, facts, now),
        _ => enrollment,
    };

    private static Enrollment Application(Enrollment enrollment, EnrollmentFacts facts, Instant now)
    {
        if (facts.Site is { } site && ForEver(enrollment, facts, site, now) is { } never)
        {
            return To(enrollment, EnrollmentState.Ineligible, never, now);
        }

        return enrollment.RequiredActions.FirstOrDefault(a => a.Blocks) is { } first
            ? To(enrollment, EnrollmentState.Incomplete, first.Text, now)
            : To(enrollment, EnrollmentState.ReadyToSubmit, null, now);
    }

    private static string? ForEver(Enrollment enrollment, EnrollmentFacts facts, Site site, Instant now)
    {
        var meters = facts.MeterPoints.Where(m => enrollment.MeterPointIds.Contains(m.Id)).ToList();
        var today = now.InZone(DateTimeZoneProviders.Tzdb[facts.Template.TimeZone]).Date;
        return Eligibility.Of(facts.Template, site, meters, [], null, today).Reasons.FirstOrDefault(r => r.ForEver)?.Text;
    }

    /// <summary>Registered, heard, followed and tested, each since it was set up; then it waits for the first day of the period.</summary>
    private static Enrollment Test(Enrollment enrollment, EnrollmentFacts facts, Instant now)
    {
        if (enrollment.TestedAt is null && Readiness.Missing(enrollment, facts, now).Count > 0)
        {
            return enrollment;
        }

        var tested = enrollment with { TestedAt = enrollment.TestedAt ?? now };
        var today = now.InZone(DateTimeZoneProviders.Tzdb[facts.Template.TimeZone]).Date;
        return enrollment.Period.From <= today ? To(tested, EnrollmentState.Active, null, now) : tested;
    }

    private static Enrollment Running(Enrollment enrollment, EnrollmentFacts facts, Instant now)
    {
        var today = now.InZone(DateTimeZoneProviders.Tzdb[facts.Template.TimeZone]).Date;
        if (enrollment.Period.Until < today)
        {
            return To(enrollment, EnrollmentState.Ending, "the period is over", now);
        }

        if (enrollment.Consent is { RevokedAt: not null })
        {
            return To(enrollment, EnrollmentState.Suspended, "the customer has revoked the consent", now);
        }

        if (facts.Certificate is { } certificate && CertificateWatch.StateOf(certificate, now) is CertificateState.Expired or CertificateState.Revoked)
        {
            return To(enrollment, EnrollmentState.Suspended, "the certificate is over or revoked", now);
        }

        // A service that does not answer says nothing about the registration: only what it did say counts.
        return facts.Services.Registration.Value is { State: "paused" }
            ? To(enrollment, EnrollmentState.Suspended, "the utility cancelled the registration", now)
            : enrollment;
    }

    private static Enrollment To(Enrollment enrollment, EnrollmentState state, string? reason, Instant now) => enrollment.State == state
        ? enrollment with { StateReason = reason ?? enrollment.StateReason }
        : enrollment with { State = state, StateSince = now, StateReason = reason };
}
