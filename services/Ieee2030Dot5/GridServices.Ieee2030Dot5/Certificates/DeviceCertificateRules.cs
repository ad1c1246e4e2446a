using System.Globalization;
using System.Security.Cryptography.X509Certificates;

namespace GridServices.Ieee2030Dot5.Certificates;

/// <summary>
/// The certificate profile of IEEE 2030.5 over a chain of 2 to 4: SERCA → [MCA] → [MICA] → device. It judges form only: that each signature holds
/// and that the root is trusted is for the TLS stack, whose chain check is never off.
/// </summary>
public static class DeviceCertificateRules
{
    /// <summary>Arc of the Smart Energy policies: .1 kinds of device, .2 kinds of use.</summary>
    public const string PolicyArc = "1.3.6.1.4.1.40732.";

    private const int ShortestChain = 2;
    private const int LongestChain = 4;

    /// <summary>All faults of a chain, device first, root last. Empty = by the profile.</summary>
    public static IReadOnlyList<CertificateFault> Check(IReadOnlyList<X509Certificate2> chain, CertificateRole role = CertificateRole.Device)
    {
        ArgumentNullException.ThrowIfNull(chain);
        var links = chain.Select((certificate, depth) => new ChainLink(certificate, depth)).ToList();
        return
        [
            .. Length(links),
            .. links.SelectMany(Form),
            .. links.Take(1).SelectMany(leaf => Leaf(leaf, role)),
            .. links.Skip(1).SelectMany(Authority),
            .. links.Zip(links.Skip(1), Joint).SelectMany(faults => faults),
        ];
    }

    private static IEnumerable<CertificateFault> Length(List<ChainLink> links)
    {
        if (links.Count is < ShortestChain or > LongestChain)
        {
            yield return new(0, "chain-depth", string.Create(CultureInfo.InvariantCulture,
                $"the chain has {links.Count} {(links.Count == 1 ? "certificate" : "certificates")}; {ShortestChain} to {LongestChain} are allowed, root included"), Refused: true);
        }
    }

    /// <summary>What holds at every depth.</summary>
    private static IEnumerable<CertificateFault> Form(ChainLink c)
    {
        if (c.Certificate.Version != 3)
        {
            yield return Refuse(c, "version", "the certificate is not X.509 version 3");
        }

        if (c.IsMalformed)
        {
            yield return Refuse(c, "malformed", "basicConstraints or keyUsage can't be read");
        }

        if (!c.HasKeyOnP256)
        {
            yield return Refuse(c, "key", "the key is not on the curve P-256, which the cipher suite asks for");
        }

        if (!c.SignsByEcdsaSha256)
        {
            yield return Refuse(c, "signature", "the certificate is not signed by ECDSA with SHA-256");
        }

        foreach (var oid in new[] { ChainLink.NameConstraints, ChainLink.PolicyMappings }.Where(oid => c.Extension(oid) is not null))
        {
            yield return Refuse(c, oid == ChainLink.NameConstraints ? "name-constraints" : "policy-mappings", "the extension has no place in this profile; have the certificate reissued without");
        }

        foreach (var oid in c.UnknownCritical)
        {
            yield return Refuse(c, "unknown-critical", $"the critical extension {oid} is unknown");
        }

        if (c.Extension(ChainLink.KeyUsage) is not { Critical: true })
        {
            yield return Refuse(c, "key-usage", "keyUsage is missing or not critical");
        }

        foreach (var fault in Policies(c))
        {
            yield return fault;
        }

        foreach (var oid in new[] { ChainLink.AuthorityKey, ChainLink.SubjectKey }.Where(oid => c.Extension(oid) is { Critical: true }))
        {
            yield return Refuse(c, "key-identifier", oid == ChainLink.AuthorityKey ? "authorityKeyIdentifier must not be critical" : "subjectKeyIdentifier must not be critical");
        }
    }

    private static IEnumerable<CertificateFault> Policies(ChainLink c)
    {
        if (c.PolicyOids is null)
        {
            yield return Refuse(c, "policies", "certificatePolicies is malformed");
        }
        else if (c.Extension(ChainLink.Policies) is not { Critical: true })
        {
            // A self-issued root is trusted by configuration, not by its policies.
            yield return new(c.Depth, "policies", "certificatePolicies is missing or not critical", Refused: !c.IsSelfIssued);
        }
    }

