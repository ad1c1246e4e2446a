using GridServices.Contracts;

namespace GridServices.Wire.Engine;

/// <summary>A reading with the site it is of.</summary>
public sealed record SiteReading(string SiteId, Reading Reading);
