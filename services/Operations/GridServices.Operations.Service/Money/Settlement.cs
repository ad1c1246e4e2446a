using GridServices.Operations.Compliance;
using NodaTime;

namespace GridServices.Operations.Service.Money;

/// <summary>What an event earned at a site, with everything that made it. Amounts: + = to the customer.</summary>
public sealed record Settlement
{
    public string Id { get; init; } = string.Empty;
    public required string EventId { get; init; }
    public required string SiteId { get; init; }
    public required string ProgramCode { get; init; }

    /// <summary>From 1; the highest of an event and site holds.</summary>
    public int Number { get; init; }

    public Instant MadeAt { get; init; }
    public string MadeBy { get; init; } = string.Empty;

    /// <summary>Final: metered throughout, and the days are over after which the program's meter data are final.</summary>
    public required ReportStatus Status { get; init; }

    /// <summary>Why it is not final; empty = it is.</summary>
    public IReadOnlyList<PreliminaryReason> Preliminary { get; init; } = [];

    /// <summary>From when on it can be final; null = the program does not say.</summary>
    public Instant? FinalFrom { get; init; }

    public required Instant From { get; init; }
    public required Instant Until { get; init; }

    /// <summary>The site's, IANA.</summary>
    public required string Zone { get; init; }

    public required string MeterPointId { get; init; }

    /// <summary>What the readings of the event are by.</summary>
    public required DataQuality Quality { get; init; }

    public required string Currency { get; init; }
    public decimal? NominatedKw { get; init; }
    public decimal EnergyPricePerKwh { get; init; }
    public required string BaselineRule { get; init; }

    /// <summary>Where the rule is from.</summary>
    public string? BaselineSource { get; init; }

    /// <summary>Which rule is used in the place of the program's own, and why; absent = it is the program's own.</summary>
    public string? BaselineFallback { get; init; }

    /// <summary>°C of the event, where the rule looks at the weather.</summary>
    public decimal? EventCelsius { get; init; }

    public decimal AdjustmentApplied { get; init; }
    public required decimal EnergyKwh { get; init; }
    public required decimal EnergyPayment { get; init; }
    public decimal ShortfallKwh { get; init; }
    public decimal ShortfallPenalty { get; init; }
    public required decimal Total { get; init; }

    /// <summary>Total of the one before; null = this is the first.</summary>
    public decimal? PreviousTotal { get; init; }

    /// <summary>What is still due against the one before; negative = to be paid back.</summary>
    public required decimal Delta { get; init; }

    public required int IntervalMinutes { get; init; }

    /// <summary>Settlement intervals of the event.</summary>
    public required int EventIntervals { get; init; }

    /// <summary>Of these, those that are measured: only they are paid.</summary>
    public required int MeasuredIntervals { get; init; }

    public required int EstimatedIntervals { get; init; }

    /// <summary>Every day that was looked at for the baseline, newest first, and why it was used or not.</summary>
    public IReadOnlyList<SettlementDay> Days { get; init; } = [];

    public IReadOnlyList<SettlementInterval> Intervals { get; init; } = [];
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>SHA-256 of what was sent to be settled, without the earlier total: the same data settle to the same.</summary>
    public required string RequestHash { get; init; }
}

/// <summary>A day of the baseline.</summary>
public sealed record SettlementDay(LocalDate Date, bool Used, string Reason);

/// <summary>A settlement interval, [<see cref="From"/>, <see cref="Until"/>); null = not measured.</summary>
public sealed record SettlementInterval(Instant From, Instant Until, decimal? BaselineKw, decimal? ActualKw, decimal? DeliveredKwh, string ActualSource);

/// <summary>Why a settlement is preliminary.</summary>
public enum PreliminaryReason
{
    /// <summary>Intervals of the event lack a reading: they are not paid.</summary>
    MissingReadings,

    /// <summary>Readings are estimates.</summary>
    EstimatedReadings,

    /// <summary>A fallback is used in the place of the program's baseline until the temperatures that it looks at are known.</summary>
    TemperaturesMissing,

    /// <summary>Telemetry stands in for the meter.</summary>
    Telemetry,

    /// <summary>The days are not over in which the meter's data may still be corrected.</summary>
    BeforeFinality,

    /// <summary>The program does not say when meter data are final.</summary>
    NoFinality,
}
