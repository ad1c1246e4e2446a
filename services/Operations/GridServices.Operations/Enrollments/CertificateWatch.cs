using NodaTime;

namespace GridServices.Operations.Enrollments;

/// <summary>How long certificates hold, and whom to tell.</summary>
public static class CertificateWatch
{
    /// <summary>Days before the end at which somebody is told, farthest first.</summary>
    public static IReadOnlyList<int> AlarmDays { get; } = [60, 30, 7, 1];

    private const int ExpiringDays = 30;

    /// <summary>The state by the clock; what a person or the utility said (made, sent, revoked) stays.</summary>
    public static CertificateState GetState(Certificate certificate, Instant now)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        if (certificate.State is CertificateState.CsrMade or CertificateState.Sent or CertificateState.Revoked)
        {
            return certificate.State;
        }

        return certificate.NotAfter switch
        {
            { } end when end <= now => CertificateState.Expired,
            { } end when end - now <= Duration.FromDays(ExpiringDays) => CertificateState.Expiring,
            _ => CertificateState.Installed,
        };
    }

    /// <summary>The nearest of <see cref="AlarmDays"/> that is reached, 0 when it is over; null = none yet. One notice per certificate and number.</summary>
    public static int? FindAlarm(Certificate certificate, Instant now)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        if (certificate.State is CertificateState.CsrMade or CertificateState.Sent or CertificateState.Revoked || certificate.NotAfter is not { } end)
        {
            return null;
        }

        return end <= now ? 0 : AlarmDays.Where(days => end - now <= Duration.FromDays(days)).Select(days => (int?)days).Min();
    }

    /// <summary>What changes for the utility when one certificate takes the place of another: a new certificate is a new identity.</summary>
    /// <returns>Sentences for the person who renews; empty = nobody needs to be told.</returns>
    public static IReadOnlyList<RequiredAction> Renewal(Certificate held, Certificate renewed)
    {
        ArgumentNullException.ThrowIfNull(held);
        ArgumentNullException.ThrowIfNull(renewed);
        var changes = new List<RequiredAction>();
        Changed("certificate.lfdiChanges", "LFDI", held.Lfdi, renewed.Lfdi);
        Changed("certificate.fingerprintChanges", "fingerprint", held.Fingerprint10, renewed.Fingerprint10);
        return changes;

        void Changed(string code, string what, string? before, string? after)
        {
            if (before is not null && after is not null && before != after)
            {
                changes.Add(new RequiredAction
                {
                    Code = code,
                    Owner = ActionOwner.Us,
                    Pointer = "/identity/certificateId",
                    Subject = after,
                    Text = $"the {what} changes from {before} to {after}: tell the utility first, or it will not know the site any more",
                });
            }
        }
    }
}
