namespace GridServices.Hosting;

/// <summary>One CloudEvent on its way to the hub.</summary>
/// <param name="SiteId">Order is kept per site.</param>
/// <param name="Body">The CloudEvent as UTF-8 JSON; sent exactly as it stands here.</param>
public sealed record OutboxItem(string SiteId, byte[] Body);
