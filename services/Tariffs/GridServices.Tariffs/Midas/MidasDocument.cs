using System.Collections.Immutable;
using NodaTime;

namespace GridServices.Tariffs.Midas;

/// <summary>One signal of the California Energy Commission's MIDAS, as GET /ValueData answers it since version 2.0.</summary>
/// <param name="RateId">The RIN, e.g. USCA-SGIP-MOER-PGE.</param>
/// <param name="Unit">What the values are in, e.g. <c>g/kWh CO2</c>, <c>$/kWh</c>.</param>
/// <param name="Values">In order, not overlapping.</param>
public sealed record MidasDocument(string RateId, string Unit, ImmutableArray<MidasValue> Values);

/// <summary>A value over [<paramref name="From"/>, <paramref name="Until"/>).</summary>
public sealed record MidasValue(Instant From, Instant Until, decimal Value);
