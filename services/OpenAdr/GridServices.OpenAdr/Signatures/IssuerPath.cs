using System.Security.Cryptography.X509Certificates;

namespace GridServices.OpenAdr.Signatures;

/// <summary>The way from a certificate to a trusted one by names alone: it proves nothing, and where there is none, no chain can be built.</summary>
public static class IssuerPath
{
    private const int Longest = 10;

    /// <summary>The issuer at which the way ends before a trusted certificate; null: it leads to one.</summary>
    /// <param name="leaf">Where it begins.</param>
    /// <param name="others">Sent along.</param>
    /// <param name="trusted">Roots and intermediates.</param>
    public static string? Missing(X509Certificate2 leaf, X509Certificate2Collection others, X509Certificate2Collection trusted)
    {
        ArgumentNullException.ThrowIfNull(leaf);
        ArgumentNullException.ThrowIfNull(trusted);
        var at = leaf;
        for (var steps = 0; steps < Longest; steps++)
        {
            if (trusted.Any(c => IsIssuedBy(at, c)))
            {
                return null;
            }

            if (IsRoot(at) || others.FirstOrDefault(c => IsIssuedBy(at, c)) is not { } above)
            {
                break;
            }

            at = above;
        }

        return at.Issuer;
    }

    /// <summary>True where subject and issuer are the same.</summary>
    public static bool IsRoot(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return IsIssuedBy(certificate, certificate);
    }

    private static bool IsIssuedBy(X509Certificate2 certificate, X509Certificate2 issuer) =>
        certificate.IssuerName.RawData.AsSpan().SequenceEqual(issuer.SubjectName.RawData);
}
