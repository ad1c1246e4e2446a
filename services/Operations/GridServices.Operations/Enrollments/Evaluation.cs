using GridServices.Operations.Registry;
using NodaTime;

namespace GridServices.Operations.Enrollments;

/// <summary>What facts and the calendar do to an enrollment without anybody asking.</summary>
internal static class Evaluation
{
    public static Enrollment Evaluate(Enrollment enrollment, EnrollmentFacts facts, Instant now) => enrollment.State switch
    {
        EnrollmentState.Draft or EnrollmentState.Incomplete or EnrollmentState.ReadyToSubmit or EnrollmentState.Ineligible => Application(enrollment, facts, now),
        EnrollmentState.Testing or EnrollmentState.Active or EnrollmentState.Suspended when IsOver(enrollment, facts, now) =>
            To(enrollment with { SuspendedFor = null }, EnrollmentState.Ending, "the period is over", now),
        EnrollmentState.Testing => Test(enrollment, facts, now),
        EnrollmentState.Active => Running(enrollment, facts, now),
        EnrollmentState.Suspended => Waiting(enrollment, facts, now),
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
        return Eligibility.Evaluate(facts.Template, site, meters, [], null, today).Reasons.FirstOrDefault(r => r.ForEver)?.Text;
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

    private static Enrollment Running(Enrollment enrollment, EnrollmentFacts facts, Instant now) => Cause(enrollment, facts, now) switch
    {
        SuspensionCause.Consent => Suspended(enrollment, SuspensionCause.Consent, "the customer has revoked the consent", now),
        SuspensionCause.Certificate => Suspended(enrollment, SuspensionCause.Certificate, "the certificate is over or revoked", now),
        SuspensionCause.Registration => Suspended(enrollment, SuspensionCause.Registration, "the utility cancelled the registration", now),
        _ => enrollment,
    };

    /// <summary>What the facts caused is over once they say so; silence says nothing.</summary>
    private static Enrollment Waiting(Enrollment enrollment, EnrollmentFacts facts, Instant now)
    {
        var isOver = Cause(enrollment, facts, now) is null && enrollment.SuspendedFor switch
        {
            SuspensionCause.Registration => Lamps.Compute(enrollment, facts.Template.Protocol, facts.Services, now).Registered.State == LampState.On,
            SuspensionCause.Certificate => facts.Certificate is not null,
            _ => false,
        };
        return isOver ? To(enrollment with { SuspendedFor = null }, EnrollmentState.Active, null, now) : enrollment;
    }

    private static SuspensionCause? Cause(Enrollment enrollment, EnrollmentFacts facts, Instant now)
    {
        if (enrollment.Consent is { RevokedAt: not null })
        {
            return SuspensionCause.Consent;
        }

        if (facts.Certificate is { } certificate && CertificateWatch.GetState(certificate, now) is CertificateState.Expired or CertificateState.Revoked)
        {
            return SuspensionCause.Certificate;
        }

        // A service that does not answer says nothing about the registration: only what it did say counts.
        return facts.Services.Registration.Value is { State: "paused" } ? SuspensionCause.Registration : null;
    }

    private static Enrollment Suspended(Enrollment enrollment, SuspensionCause cause, string reason, Instant now) =>
        To(enrollment with { SuspendedFor = cause }, EnrollmentState.Suspended, reason, now);

    private static bool IsOver(Enrollment enrollment, EnrollmentFacts facts, Instant now) =>
        enrollment.Period.Until < now.InZone(DateTimeZoneProviders.Tzdb[facts.Template.TimeZone]).Date;

    private static Enrollment To(Enrollment enrollment, EnrollmentState state, string? reason, Instant now) => enrollment.State == state
        ? enrollment with { StateReason = reason ?? enrollment.StateReason }
        : enrollment with { State = state, StateSince = now, StateReason = reason };
}
