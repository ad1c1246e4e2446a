using GridServices.Ieee2030Dot5.Codec;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Reporting;
using GridServices.Ieee2030Dot5.Responses;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Walk;

/// <summary>What an answer means, by its status and by what was asked.</summary>
internal static class Conversation
{
    public static void Take(Turn turn, DerInput.ReplyReceived reply)
    {
        var request = reply.Request;
        turn.Line = turn.Line with { Requests = Math.Max(turn.Line.Requests, request.Id) };
        switch (reply.Status)
        {
            case 301 or 302 or 307 or 308:
                Line.Redirected(turn, request, reply.Status, reply.Headers.Location);
                return;
            case >= 500 or 408 or 429 or < 200 or (>= 300 and < 400):
                Line.Failed(turn, request.Purpose, $"HTTP {reply.Status}", reply.Headers.RetryAfter ?? (reply.Status == 429 ? RetryOf(reply) : null), isForAll: reply.Status == 429);
                return;
        }

        Line.Arrived(turn);
        var why = reply.Status < 300 ? string.Empty : Line.Describe(reply.Status, ErrorOf(reply));
        if (request.Purpose is not DerPurpose.Read && !IsHeard(turn, request, reply))
        {
            return;
        }

        switch (request.Purpose)
        {
            case DerPurpose.Read read when reply.Status == 200:
                Reads.Take(turn, read, reply.Headers, reply.Body);
                break;

            // Only a 200 has a resource in it.
            case DerPurpose.Read read when reply.Status < 300:
                Reads.Take(turn, read, reply.Headers with { ContentType = $"nothing (HTTP {reply.Status})" }, default);
                break;
            case DerPurpose.Read read when reply.Status is 406 or 415 && Widen(turn):
                Line.Heard(turn, read);
                break;
            case DerPurpose.Read read:
                Reads.Missing(turn, read, reply.Status, why);
                break;
            case DerPurpose.Register register:
                Enrolment.Answered(turn, register, reply.Status, reply.Headers.Location, why);
                break;
            case DerPurpose.Respond respond:
                Responding.Answered(turn, respond, reply.Status, why);
                break;
            default:
                Reports.Answered(turn, request.Purpose, reply.Status, reply.Headers.Location, why);
                break;
        }
    }

    // A web page with status 200 is a captive portal's or a proxy's: what was sent did not reach the server, and is sent again.
    private static bool IsHeard(Turn turn, DerNext.SendRequest request, DerInput.ReplyReceived reply)
    {
        if (reply.Status < 300 && Sep2Media.IsWebPage(reply.Headers.ContentType, reply.Body.Span))
        {
            Line.Failed(turn, request.Purpose, $"HTTP {reply.Status} with a web page, from a captive portal or a proxy", null);
            return false;
        }

        if (reply.Status is 401 or 403)
        {
            Line.Unusable(turn, lostBy: null);
        }
        else
        {
            Line.Heard(turn, request.Purpose, isDone: reply.Status < 300);
        }

        return true;
    }

    // A CSIP-AUS 1.3 server answers 406 to who doesn't name the version; where none is configured, that is how it makes itself known.
    private static bool Widen(Turn turn)
    {
        if (turn.Config.Edition is not null || turn.State.Heard == Sep2Dialect.CsipAus13)
        {
            return false;
        }

        turn.State = turn.State with { Heard = Sep2Dialect.CsipAus13 };
        turn.Inform(NoteKind.Discovered, "The server asks for CSIP-AUS 1.3; speaking that.");
        return true;
    }

    private static Sep2Error? ErrorOf(DerInput.ReplyReceived reply) =>
        reply.Body.Length > 0 && Sep2Media.Check(reply.Headers.ContentType) is null ? Sep2Xml.Read(reply.Body).Resource as Sep2Error : null;

    private static Duration? RetryOf(DerInput.ReplyReceived reply) =>
        ErrorOf(reply)?.MaxRetryDuration is { } seconds ? Duration.FromSeconds(Math.Clamp(seconds, 0, 86_400)) : null;
}
