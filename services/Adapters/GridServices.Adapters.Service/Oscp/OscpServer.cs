using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace GridServices.Adapters.Service.Oscp;

/// <summary>Takes what a flexibility provider sends: each message by the last part of its path, each with a token that we gave out.</summary>
internal sealed class OscpServer : IAsyncDisposable
{
    private const int MostBytes = 262_144;
    private const int MostConnections = 100;
    private const string Scheme = "Token ";
    private readonly Func<string, string, bool> mayEnter;
    private readonly OscpUnauthorizedThrottle strangers;
    private readonly Func<OscpMessage, string?> take;
    private readonly WebApplication _app;

    private OscpServer(IPEndPoint listen, Func<string, string, bool> mayEnter, OscpUnauthorizedThrottle strangers, Func<OscpMessage, string?> take)
    {
        (this.mayEnter, this.strangers, this.take) = (mayEnter, strangers, take);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MostBytes;
            kestrel.Limits.MaxConcurrentConnections = MostConnections;
            kestrel.Listen(listen);
        });
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    /// <param name="listen">Address and port.</param>
    /// <param name="mayEnter">Whether a token opens a message.</param>
    /// <param name="strangers">Are noted there.</param>
    /// <param name="take">Takes a message; what is wrong with it, or null.</param>
    /// <param name="ct">Ends the opening.</param>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<OscpServer> OpenAsync(IPEndPoint listen, Func<string, string, bool> mayEnter, OscpUnauthorizedThrottle strangers, Func<OscpMessage, string?> take, CancellationToken ct)
    {
        var door = new OscpServer(listen, mayEnter, strangers, take);
        try
        {
            await door._app.StartAsync(ct);
            return door;
        }
        catch
        {
            await door.DisposeAsync();
            throw;
        }
    }

    /// <summary>Whether two tokens are one; it takes the same time wherever they differ.</summary>
    public static bool AreSame(string a, string b) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(a), Encoding.UTF8.GetBytes(b));

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        var message = (request.Path.Value ?? string.Empty).Split('/')[^1];
        var authorization = request.Headers.Authorization.ToString();
        if (!HttpMethods.IsPost(request.Method))
        {
            response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var token = authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? authorization[Scheme.Length..].Trim() : string.Empty;
        if (!mayEnter(message, token))
        {
            var isSlowed = !strangers.Note(context.Connection.RemoteIpAddress, message);
            response.StatusCode = isSlowed ? StatusCodes.Status429TooManyRequests : StatusCodes.Status401Unauthorized;
            response.Headers.RetryAfter = isSlowed ? "1" : default(Microsoft.Extensions.Primitives.StringValues);
            return;
        }

        using var reader = new StreamReader(request.Body, Encoding.UTF8);
        var fault = take(new OscpMessage(message, await reader.ReadToEndAsync(context.RequestAborted), token, request.Headers["X-Request-ID"], request.Headers["X-Correlation-ID"]));
        response.StatusCode = fault is null ? StatusCodes.Status204NoContent : StatusCodes.Status400BadRequest;
        if (fault is not null)
        {
            response.ContentType = "application/json";
            await response.WriteAsync(System.Text.Json.JsonSerializer.Serialize(new Dictionary<string, string>(StringComparer.Ordinal) { ["message"] = fault }), context.RequestAborted);
        }
    }
}
