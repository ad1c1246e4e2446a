using NodaTime;

namespace GridServices.Tariffs.Carbon;

/// <summary>Hours of a site added up, e.g. those of a bill. What is not known is counted, not taken for 0.</summary>
public sealed record CarbonSum
{
    /// <summary>First local day; absent in the sum of all.</summary>
    public LocalDate? From { get; init; }

    /// <summary>First local day after it.</summary>
    public LocalDate? Until { get; init; }

    public required int Hours { get; init; }

    /// <summary>From the grid, kWh.</summary>
    public required decimal DrawnKwh { get; init; }

    /// <summary>Own generation used on the site, kWh, in the hours in which it is known.</summary>
    public required decimal OnSiteKwh { get; init; }

    /// <summary>By the grid's mix, g, over the hours whose intensity is known; absent where none is.</summary>
    public decimal? Grams { get; init; }

    /// <summary>Drawn in hours whose intensity is not known: in none of the grams.</summary>
    public required decimal KwhWithoutIntensity { get; init; }

    public required int HoursWithoutIntensity { get; init; }

    /// <summary>Matched kWh / used kWh over the hours in which both are known, hour by hour: surplus of one hour does not count in another. Absent where none is.</summary>
    public decimal? MatchedShare { get; init; }

    public required decimal MatchedKwh { get; init; }

    /// <summary>Contracted renewables, kWh, used or not.</summary>
    public required decimal ContractedKwh { get; init; }

    /// <summary>Hours that lack a reading, so that nothing is said of their match.</summary>
    public required int HoursWithoutMatch { get; init; }

    /// <summary>Grams of what was drawn and is not matched, over the hours in which both are known; absent where none is.</summary>
    public decimal? UnmatchedGrams { get; init; }

    public required int MissingIntervals { get; init; }

    /// <summary>An intensity or a reading is missing, or a reading is an estimate: the numbers will change.</summary>
    public required bool Provisional { get; init; }

    public static CarbonSum Compute(IReadOnlyCollection<CarbonHour> hours, LocalDate? from = null, LocalDate? until = null)
    {
        var (priced, matched) = (hours.Where(h => h.Grams is not null).ToArray(), hours.Where(h => h.MatchedKwh is not null).ToArray());
        var dark = hours.Where(h => h.Grams is null).ToArray();
        var (share, used) = (matched.Sum(h => h.MatchedKwh!.Value), matched.Sum(h => h.UsedKwh!.Value));
        var unmatched = hours.Where(h => h.UnmatchedGrams is not null).ToArray();
        return new CarbonSum
        {
            From = from,
            Until = until,
            Hours = hours.Count,
            DrawnKwh = hours.Sum(h => h.DrawnKwh),
            OnSiteKwh = hours.Sum(h => h.OnSiteKwh ?? 0),
            Grams = priced.Length == 0 ? null : priced.Sum(h => h.Grams),
            KwhWithoutIntensity = dark.Sum(h => h.DrawnKwh),
            HoursWithoutIntensity = hours.Count(h => h.GramsPerKwh is null),
            MatchedShare = used > 0 ? decimal.Round(share / used, 6) : null,
            MatchedKwh = share,
            ContractedKwh = hours.Sum(h => h.ContractedKwh),
            HoursWithoutMatch = hours.Count - matched.Length,
            UnmatchedGrams = unmatched.Length == 0 ? null : unmatched.Sum(h => h.UnmatchedGrams),
            MissingIntervals = hours.Sum(h => h.MissingIntervals),
            Provisional = hours.Any(h => h.Grams is null || h.MissingIntervals > 0 || h.DoubtfulIntervals > 0),
        };
    }
}
