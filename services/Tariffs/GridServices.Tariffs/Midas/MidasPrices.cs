using System.Collections.Immutable;

namespace GridServices.Tariffs.Midas;

/// <summary>The prices of one rate of MIDAS, USD per kWh.</summary>
/// <param name="RateId">The RIN, e.g. USCA-PGPG-ETOU-0000.</param>
/// <param name="Import">Unit <c>$/kWh</c> (or <c>¢/kWh</c>), in order, not overlapping.</param>
/// <param name="Export">Unit <c>export $/kWh</c>; empty where the rate has none.</param>
public sealed record MidasPrices(string RateId, ImmutableArray<MidasValue> Import, ImmutableArray<MidasValue> Export);
