namespace GridServices.Tariffs.Settlement;

/// <summary>Which temperature of a day counts.</summary>
public enum TemperatureMeasure
{
    /// <summary>The mean in the hours of the event.</summary>
    EventMean,

    /// <summary>The highest of the local day.</summary>
    DayHighest,
}

/// <summary>How the weather enters a baseline, by the temperatures of a station. A day whose temperature is not known is no like day.</summary>
public sealed record WeatherRule
{
    public TemperatureMeasure Measure { get; init; } = TemperatureMeasure.EventMean;

    /// <summary>Selected are the days of the window nearest in temperature to the event's day, not those of the highest load.</summary>
    public bool Match { get; init; } = true;

    /// <summary>Days whose temperature is further from the event's are left out, °C; absent = none is.</summary>
    public decimal? WithinDegrees { get; init; }

    /// <summary>
    /// The baseline moves with the temperature: by kW per °C, the straight line of least squares through the window's days (mean kW in the event's hours), times the difference of the event's
    /// temperature to the mean of the selected days.
    /// </summary>
    public bool Adjust { get; init; }
}
