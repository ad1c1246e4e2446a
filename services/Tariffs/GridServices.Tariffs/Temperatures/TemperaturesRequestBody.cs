using GridServices.Tariffs.Weather;

namespace GridServices.Tariffs.Temperatures;

/// <summary>Temperatures of a station to store.</summary>
/// <param name="Points">In any order, not overlapping.</param>
public sealed record TemperaturesRequestBody(IReadOnlyList<TemperaturePoint>? Points = null);
