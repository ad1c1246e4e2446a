using System.Collections.Immutable;

namespace GridServices.Tariffs.Bills;

/// <summary>A price over time, per kWh.</summary>
public sealed record PriceCurve(string Series, ImmutableArray<PricePoint> Points);
