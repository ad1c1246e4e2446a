using System.Text.Json.Serialization;
using GridServices.Operations.Events;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations.Compliance;

/// <summary>How an event went at a site (section 8).</summary>
public sealed record ComplianceReport
{
    public required ComplianceHead Head { get; init; }

    /// <summary>In the order of time; the first and last may be shorter than the settlement interval.</summary>
    public ValueList<ComplianceRow> Rows { get; init; } = [];

    public required ComplianceVerdict Verdict { get; init; }

    /// <summary>The verdict as the report writes it: <c>met</c>, <c>partly (82 %)</c>, <c>missed</c>, <c>optedOut</c>, <c>excused (mustRun)</c>, <c>noData</c>, <c>provisional</c>.</summary>
    public required string VerdictText { get; init; }

    public required ReportStatus Status { get; init; }

    /// <summary>Σ counted ÷ Σ nominated over the rows that count; null = it can't be said.</summary>
    public decimal? Score { get; init; }

    /// <summary>Of rows that are measured, whether they count or not; load above the baseline subtracts.</summary>
    public decimal DeliveredKwh { get; init; }

    /// <summary>What the score counts: after cap and floor, of rows that count.</summary>
    public decimal CountedKwh { get; init; }

    /// <summary>Of rows that count, those without data included.</summary>
    public decimal NominatedKwh { get; init; }

    public required LimitVerdict Limit { get; init; }
    public required ComplianceEvidence Evidence { get; init; }

    /// <summary>SHA-256 over the report's canonical JSON without this member; what is signed.</summary>
    public string Hash { get; init; } = string.Empty;
}

/// <summary>What is written above the table.</summary>
public sealed record ComplianceHead
{
    public required string ProgramCode { get; init; }
    public required string Source { get; init; }
    public required string SiteId { get; init; }
    public required string SiteName { get; init; }
    public string? EnrollmentId { get; init; }
    public ValueList<EventRevision> Revisions { get; init; } = [];

    /// <summary>At this site, with the offset drawn for it.</summary>
    public required Instant From { get; init; }

    /// <summary>Exclusive; null = it goes on until it is cancelled.</summary>
    public Instant? Until { get; init; }

    /// <summary>IANA.</summary>
    public required string Zone { get; init; }

    /// <summary>The window in the site's time with abbreviation and offset, and in UTC.</summary>
    public required string WindowText { get; init; }

    /// <summary>Seconds between the announcement and the start; negative where it was announced afterwards.</summary>
    public required long NoticeSeconds { get; init; }

    public required SiteOpt Opt { get; init; }
    public Excuse? Excuse { get; init; }
    public LimitDelivery? Delivery { get; init; }
    public ValueList<LineLoss> LineLosses { get; init; } = [];
    public string? BaselineRule { get; init; }

    /// <summary>The name of the rule that gave the baseline; absent = none did, or it is not known.</summary>
    public string? BaselineUsed { get; init; }

    /// <summary>Why that one is used in the place of the program's own; absent = it is the program's own.</summary>
    public string? BaselineFallback { get; init; }
    public decimal? NominatedKw { get; init; }
    public required Instant MadeAt { get; init; }
}

/// <summary>One settlement interval, [<see cref="From"/>, <see cref="Until"/>). Powers are means; null = not known.</summary>
public sealed record ComplianceRow
{
    public required Instant From { get; init; }
    public required Instant Until { get; init; }
    public decimal? BaselineKw { get; init; }

    /// <summary>Net, + = import.</summary>
    public decimal? ActualKw { get; init; }

    /// <summary>Baseline less actual.</summary>
    public decimal? DeliveredKw { get; init; }

    public decimal? NominatedKw { get; init; }

    /// <summary>The lowest import limit in the interval, W; null with <see cref="LimitKnown"/> = none was stated.</summary>
    public long? LimitW { get; init; }

    /// <summary>Whether it is known for the whole interval what limits held.</summary>
    public bool LimitKnown { get; init; }

    /// <summary>Energy above the limits, import and export; null = not known.</summary>
    public decimal? OverLimitKwh { get; init; }

    /// <summary>Of the actual power.</summary>
    public required DataQuality Quality { get; init; }

    /// <summary>The worst of actual and baseline: what the delivered power rests on.</summary>
    public required DataQuality DeliveredQuality { get; init; }

    /// <summary>Whether the interval is part of the score.</summary>
    public required bool Counts { get; init; }

    [JsonIgnore]
    public decimal Hours => (decimal)(Until - From).TotalSeconds / 3600;
}

public enum ComplianceVerdict
{
    Met,
    Partly,
    Missed,
    OptedOut,
    Excused,
    NoData,

    /// <summary>The event is not over, or data that may still come would change it.</summary>
    Provisional,
}

/// <summary>Final: complete meter data after the days of finality. Everything else is preliminary.</summary>
public enum ReportStatus
{
    Preliminary,
    Final,
}

/// <summary>Whether the limits were kept throughout.</summary>
public enum LimitAnswer
{
    Yes,
    No,

    /// <summary>No excess was seen, and not all of the window was measured under known limits.</summary>
    Unknown,
}

/// <summary>Limits and what was drawn or fed in above them.</summary>
/// <param name="Respected">The answer.</param>
/// <param name="OverSeconds">How long the power was above a limit, as far as it was measured.</param>
/// <param name="OverWh">The energy above it.</param>
/// <param name="UnknownSeconds">How long power or limits are not known.</param>
/// <param name="WindowSeconds">Of the window so far.</param>
/// <param name="IsStated">False: no limit was ever stated in the window, so there was none to keep.</param>
public sealed record LimitVerdict(LimitAnswer Respected, decimal OverSeconds, decimal OverWh, decimal UnknownSeconds, decimal WindowSeconds, bool IsStated);

/// <summary>What proves the report: SHA-256 of the data in canonical form, and of the utility's messages.</summary>
public sealed record ComplianceEvidence
{
    public ValueList<string> Messages { get; init; } = [];
    public required string MeterHash { get; init; }
    public required string TelemetryHash { get; init; }
    public required string BaselineHash { get; init; }
    public required string LimitsHash { get; init; }
    public required string ReceiptsHash { get; init; }
    public int Receipts { get; init; }
    public int Readings { get; init; }
    public int MeterIntervals { get; init; }
}
