using GridServices.Operations.Events;
using NodaTime;

namespace GridServices.Operations.Compliance;

/// <summary>How far an event has come at a site: what a forecast goes on from.</summary>
public sealed record ForecastBasis
{
    /// <summary>Until when the rest counts.</summary>
    public required Instant At { get; init; }

    public required ComplianceMeasure Measure { get; init; }

    /// <summary>So far, 1 = all; null = nothing was measured, which counts as nothing, or nothing has passed yet.</summary>
    public decimal? Score { get; init; }

    /// <summary>What has passed, in hours, measured or not.</summary>
    public decimal ScoredHours { get; init; }

    /// <summary>Mean power that would have flowed in the latest interval; null = there is no baseline.</summary>
    public decimal? BaselineKw { get; init; }

    public decimal? NominatedKw { get; init; }

    /// <summary>Of a report that was made while the event is live.</summary>
    public static ForecastBasis From(ComplianceReport report, EventSite site, ComplianceMeasure measure) => new()
    {
        At = report.Head.MadeAt,
        Measure = measure,
        Score = report.Score,
        ScoredHours = measure == ComplianceMeasure.LimitKept ? report.Limit.WindowSeconds / 3600 : report.Rows.Where(r => r.Counts).Sum(r => r.Hours),
        BaselineKw = report.Rows.LastOrDefault(r => r.BaselineKw is not null)?.BaselineKw,
        NominatedKw = site.NominatedKw,
    };
}

/// <summary>Why no verdict can be forecast.</summary>
public enum ForecastGap
{
    /// <summary>Nothing was worked out for the site yet, or it is in no program.</summary>
    NoReport,

    /// <summary>The power now is not known.</summary>
    NoPower,

    NoBaseline,
    NothingNominated,

    /// <summary>It is not known which limit holds, or none does.</summary>
    NoLimit,
}

/// <summary>How an event will end at a site if it goes on as it is now; no promise. What was not measured so far counts as nothing, as in the report.</summary>
/// <param name="TargetKw">Net power that the site should not exceed, + = import; null = not known.</param>
/// <param name="DeliveredKw">Baseline less power now; null = there is no such measure, or it is not known.</param>
/// <param name="Score">At the end, 1 = all.</param>
/// <param name="Verdict">At the end; null = see <paramref name="Gap"/>.</param>
/// <param name="Gap">Why there is no verdict; null = there is one.</param>
public sealed record VerdictForecast(decimal? TargetKw, decimal? DeliveredKw, decimal? Score, ComplianceVerdict? Verdict, ForecastGap? Gap)
{
    /// <param name="basis">Null: nothing was worked out yet.</param>
    /// <param name="site">In the event.</param>
    /// <param name="until">The event's end there; null = it is open, and only what was so far and is now counts.</param>
    /// <param name="powerKw">Net power now, + = import; null = not known.</param>
    /// <param name="limitKw">The import limit that holds now; null = none, or not known.</param>
    public static VerdictForecast Compute(ForecastBasis? basis, EventSite site, Instant? until, decimal? powerKw, decimal? limitKw)
    {
        ArgumentNullException.ThrowIfNull(site);
        if (site.Opt.State == OptState.Out)
        {
            return new VerdictForecast(null, null, null, ComplianceVerdict.OptedOut, null);
        }

        return basis switch
        {
            null => Unknown(ForecastGap.NoReport, site.FirmServiceLevelKw),
            { Measure: ComplianceMeasure.Reduction } => Reduction(basis, until, powerKw),
            { Measure: ComplianceMeasure.FirmServiceLevel } => Below(basis, until, powerKw, site.FirmServiceLevelKw, ForecastGap.NothingNominated),
            _ => Below(basis, until, powerKw, limitKw, ForecastGap.NoLimit),
        };
    }

    private static VerdictForecast Reduction(ForecastBasis basis, Instant? until, decimal? powerKw)
    {
        var delivered = basis.BaselineKw - powerKw;
        if (basis.NominatedKw is not > 0)
        {
            return Unknown(ForecastGap.NothingNominated, null, delivered);
        }

        var target = basis.BaselineKw - basis.NominatedKw;
        return delivered is { } kw
            ? Extrapolate(target, delivered, basis, until, Math.Max(0, kw / basis.NominatedKw.Value))
            : Unknown(basis.BaselineKw is null ? ForecastGap.NoBaseline : ForecastGap.NoPower, target);
    }

    /// <summary>Each moment counts whole or not at all.</summary>
    private static VerdictForecast Below(ForecastBasis basis, Instant? until, decimal? powerKw, decimal? mostKw, ForecastGap without) =>
        mostKw is null ? Unknown(without, null)
        : powerKw is null ? Unknown(ForecastGap.NoPower, mostKw)
        : Extrapolate(mostKw, null, basis, until, powerKw <= mostKw ? 1 : 0);

    private static VerdictForecast Extrapolate(decimal? targetKw, decimal? deliveredKw, ForecastBasis basis, Instant? until, decimal ratioNow)
    {
        var left = until is { } end && end > basis.At ? (decimal)(end - basis.At).TotalSeconds / 3600 : 0;
        var passed = basis.ScoredHours;
        var score = decimal.Round(passed + left > 0 ? (((basis.Score ?? 0) * passed) + (ratioNow * left)) / (passed + left) : ratioNow, 6, MidpointRounding.ToZero);
        return new VerdictForecast(targetKw, deliveredKw, score, score >= 1 ? ComplianceVerdict.Met : score > 0 ? ComplianceVerdict.Partly : ComplianceVerdict.Missed, null);
    }

    private static VerdictForecast Unknown(ForecastGap gap, decimal? targetKw, decimal? deliveredKw = null) => new(targetKw, deliveredKw, null, null, gap);
}
