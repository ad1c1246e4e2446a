using System.Security.Cryptography.X509Certificates;
using GridServices.Contracts;
using NodaTime;

namespace GridServices.OpenAdr.Signatures;

/// <summary>
/// Whose signature a VEN takes: the pinned certificates if there are any; otherwise a certificate under the trusted roots that is for the VTN's name,
/// for the root has issued those of other participants too.
/// </summary>
/// <param name="pinned">The VTN's own certificates; empty: by chain and name.</param>
/// <param name="roots">Roots and intermediates; null: the system's.</param>
/// <param name="name">The VTN's name: its host, or profile.expectedHostName.</param>
/// <param name="weakness">What is wrong with a certificate's key; null: nothing.</param>
/// <param name="who">Whose certificate it is, in words.</param>
public sealed class SignerTrust(X509Certificate2Collection pinned, X509Certificate2Collection? roots, string name, Func<X509Certificate2, string?> weakness, string who = "the signer")
{
    // Building a chain costs more than all the rest: what was found good is good again until a certificate in it ends.
    private Accepted? _last;

    /// <summary>Null: it is accepted.</summary>
    public SignerRefusal? Validate(X509Certificate2 leaf, X509Certificate2Collection others, Instant now)
    {
        ArgumentNullException.ThrowIfNull(leaf);
        if (_last is { } last && now > last.From && now < last.Until && leaf.RawDataMemory.Span.SequenceEqual(last.Certificate))
        {
            return null;
        }

        // OpenADR 2.0b rules 516 and 68.
        if (!IsValid(leaf, now))
        {
            return new SignerRefusal(ErrorClass.AuthnExpired, $"{who}'s certificate {Validity(leaf)}");
        }

        if (weakness(leaf) is { } weak)
        {
            return new SignerRefusal(ErrorClass.AuthnWeakKey, $"{who}'s certificate has {weak}");
        }

        return pinned.Count > 0 ? ValidatePinned(leaf) : ValidateChain(leaf, others, now);
    }

    private SignerRefusal? ValidatePinned(X509Certificate2 leaf)
    {
        if (pinned.Any(p => p.RawDataMemory.Span.SequenceEqual(leaf.RawDataMemory.Span)))
        {
            CacheAccepted(leaf, [leaf]);
            return null;
        }

        var error = pinned.Any(p => p.SubjectName.RawData.AsSpan().SequenceEqual(leaf.SubjectName.RawData)) ? ErrorClass.AuthnUntrusted : ErrorClass.AuthnSubject;
        return new SignerRefusal(error, $"{who}'s certificate ({SafeText.Line(leaf.Subject)}) is not the one in profile.vtnCertificate");
    }

    private SignerRefusal? ValidateChain(X509Certificate2 leaf, X509Certificate2Collection others, Instant now)
    {
        // Nothing is built for strangers: not even the names lead to a root.
        if (roots is not null && IssuerPath.Missing(leaf, others, roots) is { } missing)
        {
            return Unknown(leaf, missing);
        }

        using var chain = new X509Chain { ChainPolicy = Policy(others, now) };
        if (!chain.Build(leaf))
        {
            return Refusal(leaf, chain, now);
        }

        if (Above(chain).Select(weakness).FirstOrDefault(w => w is not null) is { } weak)
        {
            return new SignerRefusal(ErrorClass.AuthnWeakKey, $"a certificate above {who}'s has {weak}");
        }

        if (!leaf.MatchesHostname(name, allowWildcards: true, allowCommonName: true))
        {
            return new SignerRefusal(
                ErrorClass.AuthnSubject,
                $"{who}'s certificate ({SafeText.Line(leaf.Subject)}) is not for {name}; if it is the VTN's, set profile.expectedHostName to a name in it, or give it in profile.vtnCertificate");
        }

        CacheAccepted(leaf, chain.ChainElements.Select(e => e.Certificate));
        return null;
    }

    /// <summary>Why no chain was found, and what a person has to put right.</summary>
    private SignerRefusal Refusal(X509Certificate2 leaf, X509Chain chain, Instant now)
    {
        var status = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, s) => all | s.Status);
        if (status.HasFlag(X509ChainStatusFlags.NotTimeValid) && Above(chain).FirstOrDefault(c => !IsValid(c, now)) is { } ended)
        {
            return new SignerRefusal(ErrorClass.AuthnExpired, $"the certificate above {who}'s ({SafeText.Line(ended.Subject)}) {Validity(ended)}");
        }

        // Under roots of its own the names lead to one: then a namesake of it was the issuer.
        return roots is null && status.HasFlag(X509ChainStatusFlags.PartialChain)
            ? Unknown(leaf, chain.ChainElements[^1].Certificate.Issuer)
            : new SignerRefusal(ErrorClass.AuthnUntrusted, $"{who}'s certificate ({SafeText.Line(leaf.Subject)}) was not issued by a trusted root; give the VTN's root in profile.trustedRoots");
    }

    private SignerRefusal Unknown(X509Certificate2 leaf, string issuer) => new(
        ErrorClass.AuthnUntrusted,
        $"{who}'s certificate ({SafeText.Line(leaf.Subject)}) was not issued by a trusted root, or an intermediate is missing: {SafeText.Line(issuer)} is neither in profile.trustedRoots nor was it sent along; give it there, with the VTN's root");

    private X509ChainPolicy Policy(X509Certificate2Collection others, Instant now)
    {
        var policy = new X509ChainPolicy
        {
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            VerificationTime = now.ToDateTimeUtc(),
            VerificationTimeIgnored = false,
        };
        policy.ExtraStore.AddRange(roots is null ? others : IssuerPath.Useful(others, roots));
        if (roots is not null)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            foreach (var certificate in roots)
            {
                (IssuerPath.IsRoot(certificate) ? policy.CustomTrustStore : policy.ExtraStore).Add(certificate);
            }
        }

        return policy;
    }

    private void CacheAccepted(X509Certificate2 leaf, IEnumerable<X509Certificate2> chain)
    {
        var all = chain.ToList();
        _last = new Accepted(
            leaf.RawData,
            Instant.FromDateTimeUtc(all.Max(c => c.NotBefore.ToUniversalTime())),
            Instant.FromDateTimeUtc(all.Min(c => c.NotAfter.ToUniversalTime())));
    }

    private static IEnumerable<X509Certificate2> Above(X509Chain chain) => chain.ChainElements.Skip(1).Select(e => e.Certificate);

    private static bool IsValid(X509Certificate2 certificate, Instant now) =>
        now.ToDateTimeUtc() is var at && at >= certificate.NotBefore.ToUniversalTime() && at <= certificate.NotAfter.ToUniversalTime();

    private static string Validity(X509Certificate2 certificate) => $"is valid from {certificate.NotBefore.ToUniversalTime():u} to {certificate.NotAfter.ToUniversalTime():u} only";

    private sealed record Accepted(byte[] Certificate, Instant From, Instant Until);
}
