using NodaTime;

namespace GridServices.Tariffs.Carbon;

/// <summary>One hour of the clock at a site. Absent = not known; nothing that is not known counts as 0 g or as matched.</summary>
public sealed record CarbonHour
{
    /// <summary>Start of its first interval.</summary>
    public required Instant From { get; init; }

    /// <summary>End of its last interval.</summary>
    public required Instant Until { get; init; }

    /// <summary>From the grid, kWh.</summary>
    public required decimal DrawnKwh { get; init; }

    /// <summary>Own generation used on the site, kWh; absent where a reading of it, or of what was fed in, is missing.</summary>
    public decimal? OnSiteKwh { get; init; }

    /// <summary>Mean intensity of the grid zone, g/kWh; absent where a moment of the hour is not known.</summary>
    public decimal? GramsPerKwh { get; init; }

    /// <summary>What the energy drawn emitted by the grid's mix, g, interval by interval; absent where the intensity of an interval is not known, or nothing was measured.</summary>
    public decimal? Grams { get; init; }

    /// <summary>Contracted renewables of the hour, kWh, as far as they were measured.</summary>
    public required decimal ContractedKwh { get; init; }

    /// <summary>Of what was used: own generation, and contracted up to what was drawn, kWh; absent where a reading of the site is missing.</summary>
    public decimal? MatchedKwh { get; init; }

    /// <summary>Matched / used, 0 to 1; absent where that is not known, or nothing was used.</summary>
    public decimal? MatchedShare { get; init; }

    /// <summary>The grams of what was drawn and is not matched.</summary>
    public decimal? UnmatchedGrams { get; init; }

    /// <summary>Intervals of the site without a reading.</summary>
    public required int MissingIntervals { get; init; }

    /// <summary>Intervals of the site, its generation or its contracts that nobody measured, or that have no reading of generation or contracts.</summary>
    public required int DoubtfulIntervals { get; init; }

    /// <summary>What was used on the site, kWh.</summary>
    internal decimal? UsedKwh => DrawnKwh + OnSiteKwh;

    /// <summary>Grams for each kWh used, from wherever it came.</summary>
    internal decimal? GramsPerKwhUsed => MissingIntervals == 0 && UsedKwh > 0 ? Grams / UsedKwh : null;
}
