using System.IO.Compression;
using GridServices.Contracts;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;
using GridServices.Ieee2030Dot5.Service.Driver;
using GridServices.Ieee2030Dot5.Service.Notifications;
using GridServices.Ieee2030Dot5.Service.Telemetry;

namespace GridServices.Ieee2030Dot5.Service.Api;

/// <summary>
/// Where utilities notify subscribers through a proxy that ends TLS; closed once there is the listener for mutual TLS. Open to whoever knows the path,
/// whose last part can't be guessed; what comes is only a hint or a list of the client's own server and is judged by the engine.
/// </summary>
internal static class NotificationEndpoint
{
    private const int MaxBody = 1024 * 1024;
    private const int IdDigits = 48;

    public static void MapNotifications(this IEndpointRouteBuilder routes) => routes
        .MapPost(NotificationPath.Prefix + "/{id}", HandleAsync)
        .Open()
        .WithTags("Notifications")
        .WithName("notify")
        .WithSummary("Notification of a subscribed resource, from the utility's server")
        .WithDescription("The id is drawn per client; GET /v1/clients/{clientKey} shows it as notificationPath. Closed where Notifications:Listen is set: notifications then come to that listener, over mutual TLS. Answered once the client has taken it in.")
        .Accepts<string>("application/sep+xml", "application/xml", "text/xml")
        .Produces(StatusCodes.Status204NoContent);

    private static async Task<IResult> HandleAsync(string id, HttpContext http, ClientHost host, NotificationOptions listener, NotificationReceiver receiver, ClientMetrics metrics)
    {
        // AUTHZ_SUBSCRIPTION: not told from a path that never was.
        if (listener.Listen is not null || id.Length != IdDigits || host.FindByNotification(id) is not { } client)
        {
            metrics.Notified("unknown");
            return ProblemResult.Create(ErrorClass.NotFound, "There is no subscriber here.");
        }

        return await receiver.HandleAsync(client, await ReadAsync(http.Request))
            ? Results.NoContent()
            : throw new ProblemException(ErrorClass.Unavailable, NotificationReceiver.LaterWords) { RetryAfter = TimeSpan.FromSeconds(5) };
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
