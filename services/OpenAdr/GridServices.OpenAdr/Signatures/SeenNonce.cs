using NodaTime;

namespace GridServices.OpenAdr.Signatures;

/// <summary>A nonce that was taken once.</summary>
/// <param name="Nonce">As it was in the message.</param>
/// <param name="Until">From then on the message's age refuses it.</param>
public sealed record SeenNonce(string Nonce, Instant Until);
