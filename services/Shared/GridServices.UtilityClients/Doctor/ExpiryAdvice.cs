using GridServices.UtilityClients.Tls;
using NodaTime;

namespace GridServices.UtilityClients.Doctor;

/// <summary>What a doctor says of certificates that end.</summary>
public static class ExpiryAdvice
{
    private static readonly Duration Ahead = Duration.FromDays(30);

    /// <summary>A line for each that ends within 30 days or has ended; those that can't be read are told of elsewhere.</summary>
    public static IEnumerable<string> Describe(IEnumerable<WatchedCertificate> watched, Instant now)
    {
        ArgumentNullException.ThrowIfNull(watched);
        return watched.Select(w => Describe(w, now)).OfType<string>();
    }

    private static string? Describe(WatchedCertificate certificate, Instant now)
    {
        try
        {
            return certificate.EndAt(now) is var end && end <= now ? $"The {certificate.Use} {certificate.Path} ended at {end}; {certificate.Consequence}."
                : end - now < Ahead ? $"The {certificate.Use} {certificate.Path} ends at {end}, in {(end - now).TotalDays:F0} days; {certificate.Remedy}."
                : null;
        }
        catch (CertificateFileException)
        {
            return null;
        }
    }
}
