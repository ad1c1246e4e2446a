using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Reports;

/// <summary>
/// Reports that were planned by a clock which was put back since: the moment at which they were planned is still to come. They are planned anew, from now;
/// what the VTN itself put into the future, a start or an end, stays.
/// </summary>
internal static class ReportClock
{
    /// <summary>Less is no clock put back, and delays a report by no more.</summary>
    private static readonly Duration Tolerance = Duration.FromMinutes(1);

    /// <summary>When <see cref="ReplanAhead"/> has something to do: now, or never.</summary>
    public static Instant DueAt(VenState state, Instant now) =>
        state.Reports.Any(r => IsAhead(r.PlannedAt, now)) || state.Metadata.Any(m => IsAhead(m.PlannedAt, now)) ? now : Instant.MaxValue;

    public static void ReplanAhead(StepContext context)
    {
        var now = context.Now;
        if (DueAt(context.State, now) != now)
        {
            return;
        }

        context.State = context.State with
        {
            Reports = context.State.Reports.Select(r => IsAhead(r.PlannedAt, now) ? Replan(r, now) : r).ToValueList(),
            Metadata = context.State.Metadata.Select(m => IsAhead(m.PlannedAt, now) ? Replan(m, now) : m).ToValueList(),
        };
        context.Warn(NoteKind.ReportRequested, null, "The clock was put back: reports that were planned by it are planned anew.");
    }

    private static ScheduledReport Replan(ScheduledReport report, Instant now)
    {
        var planned = report with { PlannedAt = now, AskedAt = Earlier(report.AskedAt, now), NotBefore = Earlier(report.NotBefore, now) };

        // One that is told once is due at a time that the VTN said; one that had not begun begins when the VTN wants.
        if (report.ReportBack == Duration.Zero || report.CoveredUntil > report.PlannedAt)
        {
            return planned;
        }

        var due = now + report.ReportBack;

        // What was fetched is of the period before.
        return planned with { Fetched = null, CoveredUntil = Instant.Min(report.CoveredUntil, now), Due = report.Until is { } until && until < due ? Instant.Max(until, now) : due };
    }

    private static ScheduledMetadata Replan(ScheduledMetadata metadata, Instant now) =>
        metadata.Due - metadata.PlannedAt > metadata.ReportBack ? metadata with { PlannedAt = now } : metadata with { PlannedAt = now, Due = Instant.Min(metadata.Due, now + metadata.ReportBack) };

    private static Instant? Earlier(Instant? at, Instant now) => at > now ? now : at;

    private static bool IsAhead(Instant? planned, Instant now) => planned > now + Tolerance;
}
