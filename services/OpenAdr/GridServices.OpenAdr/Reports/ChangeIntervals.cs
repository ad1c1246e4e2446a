using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Reports;

/// <summary>Reports on change: one interval, without duration, per instant at which something changed.</summary>
internal static class ChangeIntervals
{
    /// <summary>A status that is older than so many sampling intervals says that the site is not online any more.</summary>
    private const int FreshFor = 3;

    // OpenADR 2.0b rule 317: granularity zero reports changes only; a window without any says that the previous value holds.
    public static ValueList<ReportInterval> Create(VenConfig config, VenState state, ScheduledReport report)
    {
        var times = Channels.GetAll(config, report).SelectMany(c => Changes(state, c, report)).Distinct().Order();
        var intervals = times.Select(at => At(config, state, report, at)).ToValueList();
        return intervals.Count > 0 ? intervals : [At(config, state, report, report.CoveredUntil)];
    }

    public static bool IsFresh(ReportConfig channel, ReportPoint point, Instant at) => at - point.At < channel.SamplingInterval * FreshFor;

    private static ReportInterval At(VenConfig config, VenState state, ScheduledReport report, Instant at) =>
        new(at, null, null, report.RIds.Select(rId => Payload(config, state, report, rId, at)).ToValueList(), []);

    // Of several channels those that did not change then hold the value before, and say so.
    private static ReportPayload Payload(VenConfig config, VenState state, ScheduledReport report, string rId, Instant at)
    {
        var channel = Channels.Find(config, report.Kind, rId);
        var point = channel is null ? null : ReportBuffer.Last(state, rId, at - Channels.GetBufferLength(config, channel), at + Duration.Epsilon);
        var isOver = point is not null && channel!.Kind == ReportKind.TelemetryStatus && !IsFresh(channel, point, at);
        var isNew = point?.At == at && at >= From(report, rId) && at < report.Due;
        return ReportWriter.Payload(report.Kind, rId, isOver ? null : point, isNew ? DataQuality.Good : DataQuality.PreviousValueUsed);
    }

    private static IEnumerable<Instant> Changes(VenState state, ReportConfig channel, ScheduledReport report)
    {
        ReportPoint? before = null;
        foreach (var (at, point) in Course(channel, state.Points.GetValueOrDefault(channel.RId) ?? []))
        {
            if (at >= From(report, channel.RId) && at < report.Due && (before?.Value, before?.ManualOverride) != (point?.Value, point?.ManualOverride))
            {
                yield return at;
            }

            before = point;
        }
    }

    /// <summary>What a message of the report leaves behind: a reading that arrives after it went out, of a time before, is a change that nobody was told of.</summary>
    public static ValueList<ToldChange> GetSentChanges(VenConfig config, VenState state, ScheduledReport report) => report.Granularity != Duration.Zero || Channels.IsHistory(report.Kind) ? [] :
    [
        .. from channel in Channels.GetAll(config, report)
           let last = Course(channel, state.Points.GetValueOrDefault(channel.RId) ?? []).Select(c => c.At).Where(at => at < report.Due).DefaultIfEmpty(Instant.MinValue).Max()
           select new ToldChange(channel.RId, Instant.Max(last, report.Told.FirstOrDefault(t => t.RId == channel.RId)?.At ?? report.CoveredUntil - Duration.Epsilon)),
    ];

    private static Instant From(ScheduledReport report, string rId) =>
        report.Told.FirstOrDefault(t => t.RId == rId) is { } told ? Instant.Min(told.At + Duration.Epsilon, report.CoveredUntil) : report.CoveredUntil;

    /// <summary>The points, and of a status the moments from which the site is silent (null).</summary>
    private static IEnumerable<(Instant At, ReportPoint? Point)> Course(ReportConfig channel, ValueList<ReportPoint> points)
    {
        for (var i = 0; i < points.Count; i++)
        {
            yield return (points[i].At, points[i]);
            var silentFrom = points[i].At + (channel.SamplingInterval * FreshFor);
            if (channel.Kind == ReportKind.TelemetryStatus && (i + 1 == points.Count || points[i + 1].At > silentFrom))
            {
                yield return (silentFrom, null);
            }
        }
    }
}
