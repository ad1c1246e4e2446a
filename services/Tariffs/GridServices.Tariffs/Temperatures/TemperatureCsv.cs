using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Weather;

namespace GridServices.Tariffs.Temperatures;

/// <summary>Reads rows of temperature, <c>from,until,°C</c>; without <c>until</c> each row holds for the least distance between rows, so that a gap stays a gap.</summary>
public static class TemperatureCsv
{
    private static readonly TimedValuesCsv Form = new()
    {
        Units = new Dictionary<string, Func<decimal, decimal>>(StringComparer.OrdinalIgnoreCase)
        {
            ["°C"] = Celsius,
            ["C"] = Celsius,
            ["celsius"] = Celsius,
            ["degC"] = Celsius,
            ["°F"] = FromFahrenheit,
            ["F"] = FromFahrenheit,
            ["fahrenheit"] = FromFahrenheit,
            ["degF"] = FromFahrenheit,
        },
        UnitNames = "°C or °F",
        Head = "from,until,°C",
        StampExample = "2026-07-15T14:00:00Z or 2026-07-15T16:00:00+02:00",
        NumberExample = "31.5",
        MostRows = TemperatureCurve.MostPoints,
    };

    /// <summary>The temperatures of a station, or everything that is wrong with the file.</summary>
    public static ReadResult<TemperatureCurve> Read(ReadOnlyMemory<byte> csv, string station) => Form.Read(csv, (values, problems) =>
        TemperatureCurve.Checked(station, [.. values.Select(v => new TemperaturePoint(v.From, v.Until, v.Value))], "/", problems));

    private static decimal Celsius(decimal value) => value;

    private static decimal FromFahrenheit(decimal value) => decimal.Round((value - 32) * 5 / 9, 6);
}
