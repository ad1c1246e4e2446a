using System.IO.Compression;
using System.Text;
using GridServices.Ieee2030Dot5.Service.Driver;
using GridServices.Ieee2030Dot5.Service.Journal;
using GridServices.Ieee2030Dot5.Service.Telemetry;
using GridServices.UtilityClients.Listening;
using Microsoft.Net.Http.Headers;

namespace GridServices.Ieee2030Dot5.Service.Notifications;

/// <summary>The HTTP side of the listener: nothing of a request is read before it is clear that its sender may notify the client it names.</summary>
internal sealed partial class NotificationHandler(
    NotificationOptions options, ClientHost host, NotifierTrust trust, NotificationRefusals refusals, NotificationReceiver receiver,
    ClientMetrics metrics, SteadyClock clock, ILogger<NotificationHandler> log)
{
    private const int RetrySeconds = 5;
    private readonly ListenerSlots _places = new(options.MaxRequests, options.MaxRequestsPerServer);

    public async Task HandleAsync(HttpContext http)
    {
        var (code, why) = await AnswerAsync(http);
        var response = http.Response;
        response.StatusCode = code;
        if (code is StatusCodes.Status503ServiceUnavailable)
        {
            response.Headers.RetryAfter = RetrySeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        if (code is not StatusCodes.Status204NoContent)
        {
            // A body that was not read must not be taken for the next request.
            response.Headers.Connection = "close";
            response.ContentType = "text/plain; charset=utf-8";
            await response.Body.WriteAsync(Encoding.UTF8.GetBytes(why + "\n"), http.RequestAborted);
        }
    }

    private async Task<(int Code, string Why)> AnswerAsync(HttpContext http)
    {
        // AUTHZ_SUBSCRIPTION: a path that isn't a client's is not told from one that never was.
        if (ListenerPeer.Find(http) is not { } peer || FindClient(http.Request.Path.Value) is not { } client)
        {
            metrics.Notified("unknown");
            return (StatusCodes.Status404NotFound, "There is no subscriber here.");
        }

        if (trust.Refuse(client.View, peer) is { } refused)
        {
            if (refused.IsForNow)
            {
                metrics.Notified("unavailable");
                return (StatusCodes.Status503ServiceUnavailable, NotificationReceiver.LaterWords);
            }

            Refuse(client, http, refused.Why);
            return (StatusCodes.Status403Forbidden, "This certificate may not notify this subscriber.");
        }

        if (CheckRequest(http) is { } complaint)
        {
            return complaint;
        }

        using var place = _places.TryAcquire(peer.Print);
        if (place is null)
        {
            metrics.Notified("busy");
            return (StatusCodes.Status503ServiceUnavailable, NotificationReceiver.LaterWords);
        }

        return await HandleBodyAsync(http, client, place);
    }

    private ClientLoop? FindClient(string? path) =>
        path is not null && path.StartsWith(NotificationPath.Prefix + "/", StringComparison.Ordinal) ? host.FindByNotification(path[(NotificationPath.Prefix.Length + 1)..]) : null;

    private (int Code, string Why)? CheckRequest(HttpContext http)
    {
        var request = http.Request;
        if (!HttpMethods.IsPost(request.Method))
        {
            http.Response.Headers.Allow = "POST";
            return (StatusCodes.Status405MethodNotAllowed, "Only POST is served.");
        }

        // Servers in the field notify without Content-Type.
        if (!IsXmlOrUnsaid(request) || request.Headers.ContentEncoding.Count > 1 || !(IsPlain(request) || IsGzip(request)))
        {
            return (StatusCodes.Status415UnsupportedMediaType, "Send application/sep+xml, as it is or as gzip.");
        }

        return request.ContentLength > options.MaxBodyBytes ? TooLong() : null;
    }

    private async Task<(int Code, string Why)> HandleBodyAsync(HttpContext http, ClientLoop client, ListenerSlot place)
    {
        var request = http.Request;
        try
        {
            await using var unpacked = IsGzip(request) ? new GZipStream(request.Body, CompressionMode.Decompress) : null;
            var read = await BoundedBody.ReadAsync(unpacked ?? request.Body, request.ContentLength, options.MaxBodyBytes, http.RequestAborted);
            place.EndReading();
            return read is not { } body ? TooLong()
                : await receiver.HandleAsync(client, body) ? (StatusCodes.Status204NoContent, string.Empty)
                : (StatusCodes.Status503ServiceUnavailable, NotificationReceiver.LaterWords);
        }
        catch (InvalidDataException)
        {
            return (StatusCodes.Status400BadRequest, "The body says that it is gzip and is not; send it as it is.");
        }
        catch (BadHttpRequestException e)
        {
            return (e.StatusCode, "The body came too slowly, or broken.");
        }
    }

    private void Refuse(ClientLoop client, HttpContext http, string why)
    {
        metrics.Notified("refused");
        var now = clock.GetCurrentInstant();
        if (!refusals.Add(client.Id, why, now))
        {
            return;
        }

        LogRefused(http.Connection.RemoteIpAddress?.ToString() ?? "an unknown address", client.Id, why);
        client.OfferReceived(new DerInput.NotificationRefused(why), ExchangeRow.Notification([], now) with { HttpStatus = StatusCodes.Status403Forbidden, Problem = why });
    }

    private (int Code, string Why) TooLong() => (StatusCodes.Status413PayloadTooLarge, $"The notification is longer than {options.MaxBodyBytes} bytes.");

    private static bool IsXmlOrUnsaid(HttpRequest request) => string.IsNullOrWhiteSpace(request.ContentType)
        || (MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type.MediaType.Value?.ToUpperInvariant() is "APPLICATION/SEP+XML" or "APPLICATION/XML" or "TEXT/XML");

    private static bool IsPlain(HttpRequest request) => request.Headers.ContentEncoding is [] || ReadEncoding(request) == "IDENTITY";

    private static bool IsGzip(HttpRequest request) => ReadEncoding(request) is "GZIP" or "X-GZIP";

    private static string? ReadEncoding(HttpRequest request) => request.Headers.ContentEncoding is [{ } one] ? one.Trim().ToUpperInvariant() : null;

    [LoggerMessage(EventId = EventIds.NotificationDoorRefused, Level = LogLevel.Warning, Message = "A notification from {Caller} to client {Client} is refused unread: {Why}")]
    private partial void LogRefused(string caller, EngineId client, string why);
}
