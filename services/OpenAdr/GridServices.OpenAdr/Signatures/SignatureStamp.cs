using NodaTime;

namespace GridServices.OpenAdr.Signatures;

/// <summary>What makes a signed message one of its kind (ReplayProtect, OpenADR 2.0b 10.6): it is taken once, and only near the time it was sent.</summary>
/// <param name="SentAt">By the sender's clock.</param>
/// <param name="Nonce">At least 8 characters, never used before by this sender.</param>
public sealed record SignatureStamp(Instant SentAt, string Nonce);

/// <summary>A payload whose signature was verified.</summary>
/// <param name="SignedObject">
/// The canonical bytes over which the signature was found good. The message is read from these and from nothing else, so that nothing is read that is not signed.
/// </param>
/// <param name="Stamp">Fresh; whether its nonce was seen before, the caller knows.</param>
/// <param name="Signer">SHA-256 of the signer's certificate, hex digits.</param>
public sealed record VerifiedPayload(ReadOnlyMemory<byte> SignedObject, SignatureStamp Stamp, string Signer);
