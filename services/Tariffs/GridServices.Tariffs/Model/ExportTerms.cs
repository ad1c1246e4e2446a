namespace GridServices.Tariffs.Model;

/// <summary>What exported energy is worth and how long.</summary>
public sealed record ExportTerms
{
    public required ExportMode Mode { get; init; }
    public ExportCredit Credit { get; init; } = ExportCredit.None;

    /// <summary>Money credits already reduce the bill of the period in which they are earned.</summary>
    public bool ApplyInSamePeriod { get; init; }

    /// <summary>Net billing: import and export are netted within so many minutes of the clock (15, 30, 60) before they are priced; absent = each interval for itself.</summary>
    public int? NetWithinMinutes { get; init; }

    /// <summary>At the end of this month (1..12) credits are settled.</summary>
    public int TrueUpMonth { get; init; } = 12;

    public TrueUpRule TrueUp { get; init; } = TrueUpRule.Pay;

    /// <summary>Per kWh left at the true-up.</summary>
    public decimal TrueUpPrice { get; init; }

    /// <summary>Where a tier has no sell price of its own: per kWh exported, once, whatever the number of energy charges; a share of an index comes on top.</summary>
    public decimal? SellPrice { get; init; }
}
