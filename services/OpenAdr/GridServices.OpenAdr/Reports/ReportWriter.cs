using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Session;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Reports;

/// <summary>Report data as a message (OpenADR 2.0b rules 313, 314, 315, 316, 317, 318, 337, 342).</summary>
internal static class ReportWriter
{
    public static OadrUpdateReport Write(VenConfig config, VenState state, PendingRequest.SendReport item, string requestId, Instant now)
    {
        var report = state.Reports.First(r => r.ReportRequestId == item.ReportRequestId && r.Due == item.Due);
        var intervals = CreateIntervals(config, History.WithFetched(state, report), report, now);

        // OpenADR 2.0b rules 314, 315: the report starts with its first interval, oldest first, and states the period it covers.
        return new OadrUpdateReport
        {
            RequestId = requestId,
            VenId = state.Registration?.VenId,
            Reports =
            [
                new OadrReport
                {
                    Start = intervals[0].Start,
                    Duration = ComputePeriod(report, intervals),
                    Intervals = intervals,
                    ReportRequestId = report.ReportRequestId,
                    ReportSpecifierId = Channels.GetSpecifier(report.Kind),

                    // OpenADR 2.0b rule 313: the name without the METADATA prefix.
                    ReportName = Channels.GetName(report.Kind),
                    CreatedDateTime = now,
                },
            ],
        };
    }

    // OpenADR 2.0b rule 318: where there is no value a placeholder stands, marked as bad. OpenADR 2.0b rule 334: no interval has an
    // oadrLoadControlState, so all have the same children.
    public static ReportPayload Payload(ReportKind kind, string rId, ReportPoint? point, string quality) => kind == ReportKind.TelemetryStatus
        ? new ReportPayload
        {
            RId = rId,
            Status = new ResourceStatus(point is not null, point?.ManualOverride ?? false, null),
            Quality = point is null ? DataQuality.BadCommFailure : quality,
        }
        : new ReportPayload { RId = rId, Value = point?.Value ?? 0, Quality = point?.Value is null ? DataQuality.BadCommFailure : quality };

    // OpenADR 2.0b rule 324: report-back zero: of telemetry one interval with what is known now, whatever the granularity.
    private static ValueList<ReportInterval> CreateIntervals(VenConfig config, VenState state, ScheduledReport report, Instant now) =>
        Channels.IsHistory(report.Kind) ? Past(config, state, report, now)
        : report.ReportBack == Duration.Zero ? [Snapshot(config, state, report, now)]
        : report.Granularity == Duration.Zero ? ChangeIntervals.Create(config, state, report)
        : Windows(config, state, report, (report.CoveredUntil, report.Due, report.Granularity));

    private static Period? ComputePeriod(ScheduledReport report, ValueList<ReportInterval> intervals) =>
        intervals[^1] is { Start: { } last, Duration: { } length } ? (last + length.ToDuration() - intervals[0].Start!.Value).ToPeriod()
        : report.ReportBack == Duration.Zero ? null
        : (report.Due - intervals[0].Start!.Value).ToPeriod();

    // OpenADR 2.0b rule 337: interval data that is sent once comes from the buffer, each interval with its duration.
    private static ValueList<ReportInterval> Past(VenConfig config, VenState state, ScheduledReport report, Instant now)
    {
        var period = History.ComputePeriod(config, state, report);
        return report.Kind == ReportKind.HistoryUsage
            ? Windows(config, state, report, period)
            : [new ReportInterval(period.From, (period.Until - period.From).ToPeriod(), null, [], GreenButtonFeeds.Write(config, state, report, period.From, period.Until, now))];
    }

    private static ReportInterval Snapshot(VenConfig config, VenState state, ScheduledReport report, Instant now) =>
        new(now, null, null, report.RIds.Select(rId => Latest(config, state, report.Kind, rId, now)).ToValueList(), []);

    // OpenADR 2.0b rules 316, 342: each interval has its dtstart, so none has a uid; all of a report have a duration, or (at points in time) none.
    private static ValueList<ReportInterval> Windows(VenConfig config, VenState state, ScheduledReport report, (Instant From, Instant Until, Duration Step) period)
    {
        var intervals = new List<ReportInterval>();
        var metered = new MeteredPayloads(config, state, report);
        for (var from = period.From; from < period.Until || intervals.Count == 0; from += period.Step)
        {
            var (begin, end) = (from, Instant.Max(from + Duration.FromSeconds(1), Instant.Min(from + period.Step, period.Until)));
            var payloads = report.RIds.Select(rId => metered.Within(rId, begin, end) ?? Within(config, state, report.Kind, rId, begin, end));
            intervals.Add(new ReportInterval(begin, (end - begin).ToPeriod(), null, payloads.ToValueList(), []));
        }

        return intervals.ToValueList();
    }

    // OpenADR 2.0b rule 317: a reading that is still on its way, or fell just outside, leaves the value before it, marked as such.
    private static ReportPayload Within(VenConfig config, VenState state, ReportKind kind, string rId, Instant from, Instant until)
    {
        if (Channels.Find(config, kind, rId) is not { } channel)
        {
            return Payload(kind, rId, null, DataQuality.BadCommFailure);
        }

        return ReportBuffer.LastOver(state, channel, from, until) is { } point
            ? Payload(kind, rId, point, DataQuality.Good)
            : Payload(kind, rId, ReportBuffer.Last(state, rId, from - (channel.SamplingInterval * 2), from), DataQuality.PreviousValueUsed);
    }

    private static ReportPayload Latest(VenConfig config, VenState state, ReportKind kind, string rId, Instant now)
    {
        var channel = Channels.Find(config, kind, rId);
        var point = channel is null ? null : ReportBuffer.Last(state, rId, now - Channels.GetBufferLength(config, channel), now + Duration.Epsilon);
        var isFresh = point is not null && ChangeIntervals.IsFresh(channel!, point, now);
        return kind == ReportKind.TelemetryStatus && !isFresh
            ? Payload(kind, rId, null, DataQuality.Good)
            : Payload(kind, rId, point, isFresh ? DataQuality.Good : DataQuality.BadLastKnownValue);
    }
}
