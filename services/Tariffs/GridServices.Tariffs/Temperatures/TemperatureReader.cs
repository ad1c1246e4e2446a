using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Requests;
using GridServices.Tariffs.Weather;

namespace GridServices.Tariffs.Temperatures;

/// <summary>Reads the temperatures of a station as JSON.</summary>
public static class TemperatureReader
{
    /// <summary><c>{"points":[{"from":…,"until":…,"celsius":…}]}</c>.</summary>
    public static ReadResult<TemperatureCurve> Json(ReadOnlyMemory<byte> json, string station) => RequestDocument.Read(json, typeof(TemperaturesRequestBody), (root, problems) =>
    {
        var points = root.Required<TemperaturePoint[]>("points", "the temperatures, e.g. [{\"from\":\"2026-07-15T14:00:00Z\",\"until\":\"2026-07-15T15:00:00Z\",\"celsius\":31.5}]", problems) ?? [];
        return problems.Any ? null : TemperatureCurve.Checked(station, points, "/points", problems);
    });
}
