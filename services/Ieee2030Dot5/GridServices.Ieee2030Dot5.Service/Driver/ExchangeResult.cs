using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Service.Journal;
using GridServices.Ieee2030Dot5.Service.Transport;
using GridServices.Ieee2030Dot5.Session;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Driver;

/// <summary>What came of sending one request: the input for the engine, the row for the journal, and what it tells of the line.</summary>
/// <param name="Input">For the engine.</param>
/// <param name="Row">For the journal.</param>
/// <param name="Problem">One safe line where no usable answer came; null where one did, whatever its status.</param>
/// <param name="ServerClock">The server's Date header against ours at the middle of the exchange: positive = the server is ahead.</param>
/// <param name="Took">From sending to the last byte.</param>
internal sealed record ExchangeResult(DerInput Input, ExchangeRow Row, string? Problem, Duration? ServerClock, Duration Took)
{
    public static async Task<ExchangeResult> SendAsync(ClientTransport transport, DerNext.SendRequest request, IClock clock, CancellationToken ct)
    {
        var sentAt = clock.GetCurrentInstant();
        var reply = await transport.SendAsync(request, ct);
        var took = clock.GetCurrentInstant() - sentAt;
        var row = new ExchangeRow
        {
            FirstAt = sentAt,
            LastAt = sentAt,
            Direction = MessageDirection.Sent,
            Method = request.Method,
            Href = SafeText.Line(request.Href),
            Purpose = DescribePurpose(request),
            RequestBody = request.Body,
        };
        return reply switch
        {
            ServerReply.Received received => Read(request, received, row, sentAt, took),
            ServerReply.Failed failed => Failed(request, failed, row, took),
            _ => throw new InvalidOperationException($"unknown reply {reply.GetType().Name}"),
        };
    }

    public static string DescribePurpose(DerNext.SendRequest request) => request.Purpose switch
    {
        DerPurpose.Read read => $"read {read.Kind}",
        DerPurpose.Respond respond => $"respond {respond.Status} to {SafeText.Line(respond.MRid)}",
        DerPurpose.PutDer put => $"put {put.Part}",
        var other => other.GetType().Name,
    };

    private static ExchangeResult Read(DerNext.SendRequest request, ServerReply.Received received, ExchangeRow row, Instant sentAt, Duration took)
    {
        var headers = new DerReplyHeaders(received.ContentType, received.Location, Wait(received.RetryAfter, sentAt + took), received.ETag);
        var hasBody = received.Body.Length > 0;
        return new ExchangeResult(
            new DerInput.ReplyReceived(request, received.Status, headers, received.Body) { SentAt = sentAt, Took = took },
            row with { HttpStatus = received.Status, ReplyBody = hasBody ? ExchangeRow.Truncate(received.Body) : null, Sha256 = hasBody ? JournalRow.ComputeHash(received.Body) : null },
            null,

            // The header is cut to whole seconds: half a second is the best guess of what was cut.
            received.Date + Duration.FromMilliseconds(500) - (sentAt + (took / 2)),
            took);
    }

    private static ExchangeResult Failed(DerNext.SendRequest request, ServerReply.Failed failed, ExchangeRow row, Duration took)
    {
        var kind = failed.Failure switch
        {
            ExchangeFailure.Timeout => TransportFailure.Timeout,
            ExchangeFailure.Tls => TransportFailure.Tls,
            ExchangeFailure.BadContent => TransportFailure.Unacceptable,
            _ => TransportFailure.Unreachable,
        };
        return new ExchangeResult(new DerInput.TransportFailed(request, kind) { Detail = failed.Detail }, row with { HttpStatus = failed.Status, Problem = failed.Detail }, failed.Detail, null, took);
    }

    /// <summary>Seconds, or an HTTP date made seconds; null where it is neither, or absurd.</summary>
    private static Duration? Wait(string? retryAfter, Instant now)
    {
        if (retryAfter is null)
        {
            return null;
        }

        if (int.TryParse(retryAfter, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var seconds))
        {
            return Duration.FromSeconds(Math.Min(seconds, 86_400));
        }

        return System.Net.Http.Headers.RetryConditionHeaderValue.TryParse(retryAfter, out var value) && value.Date is { } date
            ? Duration.Max(Duration.Zero, Duration.Min(Duration.FromDays(1), Instant.FromDateTimeOffset(date) - now))
            : null;
    }
}
