using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GridServices.Contracts;
using GridServices.Wire;
using NodaTime;
using static GridServices.OpenAdr.Signatures.Dsig;
using static GridServices.OpenAdr.Signatures.SignedPayload;

namespace GridServices.OpenAdr.Signatures;

/// <summary>
/// Verifies signed payloads: structure, algorithms, replay protection, signer, digests, signature, in this order; a payload that fails any of them is refused.
/// </summary>
/// <param name="window">How far the time of sending may be from ours, either way.</param>
/// <param name="allowsExclusive">True: exclusive canonicalization is taken too, which rule 514 does not list.</param>
/// <param name="trust">Whose signature is taken: null where it is, otherwise why not.</param>
/// <remarks>OpenADR 2.0b rule 514, profile section 10.6; SHA-256 alone. The key is that of a certificate which <paramref name="trust"/> has accepted, never one that KeyInfo merely states.</remarks>
public sealed class SignatureVerifier(Duration window, bool allowsExclusive, Func<X509Certificate2, X509Certificate2Collection, Instant, SignerRefusal?> trust)
{
    // Reading certificates and keys costs as much as all the rest, and one signer signs message after message.
    private Signer? _last;

    /// <param name="xml">Has passed <see cref="HardenedXml"/> with the same limit.</param>
    /// <param name="now">By our clock.</param>
    /// <param name="maxCharacters">The longest document.</param>
    /// <param name="shown">What the sender showed in the handshake, for intermediates that KeyInfo leaves out.</param>
    /// <exception cref="WireFormatException">Why the payload is refused.</exception>
    public VerifiedPayload Verify(ReadOnlyMemory<byte> xml, Instant now, long maxCharacters, X509Certificate2Collection shown)
    {
        var payload = SignedPayload.Load(xml, maxCharacters);
        var signedInfo = Child(payload.Signature, "SignedInfo");
        var method = Method(signedInfo);
        var (canonicalization, prefixes) = SignedReference.ReadCanonicalization(Child(signedInfo, "CanonicalizationMethod"), ErrorClass.AlgC14n);
        var references = payload.References(signedInfo);
        RefuseUnlisted([canonicalization, .. references.Select(r => r.Canonicalization)]);
        var stamp = ReplayProtection.Check(payload, references, window, now);
        var signer = Legible(() => TrustedSigner(payload, shown, now));
        var signature = SignedReference.Base64(Child(payload.Signature, "SignatureValue"));
        var signed = Canonical.Bytes(signedInfo, canonicalization, prefixes);
        if (!Legible(() => signer.HasSigned(method, signed, signature)))
        {
            throw Refuse(ErrorClass.AuthnSignature, "the signature is not that of the certificate's key, or the message was changed");
        }

        var signedObject = Array.Empty<byte>();
        foreach (var reference in references)
        {
            var bytes = Canonical.Bytes(reference.Target, reference.Canonicalization, reference.Prefixes);
            if (!CryptographicOperations.FixedTimeEquals(SHA256.HashData(bytes), reference.Digest))
            {
                throw Refuse(ErrorClass.AuthnSignature, $"{SafeText.Quote(reference.Target.LocalName)} was changed after it was signed");
            }

            signedObject = ReferenceEquals(reference.Target, payload.SignedObject) ? bytes : signedObject;
        }

        _last = signer;
        return new VerifiedPayload(signedObject, stamp, signer.Hash);
    }

    private static string Method(System.Xml.XmlElement signedInfo)
    {
        var method = Child(signedInfo, "SignatureMethod");
        var algorithm = SignedReference.Algorithm(method);
        return algorithm switch
        {
            RsaSha256 or EcdsaSha256 when !method.ChildNodes.OfType<System.Xml.XmlElement>().Any() => algorithm,
            RsaSha256 or EcdsaSha256 => throw Refuse(ErrorClass.AlgConfusion, "SignatureMethod has parameters that are not accepted"),
            _ when algorithm.Contains("hmac", StringComparison.OrdinalIgnoreCase) => throw Refuse(ErrorClass.AlgConfusion, "a signature by a shared key is not accepted"),
            _ => throw Refuse(ErrorClass.AlgWeak, $"{SafeText.Quote(algorithm, 80)} is not accepted; use rsa-sha256 or ecdsa-sha256"),
        };
    }

    // OpenADR 2.0b rule 514 lists inclusive canonicalization alone.
    private void RefuseUnlisted(IEnumerable<string> canonicalizations)
    {
        if (!allowsExclusive && canonicalizations.Any(IsExclusive))
        {
            throw Refuse(ErrorClass.AlgC14n, "exclusive canonicalization is not on OpenADR 2.0b's list; set quirks.exclusiveCanonicalization where the VTN uses it");
        }
    }

    private Signer TrustedSigner(SignedPayload payload, X509Certificate2Collection shown, Instant now)
    {
        var certificates = SignerCertificate.Read(payload.Signature);
        var signer = _last is { } last && last.IsNamedBy(certificates) ? last : SignerCertificate.Parse(certificates);
        return trust(signer.Leaf, [.. signer.Others, .. shown], now) is { } refusal ? throw Refuse(refusal.Error, refusal.Detail) : signer;
    }

    // Nobody is trusted yet whose certificates are read here: they may hold anything.
    private static T Legible<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (SignerCertificate.IsIllegible(e))
        {
            throw Refuse(ErrorClass.AuthnKeyinfo, $"a certificate in KeyInfo can't be read: {SafeText.Clause(SafeText.Line(e.Message))}");
        }
    }
}

/// <summary>Why a signer's certificate is not accepted.</summary>
/// <param name="Error">The error class of the refusal.</param>
/// <param name="Detail">What is wrong with it and how to fix it; one line.</param>
public sealed record SignerRefusal(ErrorClass Error, string Detail);
