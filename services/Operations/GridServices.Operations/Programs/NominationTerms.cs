using NodaTime;

namespace GridServices.Operations.Programs;

public enum NominationRule
{
    None,
    PerSeason,
    PerMonth,
    PerEvent,
}

/// <summary>How often an amount is offered, and until when.</summary>
public sealed record NominationTerms
{
    public required NominationRule Rule { get; init; }

    /// <summary>Calendar days before the first day of the period, at <see cref="DueAt"/>; for <see cref="NominationRule.PerEvent"/> before the day of delivery.</summary>
    public Fact<int>? DueDaysBefore { get; init; }

    /// <summary>Wall clock time of the deadline, in the program's zone.</summary>
    public LocalTime DueAt { get; init; } = new(17, 0);

    /// <summary>Products that can be offered; empty = one without a name.</summary>
    public Wire.ValueList<string> Products { get; init; } = [];

    /// <summary>Baseline options that can be chosen; empty = none is.</summary>
    public Wire.ValueList<string> BaselineOptions { get; init; } = [];
}

/// <summary>Applications that come in by <see cref="By"/> start on <see cref="Start"/> of the same year, or the next where that day is past.</summary>
public sealed record EnrollmentDeadline(AnnualDate By, AnnualDate Start, string Source, Certainty Certainty);
