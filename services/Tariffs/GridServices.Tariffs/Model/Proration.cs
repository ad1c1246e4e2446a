namespace GridServices.Tariffs.Model;

/// <summary>How many monthly prices a billing cycle pays.</summary>
public sealed record Proration
{
    public required ProrationRule Rule { get; init; }

    /// <summary>Cycles of at least so many days ...</summary>
    public int? WholeFromDays { get; init; }

    /// <summary>... and at most so many, inclusive, pay one month whatever the rule.</summary>
    public int? WholeUntilDays { get; init; }

    /// <summary>Whether prices per kW and billing period follow the rule too; otherwise each cycle pays them once.</summary>
    public bool Demand { get; init; }
}
