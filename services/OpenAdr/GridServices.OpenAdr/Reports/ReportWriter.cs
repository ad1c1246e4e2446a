using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Session;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Reports;

/// <summary>Report data as a message (OpenADR 2.0b rules 313, 314, 315, 317, 318).</summary>
internal static class ReportWriter
{
    public static OadrUpdateReport Write(VenConfig config, VenState state, PendingRequest.SendReport item, string requestId, Instant now)
    {
        var report = state.Reports.First(r => r.ReportRequestId == item.ReportRequestId && r.Due == item.Due);
        var intervals = IntervalsOf(config, state, report, now);

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
                    Duration = report.ReportBack == Duration.Zero ? null : (report.Due - report.CoveredUntil).ToPeriod(),
                    Intervals = intervals,
                    ReportRequestId = report.ReportRequestId,
                    ReportSpecifierId = Channels.SpecifierOf(report.Kind),

                    // OpenADR 2.0b rule 313: the name without the METADATA prefix.
                    ReportName = Channels.NameOf(report.Kind),
                    CreatedDateTime = now,
                },
            ],
        };
    }

    // OpenADR 2.0b rule 324: report-back zero: one interval with what is known now, whatever the granularity.
    private static ValueList<ReportInterval> IntervalsOf(VenConfig config, VenState state, ScheduledReport report, Instant now) =>
        report.ReportBack == Duration.Zero ? [Snapshot(config, state, report, now)]
        : report.Granularity == Duration.Zero ? OnChange(config, state, report)
        : Periodic(config, state, report);

    private static ReportInterval Snapshot(VenConfig config, VenState state, ScheduledReport report, Instant now) =>
        new(now, null, null, report.RIds.Select(rId => Latest(config, state, report.Kind, rId, now)).ToValueList(), []);

    private static ValueList<ReportInterval> Periodic(VenConfig config, VenState state, ScheduledReport report)
    {
        var intervals = new List<ReportInterval>();
        for (var from = report.CoveredUntil; from < report.Due || intervals.Count == 0; from += report.Granularity)
        {
            var (begin, end) = (from, Instant.Max(from + Duration.FromSeconds(1), Instant.Min(from + report.Granularity, report.Due)));
            var payloads = report.RIds.Select(rId => Within(config, state, report.Kind, rId, begin, end));
            intervals.Add(new ReportInterval(begin, (end - begin).ToPeriod(), null, payloads.ToValueList(), []));
        }

        return intervals.ToValueList();
    }

    // OpenADR 2.0b rule 317: a reading that is still on its way, or fell just outside, leaves the value before it, marked as such.
    private static ReportPayload Within(VenConfig config, VenState state, ReportKind kind, string rId, Instant from, Instant until)
    {
        if (Channels.Of(config, kind, rId) is not { } channel)
        {
            return Payload(kind, rId, null, DataQuality.BadCommFailure);
        }

        return ReportBuffer.LastOver(state, channel, from, until) is { } point
            ? Payload(kind, rId, point, DataQuality.Good)
            : Payload(kind, rId, ReportBuffer.Last(state, rId, from - (channel.SamplingInterval * 2), from), DataQuality.PreviousValueUsed);
    }

    // OpenADR 2.0b rule 317: granularity zero reports changes only; a window without any says that the previous value holds.
    private static ValueList<ReportInterval> OnChange(VenConfig config, VenState state, ScheduledReport report)
    {
        var times = report.RIds.SelectMany(rId => Changes(state, rId, report)).Distinct().Order();
        var intervals = times.Select(at => At(config, state, report, at, DataQuality.Good)).ToValueList();
        return intervals.Count > 0 ? intervals : [At(config, state, report, report.CoveredUntil, DataQuality.PreviousValueUsed)];
    }

    private static ReportInterval At(VenConfig config, VenState state, ScheduledReport report, Instant at, string quality) =>
        new(at, null, null, report.RIds.Select(rId => Payload(report.Kind, rId, Known(config, state, report.Kind, rId, at), quality)).ToValueList(), []);

    private static IEnumerable<Instant> Changes(VenState state, string rId, ScheduledReport report)
    {
        ReportPoint? before = null;
        foreach (var point in state.Points.GetValueOrDefault(rId) ?? [])
        {
            if (point.At >= report.CoveredUntil && point.At < report.Due && (before?.Value != point.Value || before?.ManualOverride != point.ManualOverride))
            {
                yield return point.At;
            }

            before = point;
        }
    }

    private static ReportPayload Latest(VenConfig config, VenState state, ReportKind kind, string rId, Instant now)
    {
        var point = Known(config, state, kind, rId, now);
        var fresh = point is not null && Channels.Of(config, kind, rId) is { } channel && now - point.At <= channel.SamplingInterval * 3;
        return kind == ReportKind.TelemetryStatus && !fresh
            ? Payload(kind, rId, null, DataQuality.Good)
            : Payload(kind, rId, point, fresh ? DataQuality.Good : DataQuality.BadLastKnownValue);
    }

    private static ReportPoint? Known(VenConfig config, VenState state, ReportKind kind, string rId, Instant at)
    {
        var reach = Channels.Of(config, kind, rId) is { } channel ? Channels.Kept(config, channel) : Duration.Zero;
        return ReportBuffer.Last(state, rId, at - reach, at + Duration.Epsilon);
    }

    // OpenADR 2.0b rule 318: where there is no value a placeholder stands, marked as bad.
    private static ReportPayload Payload(ReportKind kind, string rId, ReportPoint? point, string quality) => kind == ReportKind.TelemetryStatus
        ? new ReportPayload
        {
            RId = rId,
            Status = new ResourceStatus(point is not null, point?.ManualOverride ?? false, null),
            Quality = point is null ? DataQuality.BadCommFailure : quality,
        }
        : new ReportPayload { RId = rId, Value = point?.Value ?? 0, Quality = point?.Value is null ? DataQuality.BadCommFailure : quality };
}
