using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GridServices.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace GridServices.Adapters.Service.Tests.Rig;

/// <summary>A flexibility provider of OSCP 2.0: registers who comes with the first token, answers with a registration of its own, acknowledges handshakes, keeps the last forecast of each type.</summary>
internal sealed class FlexibilityProvider : IAsyncDisposable
{
    public const string FirstToken = "first-token";
    public const string OwnToken = "token-of-the-flexibility-provider";
    private readonly ConcurrentDictionary<string, JsonArray> forecasts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> asked = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> refused = new(StringComparer.Ordinal);
    private readonly HttpClient http = new(TestConnections.Create());
    private readonly WebApplication app;
    private string? peerToken;
    private Uri? peer;

    private FlexibilityProvider()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        app = builder.Build();
        app.Run(TakeAsync);
    }

    public Uri Address => new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    public int Registrations { get; private set; }

    public int Handshakes { get; private set; }

    public ConcurrentQueue<string> Heartbeats { get; } = new();

    /// <summary>The order in which types came first.</summary>
    public ConcurrentQueue<string> Types { get; } = new();

    public static async Task<FlexibilityProvider> StartAsync()
    {
        var provider = new FlexibilityProvider();
        await provider.app.StartAsync();
        return provider;
    }

    /// <summary>Posts to /register are answered with 503.</summary>
    public bool TakesNoRegistration { get; set; }

    /// <summary>Something before it answers everything, with 200 and this body of this kind; null: nothing does.</summary>
    public (string Kind, string Body)? Between { get; set; }

    /// <summary>While it answers CONSUMPTION it says that it can't keep it.</summary>
    public bool CannotKeep { get; set; }

    /// <summary>Answers forecasts of a type with 400, or takes them again.</summary>
    public void Refuse(string type, bool refuses = true) => refused[type] = refuses;

    /// <summary>How many requests of a type, or for a path, came, whatever became of them.</summary>
    public int Asked(string what) => asked.GetValueOrDefault(what);

    /// <summary>The capacities of the last forecast of a type, in order; empty: none came.</summary>
    public IReadOnlyList<long> GetCapacities(string type) => forecasts.TryGetValue(type, out var blocks) ? [.. blocks.Select(b => (long)b!["capacity"]!)] : [];

    /// <summary>Tells the capacity provider something; its answer.</summary>
    public async Task<HttpStatusCode> TellAsync(string message, string body, string? token = null, Uri? address = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"{(address ?? peer!).ToString().TrimEnd('/')}/{message}"));
        request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        request.Headers.TryAddWithoutValidation("Authorization", $"Token {token ?? peerToken}");
        request.Headers.Add("X-Request-ID", Guid.NewGuid().ToString());
        using var answer = await http.SendAsync(request);
        return answer.StatusCode;
    }

    public string Registration() => JsonSerializer.Serialize(new { token = OwnToken, version_url = new[] { new { version = "2.0", base_url = new Uri(Address, "2.0").ToString() } } });

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        http.Dispose();
    }

    private async Task TakeAsync(HttpContext context)
    {
        var message = context.Request.Path.Value!;
        var expected = message == "/register" && Registrations == 0 ? FirstToken : OwnToken;
        if (context.Request.Headers.Authorization != $"Token {expected}" || context.Request.Headers["X-Request-ID"].Count != 1)
        {
            context.Response.StatusCode = 401;
            return;
        }

        var body = (await JsonNode.ParseAsync(context.Request.Body))!;
        if (await IsRefusedAsync(message, body, context.Response) || await IsAnsweredBeforeAsync(message, context.Response))
        {
            return;
        }

        // Kept before it is answered: who was answered may look at it at once.
        if (message == "/2.0/update_group_capacity_forecast")
        {
            Types.Enqueue((string)body["type"]!);
            forecasts[(string)body["type"]!] = body["forecasted_blocks"]!.AsArray();
        }

        if (message == "/2.0/heartbeat")
        {
            Heartbeats.Enqueue((string)body["offline_mode_at"]!);
        }

        context.Response.StatusCode = 204;
        await context.Response.CompleteAsync();
        switch (message)
        {
            case "/register" or "/2.0/register":
                (peerToken, peer) = ((string)body["token"]!, new Uri((string)body["version_url"]![0]!["base_url"]!));
                Registrations++;
                if (message == "/register")
                {
                    await TellAsync("register", Registration());
                }

                break;
            case "/2.0/handshake":
                Handshakes++;
                await TellAsync("handshake_acknowledge", """{"required_behaviour":{"heartbeat_interval":1,"measurement_configuration":[]}}""");
                break;
        }
    }

    private async Task<bool> IsAnsweredBeforeAsync(string message, HttpResponse response)
    {
        if (Between is not { } between)
        {
            return false;
        }

        response.ContentType = between.Kind;
        await response.WriteAsync(between.Body);
        asked.AddOrUpdate($"before {message}", 1, (_, n) => n + 1);
        return true;
    }

    // In a character set that nobody knows, which is no reason to fall over.
    private async Task<bool> IsRefusedAsync(string message, JsonNode body, HttpResponse response)
    {
        var type = message == "/2.0/update_group_capacity_forecast" ? (string)body["type"]! : message;
        if (type == "CONSUMPTION" && CannotKeep)
        {
            await TellAsync("group_capacity_compliance_error", """{"message":"the cars are plugged in"}""");
        }

        var isRefused = refused.GetValueOrDefault(type) || (message == "/register" && TakesNoRegistration);
        if (isRefused)
        {
            response.StatusCode = message == "/register" ? 503 : 400;
            response.ContentType = "text/plain; charset=foo";
            await response.WriteAsync("no");
        }

        asked.AddOrUpdate(type, 1, (_, n) => n + 1);
        return isRefused;
    }
}