    private static IEnumerable<CertificateFault> Leaf(ChainLink c, CertificateRole role)
    {
        if (c.Basic is { CertificateAuthority: true })
        {
            yield return Refuse(c, "basic-constraints", "an authority's certificate can't stand for a device");
        }
        else if (c.Basic is { Critical: false })
        {
            yield return Refuse(c, "basic-constraints", "basicConstraints is not critical");
        }

        if (c.Usage is { } usage && (!usage.KeyUsages.HasFlag(X509KeyUsageFlags.DigitalSignature) || usage.KeyUsages.HasFlag(X509KeyUsageFlags.KeyCertSign)))
        {
            yield return Refuse(c, "key-usage", "keyUsage must allow digitalSignature and must not allow keyCertSign");
        }

        if (c.PolicyOids is { Count: > 0 } oids && !oids.Any(o => o.StartsWith(PolicyArc, StringComparison.Ordinal)))
        {
            yield return Refuse(c, "policies", $"none of the policies is one of Smart Energy ({PolicyArc}…)");
        }

        foreach (var fault in role is CertificateRole.Device ? DeviceName(c) : ServerName(c))
        {
            yield return fault;
        }
    }

    private static IEnumerable<CertificateFault> DeviceName(ChainLink c)
    {
        if (c.Extension(ChainLink.SubjectAltName) is not { Critical: true })
        {
            yield return Refuse(c, "subject-alt-name", "subjectAltName is missing or not critical");
        }
        else if (!HardwareModuleName.TryRead(c.Certificate, out _))
        {
            yield return Refuse(c, "hardware-module-name", "subjectAltName has no legible hardwareModuleName (1.3.6.1.5.5.7.8.4)");
        }

        if (!c.HasEmptySubject)
        {
            yield return CreateRemark(c, "subject", "a device's subject should be empty; its name is the hardware module name");
        }

        if (c.Certificate.NotAfter.Year < 9999)
        {
            yield return CreateRemark(c, "not-after", "a device's certificate should have no end (9999-12-31); this one will have to be replaced, and the LFDI with it");
        }
    }

    private static IEnumerable<CertificateFault> ServerName(ChainLink c)
    {
        if (c.HasEmptySubject && c.Extension(ChainLink.SubjectAltName) is not { Critical: true })
        {
            yield return Refuse(c, "subject-alt-name", "with an empty subject, subjectAltName must be there and critical");
        }
        else if (c.Extension(ChainLink.SubjectAltName) is not { Critical: true })
        {
            yield return CreateRemark(c, "subject-alt-name", "subjectAltName is missing or not critical; EPRI's client refuses such a server");
        }
    }

    private static IEnumerable<CertificateFault> Authority(ChainLink c)
    {
        if (c.Basic is not { CertificateAuthority: true, Critical: true })
        {
            yield return Refuse(c, "basic-constraints", "basicConstraints is missing, not critical, or does not say that this is an authority");
        }
        else if (c.Basic is { HasPathLengthConstraint: true } basic && basic.PathLengthConstraint < c.Depth - 1)
        {
            yield return Refuse(c, "path-length", $"at most {basic.PathLengthConstraint} authorities may stand below, {c.Depth - 1} do");
        }

        if (c.Usage is { } usage && !usage.KeyUsages.HasFlag(X509KeyUsageFlags.KeyCertSign))
        {
            yield return Refuse(c, "key-usage", "keyUsage does not allow keyCertSign");
        }

        if (c.HasEmptySubject)
        {
            yield return Refuse(c, "subject", "an authority needs a subject");
        }

        if (c.Extension(ChainLink.SubjectKey) is null)
        {
            yield return CreateRemark(c, "key-identifier", "subjectKeyIdentifier is missing");
        }
    }

    /// <summary>Whether a certificate fits under the next one.</summary>
    private static IEnumerable<CertificateFault> Joint(ChainLink c, ChainLink issuer)
    {
        if (!c.Certificate.IssuerName.RawData.AsSpan().SequenceEqual(issuer.Certificate.SubjectName.RawData))
        {
            yield return Refuse(c, "issuer", "the next certificate of the chain is not the one that issued this");
        }

        if (issuer.PolicyOids is { Count: > 0 } allowed && !allowed.Contains(ChainLink.AnyPolicy, StringComparer.Ordinal)
            && c.PolicyOids is { Count: > 0 } own && !own.Any(o => allowed.Contains(o, StringComparer.Ordinal)))
        {
            yield return Refuse(c, "policies", "the issuer has no authority for any of the policies");
        }

        if (c.Extension(ChainLink.AuthorityKey) is null)
        {
            yield return CreateRemark(c, "key-identifier", "authorityKeyIdentifier is missing");
        }
    }

    private static CertificateFault Refuse(ChainLink c, string rule, string detail) => new(c.Depth, rule, detail, Refused: true);

    private static CertificateFault CreateRemark(ChainLink c, string rule, string detail) => new(c.Depth, rule, detail, Refused: false);
}
