using NodaTime;

namespace GridServices.OpenAdr.Reports;

/// <summary>METADATA that the VTN wants again and again.</summary>
/// <param name="ReportRequestId">The VTN's.</param>
/// <param name="ReportBack">How often.</param>
/// <param name="Due">When it goes out next.</param>
/// <param name="Until">After this no more; null: until it is cancelled.</param>
public sealed record ScheduledMetadata(string ReportRequestId, Duration ReportBack, Instant Due, Instant? Until)
{
    /// <summary>When <see cref="Due"/> was set; null: not noted.</summary>
    public Instant? PlannedAt { get; init; }
}
