using NodaTime;

namespace GridServices.OpenAdr.Signatures;

/// <summary>A nonce that was taken once.</summary>
/// <param name="Nonce">As it was in the message.</param>
/// <param name="Until">From then on the message's age refuses it.</param>
/// <param name="Ahead">How much later than our clock, when it came, the time of sending was; null: not noted.</param>
public sealed record SeenNonce(string Nonce, Instant Until, Duration? Ahead = null);
