using GridServices.Ieee2030Dot5.Codec;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Reporting;
using GridServices.Ieee2030Dot5.Responses;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Session;

/// <summary>What an answer means, by its status and by what was asked.</summary>
internal static class ReplyHandler
{
    public static void Handle(StepContext context, DerInput.ReplyReceived reply)
    {
        var request = reply.Request;
        context.Exchange = reply.SentAt is { } sentAt ? (sentAt + (reply.Took / 2), reply.Took) : context.Exchange;
        context.Line = context.Line with { Requests = Math.Max(context.Line.Requests, request.Id), CrowdedSince = request.IsCrowded ? context.Line.CrowdedSince ?? context.Now : null };
        switch (reply.Status)
        {
            case 301 or 302 or 307 or 308:
            case 303 when request.Purpose is DerPurpose.Read: // Of what was sent it does not say that it was taken: a login page's address comes so too.
                LinkPolicy.Redirected(context, request, reply.Status, reply.Headers.Location);
                return;
            case 304 when request is { IfNoneMatch: not null, Purpose: DerPurpose.Read unchanged }:
                LinkPolicy.Arrived(context);
                ConditionalReads.Unchanged(context, unchanged, request);
                return;
            case >= 500 or 408 or 429 or < 200 or (>= 300 and < 400):
                LinkPolicy.Failed(context, request.Purpose, $"HTTP {reply.Status}", reply.Headers.RetryAfter ?? (reply.Status == 429 ? FindRetryAfter(reply) : null), isForAll: reply.Status == 429);
                return;
        }

        LinkPolicy.Arrived(context);
        var why = reply.Status < 300 ? string.Empty : LinkPolicy.Describe(reply.Status, FindError(reply));
        if (request.Purpose is not DerPurpose.Read && !IsHeard(context, request, reply))
        {
            return;
        }

        switch (request.Purpose)
        {
            case DerPurpose.Read read when reply.Status == 200:
                context.Offered = ConditionalReads.Offered(request, reply.Headers.ETag, context.Now);
                Reads.Process(context, read, reply.Headers, reply.Body);
                break;

            // Only a 200 has a resource in it.
            case DerPurpose.Read read when reply.Status < 300:
                Reads.Process(context, read, reply.Headers with { ContentType = $"nothing (HTTP {reply.Status})" }, default);
                break;
            case DerPurpose.Read read when reply.Status is 406 or 415 && Widen(context):
                LinkPolicy.OnAnswered(context, read);
                break;
            case DerPurpose.Read read:
                Reads.Missing(context, read, reply.Status, why);
                break;
            case DerPurpose.Register register:
                DeviceRegistration.Answered(context, register, reply.Status, reply.Headers.Location, why);
                break;
            case DerPurpose.Respond respond:
                Responding.Answered(context, respond, reply.Status, why);
                break;
            default:
                Reports.Answered(context, request.Purpose, reply.Status, reply.Headers.Location, why);
                break;
        }
    }

    // A web page with status 200 is a captive portal's or a proxy's: what was sent did not reach the server, and is sent again.
    private static bool IsHeard(StepContext context, DerNext.SendRequest request, DerInput.ReplyReceived reply)
    {
        if (reply.Status < 300 && Sep2Media.IsWebPage(reply.Headers.ContentType, reply.Body.Span))
        {
            LinkPolicy.Failed(context, request.Purpose, $"HTTP {reply.Status} with a web page, from a captive portal or a proxy", null);
            return false;
        }

        if (reply.Status is 401 or 403)
        {
            LinkPolicy.Unusable(context, lostBy: null);
        }
        else
        {
            LinkPolicy.OnAnswered(context, request.Purpose, isDone: reply.Status < 300);
        }

        return true;
    }

    // A CSIP-AUS 1.3 server answers 406 to who doesn't name the version; where none is configured, that is how it makes itself known.
    private static bool Widen(StepContext context)
    {
        if (context.Config.Edition is not null || context.State.Heard == Sep2Dialect.CsipAus13)
        {
            return false;
        }

        context.State = context.State with { Heard = Sep2Dialect.CsipAus13 };
        context.Inform(NoteKind.Discovered, "The server asks for CSIP-AUS 1.3; speaking that.");
        return true;
    }

    private static Sep2Error? FindError(DerInput.ReplyReceived reply) =>
        reply.Body.Length > 0 && Sep2Media.Check(reply.Headers.ContentType) is null ? Sep2Xml.Read(Sep2Media.Utf8(reply.Headers.ContentType, reply.Body)).Resource as Sep2Error : null;

    private static Duration? FindRetryAfter(DerInput.ReplyReceived reply) =>
        FindError(reply)?.MaxRetryDuration is { } seconds ? Duration.FromSeconds(Math.Clamp(seconds, 0, 86_400)) : null;
}
