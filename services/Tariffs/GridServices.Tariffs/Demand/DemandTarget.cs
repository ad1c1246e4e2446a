namespace GridServices.Tariffs.Demand;

/// <summary>Which mean power a site wants no window to exceed.</summary>
public enum TargetRule
{
    /// <summary>What is paid for anyway: the highest of peak to date, ratchet, minimum and contract.</summary>
    PeakToDate,

    /// <summary>A planned peak, or what is paid for anyway where that is higher.</summary>
    Planned,

    /// <summary>A planned peak, also where more is paid for already.</summary>
    Fixed,
}

/// <summary>A rule with its planned peak.</summary>
public sealed record DemandTarget(TargetRule Rule, decimal PlannedKw)
{
    public static DemandTarget PeakToDate { get; } = new(TargetRule.PeakToDate, 0);

    /// <summary>The target where so many kW are paid for anyway.</summary>
    public decimal ComputeKw(decimal paidKw) => Rule switch
    {
        TargetRule.Planned => Math.Max(PlannedKw, paidKw),
        TargetRule.Fixed => PlannedKw,
        _ => paidKw,
    };
}
