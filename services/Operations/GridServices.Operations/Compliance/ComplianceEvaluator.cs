using System.Globalization;
using GridServices.Operations.Events;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations.Compliance;

/// <summary>What a report comes to.</summary>
internal readonly record struct Judgement(ComplianceVerdict Verdict, string Text, ReportStatus Status, decimal? Score, decimal CountedKwh);

/// <summary>Score, verdict and status from the rows. An interval without data counts as the least that the program counts, so missing data never help.</summary>
internal sealed class ComplianceEvaluator(ComplianceInput input, EventSite site, ValueList<ComplianceRow> rows, LimitVerdict limit, Instant? over)
{
    private ComplianceTerms Terms => input.Terms;

    private bool IsOver => over <= input.Now;

    private bool IsPastFinality => Terms.DataFinalityDays is { } days && over is { } end && input.Now >= end + Duration.FromDays(days);

    /// <summary>Better data may still come; where nobody says until when, none is waited for.</summary>
    private bool MayImprove => Terms.DataFinalityDays is not null && !IsPastFinality;

    private ComplianceRow[] Counted => [.. rows.Where(r => r.Counts)];

    public Judgement Evaluate()
    {
        var counted = Counted.Sum(CountedKwh);
        if (input.Excuse is { } excuse)
        {
            return Decided(ComplianceVerdict.Excused, $"excused ({excuse.ReasonCode})", counted);
        }

        if (over <= site.From)
        {
            return Decided(ComplianceVerdict.Excused, "excused (cancelled)", counted);
        }

        if (site.Opt.State == OptState.Out)
        {
            return Decided(ComplianceVerdict.OptedOut, "optedOut", counted);
        }

        var score = Score(counted) is { } s ? decimal.Round(s, 6, MidpointRounding.ToZero) : (decimal?)null;
        var verdict = ClassifyScore(score);
        return new Judgement(verdict, Text(verdict, score), IsFinal ? ReportStatus.Final : ReportStatus.Preliminary, score, counted);
    }

    private Judgement Decided(ComplianceVerdict verdict, string text, decimal counted) => new(verdict, text, IsOver ? ReportStatus.Final : ReportStatus.Preliminary, null, counted);

    private ComplianceVerdict ClassifyScore(decimal? score)
    {
        if (!IsOver)
        {
            return ComplianceVerdict.Provisional;
        }

        if (score is not { } ratio)
        {
            return MayImprove && HasMeasure ? ComplianceVerdict.Provisional : ComplianceVerdict.NoData;
        }

        return ratio >= 1 ? ComplianceVerdict.Met
            : MayImprove && !IsComplete ? ComplianceVerdict.Provisional
            : ratio > 0 ? ComplianceVerdict.Partly
            : ComplianceVerdict.Missed;
    }

    /// <summary>Whether there is anything to be held against; without it no data will ever give a score.</summary>
    private bool HasMeasure => Terms.Measure switch
    {
        ComplianceMeasure.Reduction => Terms.NominatedKw > 0,
        ComplianceMeasure.FirmServiceLevel => Terms.FirmServiceLevelKw is not null,
        _ => limit.IsStated,
    };

    private bool IsComplete => Terms.Measure == ComplianceMeasure.LimitKept ? limit.UnknownSeconds == 0 : Counted.All(IsUsable);

    private bool IsFinal => IsOver && !input.IsMeterUnknown && (Terms.Measure == ComplianceMeasure.LimitKept
        ? limit.UnknownSeconds == 0 && !MayImprove
        : IsPastFinality && Counted.Length > 0 && Counted.All(r => IsUsable(r) && GetQuality(r) != DataQuality.Telemetry));

    private decimal? Score(decimal countedKwh) => !HasMeasure ? null : Terms.Measure switch
    {
        ComplianceMeasure.Reduction => Counted.Any(IsUsable) ? countedKwh / Counted.Sum(r => Terms.NominatedKw!.Value * r.Hours) : null,
        ComplianceMeasure.FirmServiceLevel => Counted.Any(IsUsable) ? Counted.Where(IsBelowFirmLevel).Sum(r => r.Hours) / Counted.Sum(r => r.Hours) : null,
        _ => limit.UnknownSeconds < limit.WindowSeconds ? (limit.WindowSeconds - limit.UnknownSeconds - Math.Min(limit.OverSeconds, limit.WindowSeconds - limit.UnknownSeconds)) / limit.WindowSeconds : null,
    };

    private decimal CountedKwh(ComplianceRow row)
    {
        if (Terms.Measure != ComplianceMeasure.Reduction || Terms.NominatedKw is not > 0)
        {
            return 0;
        }

        var nominated = Terms.NominatedKw.Value;
        var ratio = !IsUsable(row) ? Math.Min(0, Terms.ScoreFloor)
            : Math.Max(Terms.ScoreFloor, Terms.ScoreCap is { } cap ? Math.Min(cap, row.DeliveredKw!.Value / nominated) : row.DeliveredKw!.Value / nominated);
        return ratio * nominated * row.Hours;
    }

    private bool IsUsable(ComplianceRow row) => GetQuality(row) switch
    {
        DataQuality.Metered or DataQuality.Telemetry => true,
        DataQuality.Estimated => Terms.EstimatesCount,
        _ => false,
    };

    private DataQuality GetQuality(ComplianceRow row) => Terms.Measure == ComplianceMeasure.Reduction ? row.DeliveredQuality : row.Quality;

    private bool IsBelowFirmLevel(ComplianceRow row) => IsUsable(row) && row.ActualKw <= Terms.FirmServiceLevelKw + Terms.ToleranceW / 1000m;

    private static string Text(ComplianceVerdict verdict, decimal? score) => verdict switch
    {
        ComplianceVerdict.Partly => string.Create(CultureInfo.InvariantCulture, $"partly ({Math.Floor(score!.Value * 100):0} %)"),
        _ => Contracts.EnumNames<ComplianceVerdict>.GetName(verdict),
    };
}
