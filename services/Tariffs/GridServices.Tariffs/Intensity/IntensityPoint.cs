using NodaTime;

namespace GridServices.Tariffs.Intensity;

/// <summary>What a kWh drawn in a grid zone emits over [<paramref name="From"/>, <paramref name="Until"/>).</summary>
/// <param name="From">Start.</param>
/// <param name="Until">End, exclusive.</param>
/// <param name="GramsPerKwh">g of CO2 (or CO2 equivalent, as the source has it) per kWh; 0 is a statement, a moment without a point is not known.</param>
public sealed record IntensityPoint(Instant From, Instant Until, decimal GramsPerKwh);
