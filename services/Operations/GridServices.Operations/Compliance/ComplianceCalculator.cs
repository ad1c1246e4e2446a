using GridServices.Contracts;
using GridServices.Operations.Events;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations.Compliance;

/// <summary>Makes the compliance report of an event at a site. What was not measured never counts as delivered or as kept.</summary>
public static class ComplianceCalculator
{
    private const int Decimals = 6;

    /// <exception cref="ArgumentException">The site is not in the event, or the terms' interval does not divide the hour.</exception>
    public static ComplianceReport Report(ComplianceInput input)
    {
        var site = input.Event.Site(input.SiteId) ?? throw new ArgumentException("the site is not in the event", nameof(input));
        var over = FindEnd(input.Event, site);
        var (from, end) = (site.From, Instant.Max(site.From, over is { } o ? Instant.Min(o, input.Now) : input.Now));
        var actual = new ActualPower(input.Meter, input.Readings, input.Terms.ReadingHolds);
        var check = new LimitCheck(actual, input.Limits, input.Terms.ToleranceW);
        var spans = SettlementGrid.Create(from, end, input.Terms.IntervalMinutes, input.Zone);
        var rows = spans.Select(r => Row(input, actual, check, from, r.From, r.Until)).ToValueList();
        var limit = EvaluateLimit(check, spans, from, end, over <= input.Now);
        var judged = new ComplianceEvaluator(input, site, rows, limit, over).Evaluate();
        var report = new ComplianceReport
        {
            Head = CreateHead(input, site, over),
            Rows = rows,
            Verdict = judged.Verdict,
            VerdictText = judged.Text,
            Status = judged.Status,
            Score = judged.Score,
            DeliveredKwh = Round(rows.Sum(r => r.DeliveredKw * r.Hours) ?? 0),
            CountedKwh = Round(judged.CountedKwh),
            NominatedKwh = Round(rows.Where(r => r.Counts).Sum(r => r.NominatedKw * r.Hours) ?? 0),
            Limit = limit,
            Evidence = EvidenceHashes.Compute(input, from, end),
        };
        return report with { Hash = CanonicalJson.Sha256(report) };
    }

    /// <summary>Whether a report is as it was made.</summary>
    public static bool HashHolds(ComplianceReport report) => CanonicalJson.Sha256(report with { Hash = string.Empty }) == report.Hash;

    internal static decimal Round(decimal value) => decimal.Round(value, Decimals, MidpointRounding.ToEven);

    /// <summary>Where the event really ended for the site; null = it has not.</summary>
    private static Instant? FindEnd(Event e, EventSite site) =>
        e.CancelledAt is { } cancelled && !(cancelled >= site.Until) ? cancelled : site.Until;

    private static ComplianceRow Row(ComplianceInput input, ActualPower actual, LimitCheck check, Instant eventFrom, Instant from, Instant until)
    {
        var (baseline, power, use) = (BaselineOver(input.Baseline, from, until), actual.Over(from, until), check.Over(from, until));
        var (lowest, known) = check.Lowest(from, until);
        return new ComplianceRow
        {
            From = from,
            Until = until,
            BaselineKw = baseline.Kw is { } b ? Round(b) : null,
            ActualKw = power.Kw is { } a ? Round(a) : null,
            DeliveredKw = baseline.Kw - power.Kw is { } d ? Round(d) : null,
            NominatedKw = input.Terms.Measure == ComplianceMeasure.Reduction ? input.Terms.NominatedKw : null,
            LimitW = lowest,
            LimitKnown = known,
            OverLimitKwh = use.OverWattSeconds > 0 || use.UnknownSeconds == 0 ? Round(use.OverKwh) : null,
            Quality = power.Quality,
            DeliveredQuality = (DataQuality)Math.Max((int)power.Quality, (int)baseline.Quality),
            Counts = from >= eventFrom + Duration.FromMinutes(input.Terms.RampMinutes),
        };
    }

    private static KnownPower BaselineOver(IReadOnlyList<BaselineInterval> baseline, Instant from, Instant until)
    {
        var (at, sum, quality) = (from, 0m, DataQuality.Metered);
        foreach (var b in baseline.Where(b => b.From < until && b.Until > from && b.Quality != DataQuality.Missing).OrderBy(b => b.From))
        {
            var (start, end) = (Instant.Max(b.From, from), Instant.Min(b.Until, until));
            if (start != at)
            {
                return KnownPower.Missing;
            }

            sum += b.Kw * ActualPower.Seconds(start, end);
            quality = (DataQuality)Math.Max((int)quality, (int)b.Quality);
            at = end;
        }

        return at < until ? KnownPower.Missing : new KnownPower(sum / ActualPower.Seconds(from, until), quality);
    }

    private static LimitVerdict EvaluateLimit(LimitCheck check, IReadOnlyList<(Instant From, Instant Until)> spans, Instant from, Instant end, bool isOver)
    {
        // The whole window as well: a meter's interval may be longer than the settlement's, and is then inside none of them.
        var (rows, whole) = (spans.Aggregate(new LimitUse(), (sum, span) => sum + check.Over(span.From, span.Until)), from < end ? check.Over(from, end) : default);
        var (seconds, wattSeconds) = (Math.Max(rows.OverSeconds, whole.OverSeconds), Math.Max(rows.OverWattSeconds, whole.OverWattSeconds));
        var isStated = check.IsStated(from, end);
        var answer = wattSeconds > 0 ? LimitAnswer.No : whole.UnknownSeconds > 0 || !isOver || !isStated ? LimitAnswer.Unknown : LimitAnswer.Yes;
        return new LimitVerdict(answer, seconds, Round(wattSeconds / 3600), whole.UnknownSeconds, ActualPower.Seconds(from, end), isStated);
    }

    private static ComplianceHead CreateHead(ComplianceInput input, EventSite site, Instant? over) => new()
    {
        ProgramCode = input.Terms.ProgramCode,
        Source = input.Event.Source,
        SiteId = input.SiteId,
        SiteName = input.SiteName,
        EnrollmentId = site.EnrollmentId,
        Revisions = input.Event.Revisions,
        From = site.From,
        Until = over,
        Zone = input.Zone.Id,
        WindowText = ZonedText.SpanWithUtc(site.From, over, input.Zone),
        NoticeSeconds = (long)(site.From - input.Event.AnnouncedAt).TotalSeconds,
        Opt = site.Opt,
        Excuse = input.Excuse,
        Delivery = input.Delivery,
        LineLosses = input.LineLosses.Where(l => l.Until > site.From && !(l.From >= over)).OrderBy(l => l.From).ToValueList(),
        BaselineRule = input.BaselineRule,
        BaselineUsed = input.BaselineUsed,
        BaselineFallback = input.BaselineFallback,
        NominatedKw = input.Terms.NominatedKw,
        MadeAt = input.Now,
    };
}
