using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using GridServices.Adapters.Ocpp;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace GridServices.Adapters.Service.Ocpp;

/// <summary>
/// Where charge-station systems send what stations answered: <c>POST /answers/TICKET</c>. A ticket is drawn by lot for each profile, so that nobody else can say that one was accepted.
/// </summary>
internal sealed class CallbackServer : IAsyncDisposable
{
    private const string Prefix = "/answers/";
    private const int MostBytes = 16_384;

    // Each station's answer may come over a line of its own, while the line of the one before is not let go yet; the rest is for whoever else asks.
    private const int ConnectionsPerStation = 2;
    private const int FurtherConnections = 100;
    private readonly ConcurrentDictionary<string, Action<string>> _expected = new(StringComparer.Ordinal);
    private readonly WebApplication _app;

    private CallbackServer(IPEndPoint listen, int stations)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MostBytes;
            kestrel.Limits.MaxConcurrentConnections = (ConnectionsPerStation * stations) + FurtherConnections;
            kestrel.Listen(listen);
        });
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    /// <param name="listen">Address and port.</param>
    /// <param name="stations">So many may answer at once.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<CallbackServer> OpenAsync(IPEndPoint listen, int stations, CancellationToken ct)
    {
        var door = new CallbackServer(listen, stations);
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

    /// <summary>A ticket for one answer.</summary>
    public string Expect(Action<ProfileAnswer> answered) => ExpectText(body => answered(ProfileAnswer.FromStation(body)));

    /// <summary>A ticket for one answer, as it was written.</summary>
    public string ExpectText(Action<string> answered)
    {
        var ticket = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        _expected[ticket] = answered;
        return ticket;
    }

    /// <summary>How many answers are waited for.</summary>
    public int Expected => _expected.Count;

    /// <summary>What the system is told to answer to.</summary>
    public static Uri BuildAddress(Uri endpoint, string ticket) => new(endpoint.ToString().TrimEnd('/') + Prefix + ticket);

    /// <summary>Nobody waits for it any more.</summary>
    public void Remove(string ticket) => _expected.TryRemove(ticket, out _);

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? string.Empty;
        if (!HttpMethods.IsPost(context.Request.Method) || !path.StartsWith(Prefix, StringComparison.Ordinal) || !_expected.ContainsKey(path[Prefix.Length..]))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        if (_expected.TryRemove(path[Prefix.Length..], out var answered))
        {
            answered(body);
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
