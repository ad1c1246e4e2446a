using System.Xml;
using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Service.Journal;
using GridServices.OpenAdr.Service.Transport;
using GridServices.OpenAdr.Signatures;
using NodaTime;

namespace GridServices.OpenAdr.Service.Driver;

/// <summary>What came of sending one request: the input for the engine, the rows for the journal, and what it tells of the line.</summary>
/// <param name="Input">For the engine.</param>
/// <param name="Rows">For the journal.</param>
/// <param name="Heard">True where the VTN answered with a message that could be read, or took one that needs no answer.</param>
/// <param name="Problem">One safe line where something went wrong.</param>
/// <param name="VtnClock">The VTN's Date header against ours at the middle of the exchange: positive = the VTN is ahead.</param>
/// <param name="Took">From sending to the last byte.</param>
/// <param name="IsSigned">True where the reply carried a signature, which is not verified.</param>
internal sealed record ExchangeResult(
    VenInput Input, IReadOnlyList<MessageRow> Rows, bool Heard, string? Problem, Duration? VtnClock, Duration Took, bool IsSigned = false)
{
    /// <summary>True where the VTN answered that it does not do what was asked: it is there, and has told nothing.</summary>
    public bool IsRefused => Input is VenInput.ReplyReceived { Message: OadrResponse { Response.IsSuccess: false } or OadrDistributeEvent { Response.IsSuccess: false } };
}

/// <summary>Encodes, posts, decodes.</summary>
internal sealed class VtnClient(VtnConnections connections, SignerNonces nonces, IClock clock)
{
    /// <summary>How messages of a VEN are written and verified.</summary>
    public VtnEndpoint CreateEndpoint(EngineId id, VenConfig config) => new(id, config, nonces);

    public async Task<ExchangeResult> SendAsync(VtnEndpoint endpoint, VenNext.SendRequest request, CancellationToken ct)
    {
        var sentAt = clock.GetCurrentInstant();
        byte[] body;
        try
        {
            body = endpoint.Encode(request.Message, sentAt);
        }
        catch (CertificateFileException e)
        {
            return Failed(endpoint, new Exchange(request, [], sentAt, sentAt), new VtnReply.Failed(ExchangeFailure.Tls, null, e.Message));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // One message that can't be made must hold up no other. A text that XML can't hold stays one; anything else may pass.
            var kind = e is XmlException or ArgumentException ? TransportFailure.Unwritable : TransportFailure.Unreachable;
            return Unmade(new Exchange(request, [], sentAt, sentAt), kind, SafeText.Line(e.Message));
        }

        var limits = endpoint.Limits with { Timeout = request.ComputeTimeout(endpoint.Limits.Timeout) };
        VtnReply reply;
        try
        {
            reply = await connections.PostAsync(endpoint.Tls, endpoint.GetUrl(request.Service), body, limits, ct);
        }
        catch (OperationCanceledException e)
        {
            // The VTN may well have it.
            var cut = new Exchange(request, body, sentAt, sentAt).Sent(null) with { Problem = "cut before the reply came: somebody waited" };
            throw new ExchangeCutException([cut], e, ct);
        }

        var at = clock.GetCurrentInstant();
        var talk = new Exchange(request, body, sentAt, at);
        return reply switch
        {
            VtnReply.Received received => Read(endpoint, talk, received),
            VtnReply.Empty empty => Empty(talk, empty),
            VtnReply.Failed failed => Failed(endpoint, talk, failed),
            _ => throw new InvalidOperationException($"unknown reply {reply.GetType().Name}"),
        };
    }

    private static ExchangeResult Read(VtnEndpoint endpoint, Exchange exchange, VtnReply.Received received)
    {
        var (outcome, sha256) = endpoint.Decode(exchange.Request.Message, received.Body, endpoint.SignatureCheck(exchange.RepliedAt, received.Shown));
        if (outcome.Message is not { } message)
        {
            var refusal = outcome.Refusal!;
            var problem = $"{Problems.GetName(refusal.Class)} {SafeText.Line(refusal.ToString())}";
            var refused = new VenInput.ReplyRefused(exchange.Request, refusal, outcome.Name, outcome.RequestId);
            return new ExchangeResult(refused, [exchange.Sent(received.HttpStatus), exchange.Reply(received, sha256, outcome.Name, problem)], false, problem, exchange.Skew(received.Date), exchange.Took, outcome.IsSigned);
        }

        var input = new VenInput.ReplyReceived(exchange.Request, message, sha256, outcome.Stamp);

        // One counted row for polls that find nothing.
        MessageRow[] rows = exchange.Request.Message is OadrPoll && message is OadrResponse { Response.IsSuccess: true }
            ? [exchange.Sent(received.HttpStatus) with { Repeatable = true }]
            : [exchange.Sent(received.HttpStatus), exchange.Reply(received, sha256, message.Name, null)];
        return new ExchangeResult(input, rows, true, null, exchange.Skew(received.Date), exchange.Took, outcome.IsSigned);
    }

