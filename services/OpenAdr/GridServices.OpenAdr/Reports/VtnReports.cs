using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Session;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Reports;

/// <summary>The VTN's METADATA, as the VEN asks for it: once or again and again, until it is cancelled.</summary>
internal static class VtnReports
{
    /// <summary>The VTN said whether it will send it.</summary>
    public static void Answered(StepContext context, PendingRequest.RequestVtnMetadata item, string reportRequestId, EiResponse response)
    {
        context.Complete(item);
        context.Inform(NoteKind.ReportRequested, $"The VTN answered the request for its METADATA with {ReplyHandler.Describe(response)}.");
        if (response.IsSuccess)
        {
            context.State = context.State with { VtnReports = [.. context.State.VtnReports, new VtnReport(reportRequestId, item.ReportBack)] };
        }
    }

    /// <summary>METADATA of the VTN came: what was asked for once is served.</summary>
    public static void Arrived(StepContext context, OadrRegisterReport metadata)
    {
        if (context.State.VtnReports.Any(r => IsServed(r, metadata)))
        {
            context.State = context.State with { VtnReports = context.State.VtnReports.Where(r => !IsServed(r, metadata)).ToValueList() };
        }
    }

    /// <summary>A person wants none of them any more.</summary>
    public static bool CanCancel(StepContext context)
    {
        if (context.State.VtnReports.Count == 0)
        {
            context.Warn(NoteKind.MessageIgnored, null, "There is nothing to cancel: the VTN owes no METADATA.");
        }

        return context.State.VtnReports.Count > 0;
    }

    /// <summary>The VTN has cancelled what was asked for, or (452) knew nothing of it.</summary>
    public static void Cancelled(StepContext context, PendingRequest.CancelVtnMetadata item, OadrCancelReport asked, EiResponse response)
    {
        context.Complete(item);
        if (response.IsSuccess || response.Code == Codec.OadrCodes.InvalidId)
        {
            context.State = context.State with { VtnReports = context.State.VtnReports.Where(r => !asked.ReportRequestIds.Contains(r.ReportRequestId)).ToValueList() };
        }

        context.Inform(NoteKind.ReportCancelled, $"The VTN answered the cancellation of its METADATA with {ReplyHandler.Describe(response)}.");
    }

    // OpenADR 2.0b rule 311: the request that it answers stands at its root.
    private static bool IsServed(VtnReport report, OadrRegisterReport metadata) =>
        report.ReportBack == Duration.Zero && report.ReportRequestId == metadata.ReportRequestId;
}
