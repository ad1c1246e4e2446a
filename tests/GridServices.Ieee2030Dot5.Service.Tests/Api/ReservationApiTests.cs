using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Web;
using GridServices.Ieee2030Dot5.Service.Tests.Rig;
using GridServices.Simulators.DerServer;
using Microsoft.AspNetCore.Builder;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Ieee2030Dot5.Service.Tests.Api;

/// <summary>A charging plan's reservation, from the request to the hub, over a restart, and taken back: against the simulated utility.</summary>
public sealed class ReservationApiTests : IAsyncLifetime
{
    private const string Lfdi = "3E4F45AB31EDFE5B67E343E5E4562E31984E23E5";
    private const string Path = ServiceRig.Path + "/reservations";
    private readonly HttpClient _http = new();
    private WebApplication? _utility;

    private Uri Control => new(_utility!.Urls.Single());

    public async ValueTask InitializeAsync()
    {
        _utility = DerServerApp.Build(["--http", "127.0.0.1:0", "--quiet", "--dialect", "1.2", "--poll-rate", "1"]);
        await _utility.StartAsync(TestContext.Current.CancellationToken);
        await SendAsync("/sim/programs", """{ "primacy": 1, "fsa": 1 }""");
        await SendAsync("/sim/devices", $$"""{ "lFdi": "{{Lfdi}}" }""");
    }

    public async ValueTask DisposeAsync()
    {
        await _utility!.DisposeAsync();
        _http.Dispose();
    }

    [Fact]
    public async Task It_is_made_once_limits_the_site_is_granted_outlives_a_restart_and_is_taken_back()
    {
        await using var rig = await ServiceRig.StartAsync();
        await rig.PutAsync(ServiceRig.Path, Client("site-1"));
        var body = Body(SystemClock.Instance.GetCurrentInstant());
        var (status, made) = await PostAsync(rig, body, "plan-1");
        Assert.Equal(HttpStatusCode.Created, status);
        var id = made!["reservationId"]!.GetValue<string>();
        Assert.Equal(id, (await PostAsync(rig, body, "plan-1")).Body!["reservationId"]!.GetValue<string>());
        Assert.Equal(422, (int)(await PostAsync(rig, body.Replace("20000", "21000", StringComparison.Ordinal), "plan-1")).Status);
        Assert.Single((await rig.GetAsync(Path)).AsArray());
        await rig.HubHasAsync(e => e.Stream.Key == "flow-reservation" && e.Segments.All(s => s.Limits.ChargeLimitW == 0));

        var asked = (await ServiceRig.UntilAsync(() => GetAsync("/sim/reservations"), r => r.AsArray().Count == 1))[0]!;
        Assert.Equal((20_000, 5_000), (asked["energyWh"]!.GetValue<int>(), asked["powerW"]!.GetValue<int>()));

        // Stopped before it has heard the answer it would ask once more.
        await ServiceRig.UntilAsync(() => rig.GetAsync($"{Path}/{id}"), r => r["status"]!.GetValue<string>() == "requested");
        await rig.StopServiceAsync();
        await SendAsync($"/sim/reservations/{asked["number"]}/grants", """{ "powerW": 4000, "energyWh": 8000, "inSeconds": 0, "seconds": 7200 }""");
        await rig.StartServiceAsync();
        await rig.HubHasAsync(e => e.Stream.Key == "flow-reservation" && e.Segments.Any(s => s.Limits.ChargeLimitW == 4_000));
        await ServiceRig.UntilAsync(() => GetAsync("/sim/responses"), r => r.AsArray().Select(x => x!["status"]!.GetValue<int>()).SequenceEqual([1, 2]));
        var one = await rig.GetAsync($"{Path}/{id}");
        Assert.Equal(("requested", 4_000), (one["status"]!.GetValue<string>(), one["grants"]![0]!["powerW"]!.GetValue<int>()));

        Assert.Equal(HttpStatusCode.NoContent, (await rig.SendAsync(HttpMethod.Delete, $"{Path}/{id}")).Status);
        await ServiceRig.UntilAsync(() => GetAsync("/sim/reservations"), r => r[0]!["isCancelled"]!.GetValue<bool>());
        await ServiceRig.UntilAsync(() => rig.GetAsync($"{Path}/{id}"), r => r["status"]!.GetValue<string>() == "withdrawn");
        await ServiceRig.UntilAsync(() => rig.Hub.Withdrawals.Any(w => w.Stream.Key == "flow-reservation"));
        Assert.Single((await GetAsync("/sim/reservations")).AsArray());
    }

