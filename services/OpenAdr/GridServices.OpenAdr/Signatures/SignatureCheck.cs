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
    /// <summary>Null: there is no signature, and none is asked for.</summary>
    /// <exception cref="WireFormatException">The payload is refused.</exception>
    internal VerifiedPayload? Verify(ReadOnlyMemory<byte> xml, bool isSigned, XmlLimits limits) => (isSigned, IsRequired) switch
    {
        (true, _) => Verifier.Verify(xml, Now, limits.MaxBytes),

        // OpenADR 2.0b 10.6: where signatures are agreed on, a message without one is ignored.
        (false, true) => throw new WireFormatException(ErrorClass.AuthnUnsigned, "/", "the payload is not signed, and profile.signatures asks for it"),
        (false, false) => null,
    };
}
