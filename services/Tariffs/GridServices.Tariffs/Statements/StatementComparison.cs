using System.Collections.Immutable;

namespace GridServices.Tariffs.Statements;

/// <summary>Why the utility's number can be another than ours.</summary>
public enum StatementCause
{
    /// <summary>The statement's own quantity times its rate is not its amount.</summary>
    Arithmetic,

    /// <summary>A charge stands as a credit, or a credit as a charge.</summary>
    SignTurned,

    /// <summary>A percentage, right on the statement's own lines: it follows their differences.</summary>
    FollowsOthers,

    /// <summary>The days of another billing cycle give the statement's number.</summary>
    OtherCycle,

    /// <summary>The price of another tier of the same charge.</summary>
    WrongTier,

    /// <summary>The price of another period of the same charge.</summary>
    OtherPeriod,

    /// <summary>The price of another version of the tariff.</summary>
    OtherVersion,

    /// <summary>The highest mean of windows of another length.</summary>
    OtherWindow,

    /// <summary>A whole multiple or part of our quantity: a multiplier that is missing, or applied twice.</summary>
    Multiplier,

    /// <summary>A share of days of our amount.</summary>
    Proration,

    /// <summary>Our amount with the taxes on it, or without them.</summary>
    Taxes,

    BilledTwice,

    /// <summary>On our bill and not on the statement: a rider or charge that it misses.</summary>
    NotOnStatement,

    /// <summary>On the statement and not on our bill: a rider or charge that our tariff misses.</summary>
    NotInTariff,

    /// <summary>The statement, or our data, rests on a reading that nobody measured.</summary>
    EstimatedRead,

    /// <summary>The quantities agree; the price is another.</summary>
    OtherPrice,

    /// <summary>The prices agree; the quantity is another.</summary>
    OtherQuantity,

    /// <summary>Nothing that was tried gives the number.</summary>
    Unexplained,
}

/// <summary>One cause that was tried.</summary>
/// <param name="Cause">What it is.</param>
/// <param name="Text">In words, with the numbers.</param>
/// <param name="Leaves">Of the difference, what it does not explain; absent = that cannot be calculated.</param>
public sealed record StatementReason(StatementCause Cause, string Text, decimal? Leaves);

/// <summary>A line of the statement beside ours; one side is absent where nothing corresponds.</summary>
public sealed record StatementDifference
{
    /// <summary>Of the statement's line.</summary>
    public string? Line { get; init; }

    /// <summary>As it is printed.</summary>
    public string? Text { get; init; }

    /// <summary>Of our bill.</summary>
    public string? Charge { get; init; }

    public string? Period { get; init; }
    public int? Tier { get; init; }
    public string? Version { get; init; }
    public string? Unit { get; init; }
    public decimal? StatementQuantity { get; init; }
    public decimal? OurQuantity { get; init; }
    public decimal? StatementRate { get; init; }

    /// <summary>Absent where our lines in it have several.</summary>
    public decimal? OurRate { get; init; }

    public decimal? StatementAmount { get; init; }

    /// <summary>Exact.</summary>
    public decimal? OurAmount { get; init; }

    /// <summary>Statement less ours: above 0 = the utility asks for more.</summary>
    public required decimal Difference { get; init; }

    /// <summary>Most that rounding can make.</summary>
    public required decimal Tolerance { get; init; }

    /// <summary>Both sides are there, and the difference is rounding.</summary>
    public required bool Agrees { get; init; }

    /// <summary>Likeliest first; empty where it agrees.</summary>
    public ImmutableArray<StatementReason> Reasons { get; init; } = [];
}

/// <summary>How far the comparison can be trusted.</summary>
public sealed record StatementAccuracy
{
    /// <summary>Our side rests on what nobody measured, or is not complete: it will change.</summary>
    public required bool Provisional { get; init; }

    public required int MissingIntervals { get; init; }
    public required int EstimatedIntervals { get; init; }

    /// <summary>Lines of the statement that agree to the coin.</summary>
    public required int AgreeingLines { get; init; }

    /// <summary>Lines of the statement.</summary>
    public required int Lines { get; init; }

    /// <summary>Share of the statement's amounts that agree, 0 to 1; absent without lines.</summary>
    public decimal? AgreeingShare { get; init; }

    /// <summary>Of the difference, what the first reasons leave; absent where one of them cannot be calculated.</summary>
    public decimal? Unexplained { get; init; }

    /// <summary>What was taken for granted.</summary>
    public ImmutableArray<string> Assumptions { get; init; } = [];
}

/// <summary>The utility's bill held against ours.</summary>
public sealed record StatementComparison
{
    public required string Currency { get; init; }
    public required decimal StatementTotal { get; init; }

    /// <summary>Rounded as our tariff says.</summary>
    public required decimal OurTotal { get; init; }

    /// <summary>Statement less ours: above 0 = the utility asks for more.</summary>
    public required decimal Difference { get; init; }

    /// <summary>The totals agree to what rounding can make, and no line differs.</summary>
    public required bool Agrees { get; init; }

    /// <summary>The statement's lines in their order, then what only we have.</summary>
    public ImmutableArray<StatementDifference> Lines { get; init; } = [];

    /// <summary>Of the total's difference, where the statement gives no lines; likeliest first.</summary>
    public ImmutableArray<StatementReason> Reasons { get; init; } = [];

    public required StatementAccuracy Accuracy { get; init; }
}
