using System.Security.Cryptography.X509Certificates;
using GridServices.Contracts;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Signatures;

/// <summary>What is asked of the signature of one received payload.</summary>
/// <param name="Verifier">Verifies the signature that is there.</param>
/// <param name="IsRequired">True: a payload without one is refused.</param>
/// <param name="Now">By our clock.</param>
public sealed record SignatureCheck(SignatureVerifier Verifier, bool IsRequired, Instant Now)
{
    /// <summary>What the sender showed in the handshake: many state the signer's certificate alone in KeyInfo, and leave the intermediates to TLS. Not trusted for that.</summary>
    public X509Certificate2Collection Shown { get; init; } = [];

    /// <summary>Why a message that was verified may not be taken, by signer and stamp, null: it may; null where nobody else's nonces matter.</summary>
    public Func<string, SignatureStamp, string?>? Nonces { get; init; }

    /// <summary>Null: there is no signature, and none is asked for.</summary>
    /// <exception cref="WireFormatException">The payload is refused.</exception>
    internal VerifiedPayload? Verify(ReadOnlyMemory<byte> xml, bool isSigned, XmlLimits limits) => (isSigned, IsRequired) switch
    {
        (true, _) => Unused(Verifier.Verify(xml, Now, limits.MaxBytes, Shown)),

        // OpenADR 2.0b 10.6: where signatures are agreed on, a message without one is ignored.
        (false, true) => throw new WireFormatException(ErrorClass.AuthnUnsigned, "/", "the payload is not signed, and profile.signatures asks for it"),
        (false, false) => null,
    };

    private VerifiedPayload Unused(VerifiedPayload verified) => Nonces?.Invoke(verified.Signer, verified.Stamp) is { } refusal
        ? throw SignedPayload.Refuse(ErrorClass.ReplayNonce, refusal)
        : verified;
}
