using System.Collections.Immutable;

namespace GridServices.Tariffs;

/// <summary>A price over time, per kWh.</summary>
public sealed record PriceCurve(string Series, ImmutableArray<PricePoint> Points);
