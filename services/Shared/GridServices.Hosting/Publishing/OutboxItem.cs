namespace GridServices.Hosting.Publishing;

/// <summary>One CloudEvent on its way to the hub.</summary>
/// <param name="SiteId">Order is kept per site.</param>
/// <param name="Body">The CloudEvent as UTF-8 JSON; sent as it stands here, unless its revision has to be raised above the hub's.</param>
/// <param name="Stream">What it is the latest word on; null: it is sent once and not remembered.</param>
public sealed record OutboxItem(string SiteId, byte[] Body, PublishedStream? Stream = null);

/// <summary>The stream that a publication replaces whole.</summary>
/// <param name="Key">Tenant, site, target and stream as one text.</param>
/// <param name="Revision">The revision that the service gave it.</param>
/// <param name="IsWithdrawn">True: the stream says nothing any more.</param>
public sealed record PublishedStream(string Key, long Revision, bool IsWithdrawn);
