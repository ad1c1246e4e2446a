namespace GridServices.Tariffs.Model;

/// <summary>Prices of one class of hours of use.</summary>
public sealed record HoursOfUsePair
{
    /// <summary>Holds below so many hours a year, exclusive; absent = open.</summary>
    public decimal? UpToHours { get; init; }

    /// <summary>Per kWh imported.</summary>
    public required decimal EnergyPrice { get; init; }

    /// <summary>Per kW of the year's peak, and year; a cycle pays its share of days.</summary>
    public required decimal DemandPrice { get; init; }
}
