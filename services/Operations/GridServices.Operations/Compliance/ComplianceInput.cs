using GridServices.Contracts;
using GridServices.Operations.Events;
using GridServices.Operations.Programs;
using NodaTime;

namespace GridServices.Operations.Compliance;

/// <summary>What a program counts as compliance.</summary>
public enum ComplianceMeasure
{
    /// <summary>Baseline less actual, against the nomination.</summary>
    Reduction,

    /// <summary>Actual at or below the firm service level.</summary>
    FirmServiceLevel,

    /// <summary>The published limit was kept; nothing is nominated.</summary>
    LimitKept,
}

/// <summary>How an enrollment's event is judged. Ratios: 1 = all that was nominated.</summary>
public sealed record ComplianceTerms
{
    public required string ProgramCode { get; init; }
    public ComplianceMeasure Measure { get; init; } = ComplianceMeasure.Reduction;

    /// <summary>Of the settlement: 5, 15, 30 or 60; divides the hour.</summary>
    public required int IntervalMinutes { get; init; }

    /// <summary>Null: nothing was nominated, and there is no score.</summary>
    public decimal? NominatedKw { get; init; }

    public decimal? FirmServiceLevelKw { get; init; }

    /// <summary>Most that an interval counts, as a ratio; null = no cap.</summary>
    public decimal? ScoreCap { get; init; }

    /// <summary>Least that an interval counts, as a ratio; below 0 where load above the baseline is held against the site. An interval without data counts as this.</summary>
    public decimal ScoreFloor { get; init; }

    /// <summary>Minutes after the start that do not count; they are shown.</summary>
    public int RampMinutes { get; init; }

    /// <summary>Whether energy that was estimated rather than measured counts as delivered.</summary>
    public bool EstimatesCount { get; init; }

    /// <summary>Days after the end until meter data are final; null = not known, so that nothing becomes final.</summary>
    public int? DataFinalityDays { get; init; }

    /// <summary>Accuracy of the power measurement: what is above a limit by no more than this is not held against the site.</summary>
    public long ToleranceW { get; init; }

    /// <summary>A reading says what the power is for at most so long.</summary>
    public Duration ReadingHolds { get; init; } = Duration.FromMinutes(5);

    /// <summary>As a template says it: a firm service level where one was agreed, delivery where there is a baseline, the limit alone otherwise.</summary>
    /// <param name="template">The enrollment's.</param>
    /// <param name="nominatedKw">For the event.</param>
    /// <param name="firmServiceLevelKw">For the event.</param>
    /// <param name="meterMinutes">Of the meter's intervals; null = not known, and 15 is taken.</param>
    public static ComplianceTerms From(ProgramTemplate template, decimal? nominatedKw, decimal? firmServiceLevelKw, int? meterMinutes) => new()
    {
        ProgramCode = template.Code,
        Measure = firmServiceLevelKw is not null ? ComplianceMeasure.FirmServiceLevel : template.Baseline is not null ? ComplianceMeasure.Reduction : ComplianceMeasure.LimitKept,
        IntervalMinutes = (meterMinutes ?? 15) is var minutes && minutes <= 60 && 60 % minutes == 0 ? minutes : 60,
        NominatedKw = nominatedKw,
        FirmServiceLevelKw = firmServiceLevelKw,
        DataFinalityDays = template.DataFinalityDays?.Value,
    };
}

/// <summary>How well a number is known, the best first.</summary>
public enum DataQuality
{
    Metered,
    Telemetry,
    Estimated,
    Missing,
}

/// <summary>Net energy of a meter over [<see cref="From"/>, <see cref="Until"/>), + = import; null = no reading.</summary>
/// <param name="From">Start.</param>
/// <param name="Until">End, exclusive.</param>
/// <param name="Kwh">The energy.</param>
/// <param name="IsEstimate">The utility or we put it in; nobody measured it.</param>
public sealed record MeterInterval(Instant From, Instant Until, decimal? Kwh = null, bool IsEstimate = false);

/// <summary>Mean power that would have flowed over [<see cref="From"/>, <see cref="Until"/>).</summary>
public sealed record BaselineInterval(Instant From, Instant Until, decimal Kw, DataQuality Quality = DataQuality.Metered)
{
    /// <summary>From an answer of <c>POST /v1/baselines</c>: starts, intervalMinutes, adjustedKw and baselineSource, in the service's words.</summary>
    /// <exception cref="ArgumentException">The lists are not of one length.</exception>
    public static IReadOnlyList<BaselineInterval> Create(IReadOnlyList<Instant> starts, int minutes, IReadOnlyList<decimal> kw, IReadOnlyList<string> sources) =>
        starts.Count == kw.Count && kw.Count == sources.Count
            ? [.. starts.Select((from, i) => new BaselineInterval(from, from + Duration.FromMinutes(minutes), kw[i], ParseQuality(sources[i])))]
            : throw new ArgumentException("a baseline has one start, one power and one source per interval", nameof(kw));

    /// <summary>A word that is not known is no measurement.</summary>
    private static DataQuality ParseQuality(string source) => source switch
    {
        "meter" => DataQuality.Metered,
        "telemetry" => DataQuality.Telemetry,
        "estimate" => DataQuality.Estimated,
        _ => DataQuality.Missing,
    };
}

/// <summary>When the limit went through which hands; null = it is not known to have got there.</summary>
public sealed record LimitDelivery(Instant? ToldAt = null, Instant? PublishedAt = null, Instant? ReceivedAt = null);

/// <summary>A span in which the controller was without the hub, or on its fail-safe.</summary>
public sealed record LineLoss(Instant From, Instant Until, bool OnFailsafe);

/// <summary>A person's decision that the event is not held against the site.</summary>
public sealed record Excuse(string ReasonCode, string By, Instant At, string? Text = null);

/// <summary>Everything that a report is made of. Times are half-open.</summary>
public sealed record ComplianceInput
{
    public required Event Event { get; init; }
    public required string SiteId { get; init; }
    public required string SiteName { get; init; }

    /// <summary>The site's zone.</summary>
    public required DateTimeZone Zone { get; init; }

    public required ComplianceTerms Terms { get; init; }

    /// <summary>Which rule the baseline is of.</summary>
    public string? BaselineRule { get; init; }

    /// <summary>The name of the rule that gave it; null = none did, or it is not known.</summary>
    public string? BaselineUsed { get; init; }

    /// <summary>Why that one is used in the place of the program's own; null = it is the program's own.</summary>
    public string? BaselineFallback { get; init; }

    public IReadOnlyList<BaselineInterval> Baseline { get; init; } = [];
    public IReadOnlyList<MeterInterval> Meter { get; init; } = [];

    /// <summary>There is a meter, and who keeps its intervals could not be asked: that none are here says nothing.</summary>
    public bool IsMeterUnknown { get; init; }

    /// <summary>Of the site's connection point; those of assets are left out.</summary>
    public IReadOnlyList<Reading> Readings { get; init; } = [];

    public IReadOnlyList<Receipt> Receipts { get; init; } = [];

    /// <summary>The limits that really held, without a gap (<see cref="LimitTimeline"/>); what they do not cover is unknown.</summary>
    public IReadOnlyList<LimitStep> Limits { get; init; } = [];

    public LimitDelivery? Delivery { get; init; }
    public IReadOnlyList<LineLoss> LineLosses { get; init; } = [];
    public Excuse? Excuse { get; init; }
    public required Instant Now { get; init; }
}
