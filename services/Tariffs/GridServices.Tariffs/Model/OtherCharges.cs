using System.Collections.Immutable;

namespace GridServices.Tariffs;

/// <summary>Capacity bought in blocks (EV subscriptions), with a price for what goes beyond.</summary>
public sealed record SubscriptionCharge
{
    public required string Id { get; init; }
    public string? Name { get; init; }
    public required decimal BlockKw { get; init; }

    /// <summary>Per block and month.</summary>
    public required decimal BlockPrice { get; init; }

    /// <summary>Per kW above what is subscribed, and month.</summary>
    public required decimal OveragePerKw { get; init; }

    /// <summary>Blocks subscribed where the account does not say.</summary>
    public int? Blocks { get; init; }

    public DemandWindow? Window { get; init; }
}

public enum ContractedPowerRule
{
    /// <summary>Billed between a floor share and what was measured, with a multiple of what goes beyond (Spanish maximeter).</summary>
    Maximeter,

    /// <summary>The contracted kW are paid, and each kW beyond them at its own price.</summary>
    Excess,
}

/// <summary>Contracted kW per period.</summary>
public sealed record ContractedPower
{
    public required string Id { get; init; }
    public string? Name { get; init; }
    public string? Schedule { get; init; }
    public required ImmutableArray<ContractedRate> Rates { get; init; }
    public ContractedPowerRule Rule { get; init; } = ContractedPowerRule.Maximeter;

    /// <summary>Maximeter: at least this share of the contracted kW is billed.</summary>
    public decimal UnderUseShare { get; init; } = 0.85m;

    /// <summary>Maximeter: above this share the penalty starts.</summary>
    public decimal OverUseShare { get; init; } = 1.05m;

    /// <summary>Maximeter: billed kW = measured + this x (measured - share x contracted).</summary>
    public decimal OverUseMultiplier { get; init; } = 2;

    /// <summary>Whether <see cref="ContractedRate.Price"/> and <see cref="ContractedRate.ExcessPrice"/> are per day; otherwise per month.</summary>
    public bool PricePerDay { get; init; }

    public DemandWindow? Window { get; init; }
}

public sealed record ContractedRate
{
    public required string Period { get; init; }

    /// <summary>Contracted kW where the account does not say.</summary>
    public decimal? ContractedKw { get; init; }

    public required decimal Price { get; init; }

    /// <summary>Excess rule: per kW above the contracted, and day or month as <see cref="ContractedPower.PricePerDay"/> says.</summary>
    public decimal? ExcessPrice { get; init; }
}

public enum ReactiveRule
{
    /// <summary>Peak kvar above a share of peak kW.</summary>
    ExcessKvar,

    /// <summary>kvarh above a share of kWh.</summary>
    ExcessKvarh,
}

/// <summary>Reactive power or energy beyond a free share; needs reactive intervals.</summary>
public sealed record ReactiveCharge
{
    public required string Id { get; init; }
    public string? Name { get; init; }
    public ReactiveRule Rule { get; init; } = ReactiveRule.ExcessKvar;

    /// <summary>kvar per kW (or kvarh per kWh) that are free.</summary>
    public required decimal FreeShare { get; init; }

    public required decimal Price { get; init; }
    public DemandWindow? Window { get; init; }
}

public enum FixedPer
{
    /// <summary>Per calendar month; a billing period of other length pays its share of days.</summary>
    Month,
    Day,

    /// <summary>365/12 days each month, whatever its length (the convention of NREL's SAM for a price per day).</summary>
    MeanMonthDay,
    BillingPeriod,
    Year,
}

public sealed record FixedCharge
{
    public required string Id { get; init; }
    public string? Name { get; init; }
    public required decimal Amount { get; init; }
    public FixedPer Per { get; init; } = FixedPer.Month;

    /// <summary>Times the account's meters.</summary>
    public bool PerMeter { get; init; }

    /// <summary>Times the account's meters beyond the first.</summary>
    public bool PerAdditionalMeter { get; init; }
}

public enum MinimumPer
{
    Month,
    Day,

    /// <summary>Calculated in the last billing period of the year, against the year's periods together.</summary>
    Year,
}

/// <summary>Energy, demand and fixed charges together are at least this.</summary>
public sealed record MinimumBill
{
    public required string Id { get; init; }
    public required decimal Amount { get; init; }
    public MinimumPer Per { get; init; } = MinimumPer.Month;
}

public enum AdjustmentKind
{
    Rider,
    Tax,
}

/// <summary>A percentage of other lines. Order matters: a base may name an adjustment that stands before.</summary>
public sealed record Adjustment
{
    public required string Id { get; init; }
    public string? Name { get; init; }
    public AdjustmentKind Kind { get; init; } = AdjustmentKind.Tax;

    /// <summary>19 = nineteen percent; negative = a discount.</summary>
    public required decimal Percent { get; init; }

    /// <summary>Line kinds (<c>energy</c>, <c>demand</c>, <c>fixed</c>, <c>minimum</c>, <c>export</c>, <c>adjustment</c>, <c>tax</c>), charge ids or adjustment ids; empty = all before.</summary>
    public ImmutableArray<string> Base { get; init; } = [];
}

public enum ExportMode
{
    /// <summary>Export is not paid and offsets nothing.</summary>
    None,

    /// <summary>Import and export of a billing period are netted per TOU period.</summary>
    NetMetering,

    /// <summary>Every interval for itself: import is bought, export is sold at the sell prices.</summary>
    NetBilling,

    /// <summary>All consumption is bought and all generation is sold, on two meters.</summary>
    BuyAllSellAll,
}

public enum ExportCredit
{
    /// <summary>Net billing: the money stands on the same bill, which may be negative.</summary>
    None,

    /// <summary>Net metering: surplus kWh move to the next billing period, to the same time of day.</summary>
    Kwh,

    /// <summary>Credits are money and move to the next billing period.</summary>
    Money,
}

public enum TrueUpRule
{
    /// <summary>What is left is paid out (kWh at <see cref="ExportTerms.TrueUpPrice"/>).</summary>
    Pay,

    /// <summary>What is left is lost.</summary>
    Expire,

    /// <summary>What is left becomes money and moves on.</summary>
    RollOver,
}

/// <summary>What exported energy is worth and how long.</summary>
public sealed record ExportTerms
{
    public required ExportMode Mode { get; init; }
    public ExportCredit Credit { get; init; } = ExportCredit.None;

    /// <summary>Money credits already reduce the bill of the period in which they are earned.</summary>
    public bool ApplyInSamePeriod { get; init; }

    /// <summary>At the end of this month (1..12) credits are settled.</summary>
    public int TrueUpMonth { get; init; } = 12;

    public TrueUpRule TrueUp { get; init; } = TrueUpRule.Pay;

    /// <summary>Per kWh left at the true-up.</summary>
    public decimal TrueUpPrice { get; init; }

    /// <summary>Where a tier has no sell price of its own: per kWh exported.</summary>
    public decimal? SellPrice { get; init; }
}
