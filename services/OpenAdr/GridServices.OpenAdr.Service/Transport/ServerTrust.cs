using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GridServices.Hosting;
using NodaTime;

namespace GridServices.OpenAdr.Service.Transport;

/// <summary>Judges the VTN's certificate in a handshake and remembers the verdict in words.</summary>
public sealed class ServerTrust(string expectedName, X509Certificate2Collection? roots)
{
    /// <summary>Why the last handshake was refused; null when it was not.</summary>
    public string? Refusal { get; private set; }

    /// <summary>The end of validity of the certificate last accepted, or of the first in its chain to expire.</summary>
    public Instant? ExpiresAt { get; private set; }

    /// <summary>Subjects of the chain last seen, leaf first.</summary>
    public IReadOnlyList<CertificateSummary> Chain { get; private set; } = [];

    public X509ChainPolicy ChainPolicy()
    {
        var policy = new X509ChainPolicy
        {
            // The OpenADR PKI publishes no revocation that a gateway could reach; an answer must not hang on it.
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        if (roots is not null)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(roots);
            policy.ExtraStore.AddRange(roots);
        }

        return policy;
    }

    public bool Accept(X509Certificate? presented, X509Chain? chain, SslPolicyErrors errors)
    {
        Refusal = Complaint(presented as X509Certificate2, chain, errors);
        if (chain is not null)
        {
            Chain = [.. chain.ChainElements.Select(e => CertificateSummary.Of(e.Certificate))];
            ExpiresAt = Chain.Count > 0 ? Chain.Min(c => c.NotAfter) : null;
        }

        return Refusal is null;
    }

    private string? Complaint(X509Certificate2? leaf, X509Chain? chain, SslPolicyErrors errors)
    {
        if (leaf is null || chain is null)
        {
            return "the VTN presented no certificate";
        }

        // The name is checked here and not by SslStream, so that an expected name can differ from the URL's host.
        if (!leaf.MatchesHostname(expectedName, allowWildcards: true, allowCommonName: true))
        {
            return $"the VTN's certificate ({OneLine.Of(leaf.Subject)}) is not for the host {expectedName}; "
                + "if that is the right VTN, set profile.expectedHostName to a name in its certificate";
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
        {
            return ChainComplaint(chain);
        }

        return chain.ChainElements.Select(e => KeySize.Complaint(e.Certificate)).FirstOrDefault(c => c is not null) is { } weak
            ? $"the VTN's certificate chain has {weak}"
            : null;
    }

    private static string ChainComplaint(X509Chain chain)
    {
        var status = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, s) => all | s.Status);

        // OpenADR 2.0b rule 516: no application traffic with an expired counterparty.
        if (status.HasFlag(X509ChainStatusFlags.NotTimeValid))
        {
            return "the VTN's certificate, or one above it, has expired or is not valid yet";
        }

        // NotSignatureValid: issued by a namesake of the root that is trusted.
        return status.HasFlag(X509ChainStatusFlags.UntrustedRoot) || status.HasFlag(X509ChainStatusFlags.PartialChain)
            || status.HasFlag(X509ChainStatusFlags.NotSignatureValid)
            ? "the VTN's certificate was not issued by a trusted root; give the VTN's root in profile.trustedRoots"
            : $"the VTN's certificate chain is not valid ({status})";
    }
}

/// <summary>A certificate in a person's words.</summary>
public sealed record CertificateSummary(string Subject, string Issuer, Instant NotBefore, Instant NotAfter, string KeyAlgorithm, int KeyBits, string Fingerprint)
{
    public static CertificateSummary Of(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        using AsymmetricAlgorithm? key = certificate.GetRSAPublicKey() ?? (AsymmetricAlgorithm?)certificate.GetECDsaPublicKey();
        return new CertificateSummary(
            OneLine.Of(certificate.Subject),
            OneLine.Of(certificate.Issuer),
            Instant.FromDateTimeUtc(certificate.NotBefore.ToUniversalTime()),
            Instant.FromDateTimeUtc(certificate.NotAfter.ToUniversalTime()),
            key switch { RSA => "RSA", ECDsa => "EC", _ => "unknown" },
            key?.KeySize ?? 0,
            Transport.Fingerprint.Of(certificate));
    }
}
