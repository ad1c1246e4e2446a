using System.Collections.Immutable;
using NodaTime;

namespace GridServices.Tariffs.Midas;

/// <summary>One signal of the California Energy Commission's MIDAS, as GET /ValueData answers it since version 2.0.</summary>
/// <param name="RateId">The RIN, e.g. USCA-SGIP-MOER-PGE.</param>
/// <param name="Unit">What the values are in, e.g. <c>g/kWh CO2</c>, <c>$/kWh</c>.</param>
/// <param name="Values">In order, not overlapping.</param>
public sealed record MidasDocument(string RateId, string Unit, ImmutableArray<MidasValue> Values);

/// <summary>A value over [<paramref name="From"/>, <paramref name="Until"/>).</summary>
/// <param name="From">Start.</param>
/// <param name="Until">End.</param>
/// <param name="Value">In the unit of the document.</param>
/// <param name="Name">What the sender calls it, e.g. <c>winter off peak</c>.</param>
public sealed record MidasValue(Instant From, Instant Until, decimal Value, string? Name = null);
