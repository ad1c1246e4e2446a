using GridServices.OpenAdr.Codec;
using GridServices.OpenAdr.Configuration;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Reports;

/// <summary>Reports about the past. What is kept, or was fetched, is given: a period that reaches further back is cut, not refused.</summary>
/// <remarks>
/// <code>
///   dtstart        first point kept                     end (or now)
///   ──┼─────────────────┼═══════╪═══════╪═══gap════╪═══════┼──▶ t
///     │ not told: none  │     one interval each, a gap marked bad
/// </code>
/// </remarks>
internal static class History
{
    private static readonly Duration OneSecond = Duration.FromSeconds(1);

    public static (ScheduledReport? Report, (int Code, string Text)? Fault) CreateReport(ValidReportRequest request, Instant now)
    {
        // OpenADR 2.0b rule 324: a history that is sent once says of which period.
        if (request.Start is null && request.ReportBack == Duration.Zero)
        {
            return Refuse("a history that is sent once needs a reportInterval with its dtstart");
        }

        // OpenADR 2.0b rule 325: without a duration it lasts until now, or, sent again and again, for ever.
        var start = request.Start ?? now;
        Instant? until = request.Start is not null && request.Length > Duration.Zero ? start + request.Length : request.ReportBack == Duration.Zero ? now : null;
        return until <= start
            ? Refuse("the history's dtstart is not in the past, and no duration says until when it lasts")
            : (request.From(start, DueAt(request, start, until, now), until), null);
    }

    /// <summary>The period that a message tells, half-open, and the length of its intervals.</summary>
    public static (Instant From, Instant Until, Duration Step) ComputePeriod(VenConfig config, VenState state, ScheduledReport report)
    {
        if (report.Fetched?.Grid is { } grid)
        {
            return (grid.From, grid.Until, grid.Step);
        }

        var channels = Channels.GetAll(config, report);
        var until = GetEnd(report);
        if (channels.Select(c => ReportBuffer.First(state, c.RId, report.CoveredUntil, until)).OfType<ReportPoint>().MinBy(p => p.At) is not { At: var first })
        {
            // OpenADR 2.0b rule 318: one interval stands for all that is not there.
            return (report.CoveredUntil, until, Duration.Max(until - report.CoveredUntil, OneSecond));
        }

        var step = report.Granularity > Duration.Zero ? report.Granularity : channels.Min(c => c.SamplingInterval);
        var from = report.Granularity > Duration.Zero ? report.CoveredUntil + (step * (long)((first - report.CoveredUntil) / step)) : first;

        // Gaps are filled in, so a long one could make a message longer than all that is kept; a feed has no filling.
        var tooMany = (long)Math.Ceiling((until - from) / step) - Channels.BufferPoints(config);
        return (tooMany > 0 && report.Kind == ReportKind.HistoryUsage ? from + (step * tooMany) : from, until, step);
    }

    /// <summary>End of the period that the next message tells, exclusive.</summary>
    public static Instant GetEnd(ScheduledReport report) => report.Until is { } end && end < report.Due ? end : report.Due;

    /// <summary>What came for a message; nothing, where it was sent or cancelled meanwhile.</summary>
    public static void Process(StepContext context, VenInput.PastFetched input)
    {
        context.State = context.State with
        {
            Reports = context.State.Reports.Select(r => r.ReportRequestId == input.ReportRequestId && r.Due == input.Due && Channels.IsHistory(r.Kind) && r.Fetched is null
                ? r with { Fetched = input.Past }
                : r).ToValueList(),
        };
    }

    /// <summary>The state as it would be if the points fetched were kept beside those that are.</summary>
    public static VenState WithFetched(VenState state, ScheduledReport report)
    {
        var points = state.Points;
        foreach (var (rId, fetched) in report.Fetched?.Sampled ?? [])
        {
            var kept = points.GetValueOrDefault(rId) ?? [];
            points = points.SetItem(rId, kept.Concat(fetched).DistinctBy(p => p.At).OrderBy(p => p.At).ToValueList());
        }

        return ReferenceEquals(points, state.Points) ? state : state with { Points = points };
    }

    // A period that is not over is waited for.
    private static Instant DueAt(ValidReportRequest request, Instant start, Instant? until, Instant now)
    {
        var due = request.ReportBack == Duration.Zero ? until!.Value : Instant.Max(start, now) + request.ReportBack;
        return Instant.Max(until is { } end && end < due ? end : due, now);
    }

    private static (ScheduledReport?, (int, string)?) Refuse(string text) => (null, (OadrCodes.ComplianceError, text));
}
