using NodaTime;

namespace GridServices.Operations.Service.Storage;

/// <summary>What a person noted about a site of a customer.</summary>
/// <param name="SiteId">The hub's id of the site.</param>
/// <param name="At">When.</param>
/// <param name="Author">Who.</param>
/// <param name="Text">The words.</param>
public sealed record ExportedNote(string SiteId, Instant At, string Author, string Text);