    [Fact]
    public async Task A_site_is_taken_out_once_the_server_holds_no_reservation_of_it()
    {
        await using var rig = await ServiceRig.StartAsync();
        await rig.PutAsync(ServiceRig.Path, Client("site-1"));
        var (_, made) = await PostAsync(rig, Body(SystemClock.Instance.GetCurrentInstant()), "plan-1");
        var id = made!["reservationId"]!.GetValue<string>();
        await ServiceRig.UntilAsync(() => GetAsync("/sim/reservations"), r => r.AsArray().Count == 1);
        var (status, problem) = await rig.SendAsync(HttpMethod.Put, ServiceRig.Path, Client("site-2").ToJsonString());
        Assert.Equal((HttpStatusCode.Conflict, true), (status, problem!["detail"]!.GetValue<string>().Contains(id, StringComparison.Ordinal)));

        await rig.SendAsync(HttpMethod.Delete, $"{Path}/{id}");
        await ServiceRig.UntilAsync(() => rig.GetAsync($"{Path}/{id}"), r => r["status"]!.GetValue<string>() == "withdrawn");
        Assert.Equal(HttpStatusCode.OK, (await rig.SendAsync(HttpMethod.Put, ServiceRig.Path, Client("site-2").ToJsonString())).Status);
    }

    [Fact]
    public async Task Faults_are_named_by_member_and_only_who_may_opt_may_ask()
    {
        await using var rig = await ServiceRig.StartAsync();
        await rig.PutAsync(ServiceRig.Path, new JsonObject { ["serverUrl"] = "http://127.0.0.1:9/dcap", ["siteId"] = "site-1", ["lfdi"] = Lfdi });
        var now = SystemClock.Instance.GetCurrentInstant();

        var (status, body) = await rig.SendAsync(HttpMethod.Post, Path, Body(now, energyWh: 0, powerW: -1));
        Assert.Equal(422, (int)status);
        Assert.Equal(["/energyWh", "/powerW"], body!["errors"]!.AsArray().Select(e => e!["pointer"]!.GetValue<string>()));
        Assert.Equal(400, (int)(await rig.SendAsync(HttpMethod.Post, Path, """{ "energyWH": 1 }""")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await rig.SendAsync(HttpMethod.Get, Path + "/nothing")).Status);
        var viewer = await rig.Service.AddTokenAsync("viewer", Role.Viewer, "default");
        Assert.Equal(HttpStatusCode.Forbidden, (await rig.SendAsync(HttpMethod.Post, Path, Body(now), viewer)).Status);
        Assert.Equal(HttpStatusCode.OK, (await rig.SendAsync(HttpMethod.Get, Path, null, viewer)).Status);
    }

    private JsonObject Client(string siteId) => new()
    {
        ["serverUrl"] = new Uri(Control, "/dcap").ToString(),
        ["siteId"] = siteId,
        ["lfdi"] = Lfdi,
        ["pen"] = 12345,
        ["nameplate"] = new JsonObject { ["maxW"] = 10_000 },
        ["polling"] = new JsonObject { ["floor"] = "PT0.2S", ["default"] = "PT1S" },
    };

    private static string Body(Instant now, int energyWh = 20_000, int powerW = 5_000) =>
        $$"""{ "energyWh": {{energyWh}}, "powerW": {{powerW}}, "from": "{{Text(now)}}", "until": "{{Text(now + Duration.FromHours(8))}}" }""";

    private static string Text(Instant at) => InstantPattern.General.Format(at);

    private static async Task<(HttpStatusCode Status, JsonNode? Body)> PostAsync(ServiceRig rig, string body, string key)
    {
        using var client = rig.Service.Client(rig.Service.Tokens.Operator);
        using var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add(IdempotencyKey.Header, key);
        using var answer = await client.SendAsync(request);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync()));
    }

    private async Task SendAsync(string path, string body)
    {
        using var answer = await _http.PostAsync(new Uri(Control, path), new StringContent(body, Encoding.UTF8, "application/json"));
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private async Task<JsonNode> GetAsync(string path) => (await _http.GetFromJsonAsync<JsonNode>(new Uri(Control, path)))!;
}
