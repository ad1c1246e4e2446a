using NodaTime;

namespace GridServices.Operations.Service.Storage;

/// <summary>A message to one of a customer's contacts, as the delivery log has it.</summary>
/// <param name="Id">As in <c>GET /v1/notifications</c>.</param>
/// <param name="ContactId">To whom.</param>
/// <param name="Channel">email, sms, voice, push or webhook.</param>
/// <param name="State">queued, sent or failed.</param>
/// <param name="CreatedAt">When it was to be told.</param>
/// <param name="SentAt">When it was sent; null = it was not.</param>
/// <param name="AckAt">When it was acknowledged; null = it was not.</param>
/// <param name="Subject">The mail's subject.</param>
/// <param name="Text">The words, without the link, which is kept as a hash only.</param>
public sealed record ExportedDelivery(string Id, string ContactId, string Channel, string State, Instant CreatedAt, Instant? SentAt, Instant? AckAt, string Subject, string Text);
