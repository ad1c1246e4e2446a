using GridServices.OpenAdr.Configuration;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Reports;

/// <summary>A report request whose IDs and durations are in order.</summary>
/// <param name="ReportRequestId">Its name.</param>
/// <param name="Kind">What is asked for.</param>
/// <param name="Channels">In the order asked, each once.</param>
/// <param name="Granularity">Zero: on change; of a history: as it is kept.</param>
/// <param name="ReportBack">Zero: once.</param>
/// <param name="Start">dtstart of the reportInterval; null: there is none.</param>
/// <param name="Length">Duration of the reportInterval; zero: none is said.</param>
internal sealed record ValidReportRequest(
    string ReportRequestId, ReportKind Kind, List<ReportConfig> Channels, Duration Granularity, Duration ReportBack, Instant? Start, Duration Length)
{
    public ScheduledReport From(Instant start, Instant due, Instant? until) => new()
    {
        ReportRequestId = ReportRequestId,
        Kind = Kind,
        RIds = Channels.Select(c => c.RId).ToValueList(),
        Granularity = Granularity,
        ReportBack = ReportBack,
        CoveredUntil = start,
        Due = due,
        Until = until,
    };
}
