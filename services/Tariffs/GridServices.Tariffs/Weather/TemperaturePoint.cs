using NodaTime;

namespace GridServices.Tariffs.Weather;

/// <summary>The temperature outdoors at a station over [<paramref name="From"/>, <paramref name="Until"/>).</summary>
/// <param name="From">Start.</param>
/// <param name="Until">End, exclusive.</param>
/// <param name="Celsius">Mean, °C; a moment without a point is not known.</param>
public sealed record TemperaturePoint(Instant From, Instant Until, decimal Celsius);
