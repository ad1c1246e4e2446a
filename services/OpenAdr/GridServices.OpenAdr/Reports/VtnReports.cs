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

    /// <summary>A request that waited to ride on the answer to the VTN's METADATA; null: none did (OpenADR 2.0b rule 344).</summary>
    public static VtnReport? Ride(StepContext context)
    {
        if (context.State.Owed.FirstOrDefault(o => o is PendingRequest.RequestVtnMetadata { Rides: true }) is not PendingRequest.RequestVtnMetadata waiting)
        {
            return null;
        }

        // The answer has no requestID of ours to name it by, and to an answer that a push got the VTN says nothing: promised is what it does not refuse.
        var asked = new VtnReport($"ride-{context.Now.ToUnixTimeTicks()}", waiting.ReportBack);
        context.Complete(waiting);
        context.State = context.State with { VtnReports = [.. context.State.VtnReports, asked] };
        return asked;
    }

    /// <summary>The VTN answered a request that rode.</summary>
    public static void OnAnswered(StepContext context, PendingRequest.AcceptMetadata item, EiResponse response)
    {
        context.Complete(item);
        context.Inform(NoteKind.ReportRequested, $"The VTN answered the request for its METADATA with {ReplyHandler.Describe(response)}.");
        if (!response.IsSuccess)
        {
            Drop(context, item);
        }
    }

    /// <summary>What rode on a message that the VTN refused is not promised.</summary>
    public static void Drop(StepContext context, PendingRequest item)
    {
        if (item is PendingRequest.AcceptMetadata { Asks: { } asked } && context.State.VtnReports.Contains(asked))
        {
            context.State = context.State with { VtnReports = context.State.VtnReports.Where(r => r != asked).ToValueList() };
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

    /// <summary>A request that is given up without an answer: METADATA that the VTN may send again and again is to be cancelled like any other.</summary>
    public static void AddPresumed(StepContext context, PendingRequest item)
    {
        if (item is PendingRequest.RequestVtnMetadata { Rides: false } asked && asked.ReportBack > Duration.Zero && GetName(asked) is { } name)
        {
            context.State = context.State with { VtnReports = [.. context.State.VtnReports, new VtnReport(name, asked.ReportBack)] };
        }
    }

    /// <summary>A person wants none of them any more: requests that are still owed are dropped here.</summary>
    /// <returns>Whether the VTN has promised any or may have, and is to be told.</returns>
    public static bool Withdraw(StepContext context)
    {
        var waiting = context.State.Owed.OfType<PendingRequest.RequestVtnMetadata>().ToList();
        if (waiting.Count > 0)
        {
            // Whether it was sent before the process died nobody knows: of one that the VTN does not know it says 452, and that is done too.
            waiting.ForEach(context.Complete);
            waiting.ForEach(o => AddPresumed(context, o));
            context.Inform(NoteKind.ReportCancelled, "The request for METADATA of the VTN that waited is taken back.");
        }
        else if (context.State.VtnReports.Count == 0)
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

    // One that an older version owed is known by the number of its requestID, where it has one.
    private static string? GetName(PendingRequest.RequestVtnMetadata asked) => asked.ReportRequestId ?? (asked.Number is { } number ? $"req-{number}" : null);

    // OpenADR 2.0b rule 311: the request that it answers stands at its root.
    private static bool IsServed(VtnReport report, OadrRegisterReport metadata) =>
        report.ReportBack == Duration.Zero && report.ReportRequestId == metadata.ReportRequestId;
}
