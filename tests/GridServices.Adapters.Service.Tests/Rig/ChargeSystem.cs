using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using GridServices.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace GridServices.Adapters.Service.Tests.Rig;

/// <summary>How a station behaves.</summary>
internal enum StationMood
{
    Accepts,
    Rejects,

    /// <summary>Takes the profile, and its answer is lost.</summary>
    Silent,

    /// <summary>Has no connection to the system.</summary>
    Away,

    /// <summary>The system waits for it without an end.</summary>
    Hangs,
}

/// <summary>
/// A charge-station system with the message API of CitrineOS, and stations behind it: it says at once whether a request was sent, and posts the station's answer to the address that the request names.
/// Of 2.0.1 it takes a profile only that ends later than all before, as CitrineOS does.
/// </summary>
internal sealed class ChargeSystem : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, JsonObject> held = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, StationMood> moods = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> asked = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> cleared = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TaskCompletionSource> late = new(StringComparer.Ordinal);
    private readonly HttpClient http = new(TestConnections.Create());
    private readonly WebApplication app;
    private readonly Lock gate = new();
    private string lastEnd = string.Empty;

    private ChargeSystem()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        app = builder.Build();
        app.Run(TakeAsync);
    }

    public Uri Address => new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    /// <summary>The token that requests must bear; null: any.</summary>
    public string? Token { get; set; }

    public static async Task<ChargeSystem> StartAsync()
    {
        var system = new ChargeSystem();
        await system.app.StartAsync();
        return system;
    }

    public void Set(string station, StationMood mood) => moods[station] = mood;

    /// <summary>Keeps the next request for a station until the source that comes back is set; it is done then, whoever has stopped waiting for it.</summary>
    public TaskCompletionSource HoldNext(string station) => late[station] = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A request was given up by who sent it.</summary>
    public bool WasLeft { get; private set; }

    /// <summary>How often a station was sent a profile, whatever became of it.</summary>
    public int Asked(string station) => asked.GetValueOrDefault(station);

    /// <summary>How often a station was asked to hold a profile no longer, whatever became of it.</summary>
    public int AskedToClear(string station) => cleared.GetValueOrDefault(station);

    /// <summary>The amperes a station may draw of each phase, by the profile that it holds; null: it holds none, or one that has not begun.</summary>
    /// <param name="station">Who.</param>
    /// <param name="days">So much later.</param>
    public long? FindAmperes(string station, int days = 0)
    {
        if (!held.TryGetValue(station, out var profile))
        {
            return null;
        }

        var schedule = profile["chargingSchedule"] is JsonArray list ? list[0]! : profile["chargingSchedule"]!;
        var since = (TimeProvider.System.GetUtcNow().AddDays(days) - DateTimeOffset.Parse((string)schedule["startSchedule"]!, CultureInfo.InvariantCulture)).TotalSeconds;
        return schedule["chargingSchedulePeriod"]!.AsArray().Where(p => (long)p!["startPeriod"]! <= since).Select(p => (long?)p!["limit"]).LastOrDefault();
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        http.Dispose();
    }

    private async Task TakeAsync(HttpContext context)
    {
        var request = context.Request;
        var (station, version) = (request.Query["identifier"].ToString(), request.Path.Value!.Split('/')[2]);
        var isClearing = request.Path.Value == $"/ocpp/{version}/smartcharging/clearChargingProfile";
        if (!(isClearing || request.Path.Value == $"/ocpp/{version}/smartcharging/setChargingProfile") || request.Query["tenantId"] != "1" || (Token is { } token && request.Headers.Authorization != $"Bearer {token}"))
        {
            context.Response.StatusCode = 401;
            return;
        }

        var body = (await JsonNode.ParseAsync(request.Body))!;
        if (isClearing)
        {
            await ClearAsync(context, station, (int)(version == "1.6" ? body["id"] : body["chargingProfileId"])!);
            return;
        }

        var profile = (version == "1.6" ? body["csChargingProfiles"] : body["chargingProfile"])!.AsObject();
        asked.AddOrUpdate(station, 1, (_, n) => n + 1);
        if (moods.GetValueOrDefault(station) == StationMood.Hangs)
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        if (late.TryRemove(station, out var until))
        {
            await until.Task;
            WasLeft |= context.RequestAborted.IsCancellationRequested;
        }

        var mood = moods.GetValueOrDefault(station);
        var refusal = mood == StationMood.Away ? "No connection" : version == "1.6" || EndsLater((string)profile["validTo"]!) ? null : "No two charging profiles with the same stack level and purpose can be valid at the same time.";
        if (refusal is null && mood != StationMood.Rejects)
        {
            // Before it is answered: who was answered may look at it at once.
            held[station] = profile;
        }

        await context.Response.WriteAsync(refusal is null ? """[{"success":true}]""" : $$"""[{"success":false,"payload":"{{refusal}}"}]""");
        await context.Response.CompleteAsync();
        if (refusal is null)
        {
            await AnswerAsync(mood, request.Query["callbackUrl"].ToString());
        }
    }

    private async Task ClearAsync(HttpContext context, string station, int id)
    {
        cleared.AddOrUpdate(station, 1, (_, n) => n + 1);
        var mood = moods.GetValueOrDefault(station);
        var isThere = held.TryGetValue(station, out var profile) && (int)(profile["id"] ?? profile["chargingProfileId"])! == id;
        if (isThere && mood == StationMood.Accepts)
        {
            held.TryRemove(station, out _);
        }

        await context.Response.WriteAsync(mood == StationMood.Away ? """[{"success":false,"payload":"No connection"}]""" : """[{"success":true}]""");
        await context.Response.CompleteAsync();
        if (mood != StationMood.Away)
        {
            await AnswerAsync(mood, context.Request.Query["callbackUrl"].ToString(), isThere ? "Accepted" : "Unknown");
        }
    }

    private async Task AnswerAsync(StationMood mood, string callback, string yes = "Accepted")
    {
        if (mood != StationMood.Silent)
        {
            using var answer = new StringContent($$"""{"status":"{{(mood == StationMood.Accepts ? yes : "Rejected")}}"}""");
            using var taken = await http.PostAsync(new Uri(callback), answer);
        }
    }

    private bool EndsLater(string end)
    {
        lock (gate)
        {
            var isLater = DateTimeOffset.Parse(end, CultureInfo.InvariantCulture) > (lastEnd.Length == 0 ? DateTimeOffset.MinValue : DateTimeOffset.Parse(lastEnd, CultureInfo.InvariantCulture));
            lastEnd = isLater ? end : lastEnd;
            return isLater;
        }
    }
}
