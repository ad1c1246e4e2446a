using System.IO.Compression;
using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.Ieee2030Dot5.Service.Driver;
using GridServices.Ieee2030Dot5.Service.Telemetry;

namespace GridServices.Ieee2030Dot5.Service.Api;

/// <summary>
/// Where utilities notify subscribers. Open to whoever knows the path, whose last part can't be guessed; what comes is only a hint or a list of the
/// client's own server and is judged by the engine.
/// </summary>
internal static class NotificationEndpoint
{
    private const int MaxBody = 1024 * 1024;
    private const int IdDigits = 48;

    public static void MapNotifications(this IEndpointRouteBuilder routes) => routes
        .MapPost(NotificationPath.Prefix + "/{id}", TakeAsync)
        .Open()
        .WithTags("Notifications")
        .WithName("notify")
        .WithSummary("Notification of a subscribed resource, from the utility's server")
        .WithDescription("The id is drawn per client; GET /v1/clients/{clientKey} shows it as notificationPath. Answered at once; what the notification says is applied after.")
        .Accepts<string>("application/sep+xml", "application/xml", "text/xml")
        .Produces(StatusCodes.Status204NoContent);

    private static async Task<IResult> TakeAsync(string id, HttpContext http, ClientHost fleet, SteadyClock clock, ClientMetrics metrics)
    {
        // AUTHZ_SUBSCRIPTION: not told from a path that never was.
        if (id.Length != IdDigits || fleet.OfNotification(id) is not { } client)
        {
            metrics.Notified("unknown");
            return ProblemResult.Create(ErrorClass.NotFound, "There is no subscriber here.");
        }

        var body = await ReadAsync(http.Request);
        if (!client.OfferReceived(new DerInput.NotificationReceived(body), Journal.ExchangeRow.Notification(body.Span, clock.GetCurrentInstant())))
        {
            metrics.Notified("busy");
            throw new ProblemException(ErrorClass.Unavailable, "Earlier notifications are still being taken in; send this one again.") { RetryAfter = TimeSpan.FromSeconds(5) };
        }

        metrics.Notified("taken");
        return Results.NoContent();
    }

    // Servers in the field notify without Content-Type, and compressed: what it is shows when it is read.
    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request)
    {
        if (string.IsNullOrWhiteSpace(request.ContentType))
        {
            request.ContentType = "application/sep+xml";
        }

        if (request.Headers.ContentEncoding is [{ } encoding] && encoding.Trim().ToUpperInvariant() is ("GZIP" or "X-GZIP"))
        {
            request.Headers.ContentEncoding = default;
            request.Body = new GZipStream(request.Body, CompressionMode.Decompress);
        }

        try
        {
            return await request.ReadBodyAsync(MaxBody, "application/sep+xml", "application/xml", "text/xml");
        }
        catch (InvalidDataException)
        {
            throw new ProblemException(ErrorClass.Malformed, "The body says that it is gzip and is not; send it as it is.");
        }
    }
}
