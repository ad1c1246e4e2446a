using NodaTime;

namespace GridServices.Operations.Service.Storage;

/// <summary>What a person wrote to the contacts of a customer's sites about an event.</summary>
/// <param name="EventId">Of the event.</param>
/// <param name="At">When.</param>
/// <param name="By">Who.</param>
/// <param name="Text">The words.</param>
/// <param name="SiteIds">Whose contacts were meant; those of other customers are not named.</param>
public sealed record ExportedMessage(string EventId, Instant At, string By, string Text, IReadOnlyList<string> SiteIds);
