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
    public SignerRefusal? Judge(X509Certificate2 leaf, X509Certificate2Collection others, Instant now)
    {
        ArgumentNullException.ThrowIfNull(leaf);
        if (_last is { } last && now > last.From && now < last.Until && leaf.RawDataMemory.Span.SequenceEqual(last.Certificate))
        {
            return null;
        }

        // OpenADR 2.0b rules 516 and 68.
        var at = now.ToDateTimeUtc();
        if (at < leaf.NotBefore.ToUniversalTime() || at > leaf.NotAfter.ToUniversalTime())
        {
            return new SignerRefusal(ErrorClass.AuthnExpired, $"{who}'s certificate is valid from {leaf.NotBefore.ToUniversalTime():u} to {leaf.NotAfter.ToUniversalTime():u} only");
        }

        if (weakness(leaf) is { } weak)
        {
            return new SignerRefusal(ErrorClass.AuthnWeakKey, $"{who}'s certificate has {weak}");
        }

        return pinned.Count > 0 ? JudgePinned(leaf) : JudgeChain(leaf, others, now);
    }

    private SignerRefusal? JudgePinned(X509Certificate2 leaf)
    {
        if (pinned.Any(p => p.RawDataMemory.Span.SequenceEqual(leaf.RawDataMemory.Span)))
        {
            Keep(leaf, [leaf]);
            return null;
        }

        var error = pinned.Any(p => p.SubjectName.RawData.AsSpan().SequenceEqual(leaf.SubjectName.RawData)) ? ErrorClass.AuthnUntrusted : ErrorClass.AuthnSubject;
        return new SignerRefusal(error, $"{who}'s certificate ({SafeText.Line(leaf.Subject)}) is not the one in profile.vtnCertificate");
    }

    private SignerRefusal? JudgeChain(X509Certificate2 leaf, X509Certificate2Collection others, Instant now)
    {
        using var chain = new X509Chain { ChainPolicy = Policy(others, now) };
        if (!chain.Build(leaf))
        {
            return new SignerRefusal(
                ErrorClass.AuthnUntrusted, $"{who}'s certificate ({SafeText.Line(leaf.Subject)}) was not issued by a trusted root; give the VTN's root in profile.trustedRoots");
        }

        if (!leaf.MatchesHostname(name, allowWildcards: true, allowCommonName: true))
        {
            return new SignerRefusal(
                ErrorClass.AuthnSubject,
                $"{who}'s certificate ({SafeText.Line(leaf.Subject)}) is not for {name}; if it is the VTN's, set profile.expectedHostName to a name in it, or give it in profile.vtnCertificate");
        }

        Keep(leaf, chain.ChainElements.Select(e => e.Certificate));
        return null;
    }

    private X509ChainPolicy Policy(X509Certificate2Collection others, Instant now)
    {
        var policy = new X509ChainPolicy
        {
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            VerificationTime = now.ToDateTimeUtc(),
            VerificationTimeIgnored = false,
        };
        policy.ExtraStore.AddRange(others);
        if (roots is not null)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            foreach (var certificate in roots)
            {
                var isRoot = certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);
                (isRoot ? policy.CustomTrustStore : policy.ExtraStore).Add(certificate);
            }
        }

        return policy;
    }

    private void Keep(X509Certificate2 leaf, IEnumerable<X509Certificate2> chain)
    {
        var all = chain.ToList();
        _last = new Accepted(
            leaf.RawData,
            Instant.FromDateTimeUtc(all.Max(c => c.NotBefore.ToUniversalTime())),
            Instant.FromDateTimeUtc(all.Min(c => c.NotAfter.ToUniversalTime())));
    }

    private sealed record Accepted(byte[] Certificate, Instant From, Instant Until);
}