    private static ExchangeResult Unmade(Exchange exchange, TransportFailure kind, string why)
    {
        var problem = $"the message can't be made: {why}";
        var input = new VenInput.TransportFailed(exchange.Request, kind, Detail: problem);
        return new ExchangeResult(input, [exchange.Sent(null) with { Problem = problem, Repeatable = true }], false, problem, null, Duration.Zero);
    }

    private static ExchangeResult Empty(Exchange exchange, VtnReply.Empty empty)
    {
        var problem = exchange.Request.Purpose.NeedsContent ? $"the VTN answered HTTP {empty.HttpStatus} without a body" : null;
        var row = exchange.Sent(empty.HttpStatus) with { Problem = problem, Repeatable = problem is not null };
        return new ExchangeResult(new VenInput.ReplyEmpty(exchange.Request, empty.HttpStatus), [row], problem is null, problem, exchange.Skew(empty.Date), exchange.Took);
    }

    private static ExchangeResult Failed(VtnEndpoint endpoint, Exchange exchange, VtnReply.Failed failed)
    {
        var kind = failed.Failure switch
        {
            ExchangeFailure.Timeout => TransportFailure.Timeout,
            ExchangeFailure.Tls => TransportFailure.Tls,
            ExchangeFailure.HttpStatus or ExchangeFailure.Redirect => TransportFailure.HttpStatus,
            ExchangeFailure.BadContent => TransportFailure.Unacceptable,
            _ => TransportFailure.Unreachable,
        };
        // The journal keeps the body itself; everywhere else people read the VTN's own words.
        var detail = failed.HttpStatus == 404 && VtnUrls.Hint(endpoint.VtnUrl) is { } hint ? $"{failed.Detail}; {hint}" : failed.Detail;
        var problem = RefusalPatterns.Append(detail, failed.Body);
        var input = kind == TransportFailure.HttpStatus
            ? new VenInput.TransportFailed(exchange.Request, kind, failed.HttpStatus, failed.RetryAfter, RefusalPatterns.Quoted(failed.Body))
            : new VenInput.TransportFailed(exchange.Request, kind, null, failed.RetryAfter, problem) { IsBroken = failed.Failure == ExchangeFailure.Broken };
        var row = exchange.Sent(failed.HttpStatus) with { Problem = failed.Detail, Repeatable = true };

        // The same page again and again is kept once: a run of equal failures stays one row.
        MessageRow[] rows = failed.Body is { } body && endpoint.IsNewRefusal(exchange.Request.Service, failed.HttpStatus, JournalRow.ComputeHash(body))
            ? [row, exchange.Reply(body, JournalRow.ComputeHash(body), null, failed.Detail) with { HttpStatus = failed.HttpStatus }]
            : [row];
        return new ExchangeResult(input, rows, false, problem, exchange.Skew(failed.Date), exchange.Took);
    }

    private sealed record Exchange(VenNext.SendRequest Request, byte[] Body, Instant SentAt, Instant RepliedAt)
    {
        public Duration Took => RepliedAt - SentAt;

        /// <summary>The header is cut to whole seconds: half a second is the best guess of what was cut.</summary>
        public Duration? Skew(Instant? date) => date + Duration.FromMilliseconds(500) - (SentAt + (Took / 2));

        public MessageRow Sent(int? status) => new()
        {
            FirstAt = SentAt,
            LastAt = SentAt,
            Direction = MessageDirection.Sent,
            Service = Request.Service.ToString(),
            Message = Request.Message.Name,
            HttpStatus = status,
            Body = Body,
        };

        public MessageRow Reply(VtnReply.Received received, string sha256, string? message, string? problem) =>
            Reply(received.Body, sha256, message, problem) with { HttpStatus = received.HttpStatus };

        public MessageRow Reply(byte[] body, string sha256, string? message, string? problem) => new()
        {
            FirstAt = RepliedAt,
            LastAt = RepliedAt,
            Direction = MessageDirection.Received,
            Service = Request.Service.ToString(),
            Message = message,
            HttpStatus = 200,
            Problem = problem,
            Sha256 = sha256,
            Body = body,
        };
    }
}
