using GridServices.OpenAdr.Codec;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Session;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Reports;

/// <summary>METADATA that the VTN wants again and again, until its interval ends or it is cancelled.</summary>
internal static class MetadataSchedule
{
    private static readonly Duration Shortest = Duration.FromSeconds(1);

    /// <returns>When it goes out, or why it can't; the first one at once or at its dtstart.</returns>
    public static (ScheduledMetadata? Metadata, (int Code, string Text)? Fault) Create(ReportRequest request, Instant now)
    {
        var specifier = request.Specifier;
        var start = specifier.ReportInterval?.Start;
        if (ReportRules.Length(specifier.ReportBackDuration) is not { } each || ReportRules.Length(specifier.ReportInterval?.Duration ?? Period.Zero) is not { } length || !ReportRules.IsInCalendar(start))
        {
            return (null, (OadrCodes.ComplianceError, "reportBackDuration and duration of METADATA must be exact, positive and at most ten years, its dtstart within 2000..2200"));
        }

        // OpenADR 2.0b rule 325: the start may be in the future; duration zero is for ever.
        Instant? until = length == Duration.Zero ? null : start + length;
        return each < Shortest ? (null, (OadrCodes.InvalidData, "reportBackDuration is below one second"))
            : (new ScheduledMetadata(request.ReportRequestId, each, start > now ? start.Value : now, until) { PlannedAt = now }, null);
    }

    /// <summary>The next one, and when; one that was sent in vain and is owed already is none.</summary>
    public static (PendingRequest.PublishMetadata Item, Instant Due)? Next(VenState state)
    {
        ScheduledMetadata? next = null;
        foreach (var metadata in state.Metadata)
        {
            if ((next is null || metadata.Due < next.Due) && !state.Owed.Any(o => o is PendingRequest.PublishMetadata { ReportRequestId: { } id } && id == metadata.ReportRequestId))
            {
                next = metadata;
            }
        }

        return next is null ? null : (new PendingRequest.PublishMetadata(next.ReportRequestId), next.Due);
    }

    /// <summary>It went out, or it is owed now; those that were missed meanwhile are not made up for.</summary>
    public static void Advance(StepContext context, string? reportRequestId)
    {
        if (context.State.Metadata.FirstOrDefault(m => m.ReportRequestId == reportRequestId && m.Due <= context.Now) is not { } sent)
        {
            return;
        }

        var due = sent.Due + (sent.ReportBack * ((long)((context.Now - sent.Due) / sent.ReportBack) + 1));
        ScheduledMetadata? following = due >= sent.Until ? null : sent with { Due = due, PlannedAt = context.Now };
        context.State = context.State with { Metadata = context.State.Metadata.Select(m => m == sent ? following : m).OfType<ScheduledMetadata>().ToValueList() };
    }

    /// <summary>It was sent in vain: from now on it is owed like any other message.</summary>
    public static PendingRequest Enqueue(StepContext context, PendingRequest.PublishMetadata item)
    {
        var owed = Delivery.Dated(context, item);
        context.Enqueue(owed);
        Advance(context, item.ReportRequestId);
        return owed;
    }
}
