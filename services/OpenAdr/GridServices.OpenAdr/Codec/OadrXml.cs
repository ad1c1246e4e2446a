using GridServices.OpenAdr.Messages;
using GridServices.Wire;

namespace GridServices.OpenAdr.Codec;

/// <summary>What reading came to: exactly one of <see cref="Message"/> and <see cref="Refusal"/>.</summary>
/// <param name="Message">The payload.</param>
/// <param name="Refusal">Why the payload as a whole was not taken.</param>
/// <param name="RequestId">The requestID, where legible in spite of the refusal, so that the refusal can be answered.</param>
public sealed record ReadOutcome(OadrMessage? Message, Refusal? Refusal, string? RequestId = null);
