using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using GridServices.Hosting.Auth;
using GridServices.Ieee2030Dot5.Service.Tests.Rig;
using GridServices.Simulators.DerServer;
using Microsoft.AspNetCore.Builder;

namespace GridServices.Ieee2030Dot5.Service.Tests.Api;

/// <summary>A demand response control from the simulated utility to the hub, overridden and followed again, over a restart.</summary>
public sealed class LoadControlApiTests : IAsyncLifetime
{
    private const string Lfdi = "3E4F45AB31EDFE5B67E343E5E4562E31984E23E5";
    private const string Controls = ServiceRig.Path + "/controls";
    private readonly HttpClient _http = new();
    private WebApplication? _utility;

    private Uri Control => new(_utility!.Urls.Single());

    public async ValueTask InitializeAsync()
    {
        _utility = DerServerApp.Build(["--http", "127.0.0.1:0", "--quiet", "--dialect", "1.2", "--poll-rate", "1"]);
        await _utility.StartAsync(TestContext.Current.CancellationToken);
        await SendAsync("/sim/programs", """{ "primacy": 1, "fsa": 1 }""");
        await SendAsync("/sim/load-programs", """{ "primacy": 1, "fsa": 1 }""");
        await SendAsync("/sim/devices", $$"""{ "lFdi": "{{Lfdi}}" }""");
    }

    public async ValueTask DisposeAsync()
    {
        await _utility!.DisposeAsync();
        _http.Dispose();
    }

    [Fact]
    public async Task It_limits_the_site_is_overridden_outlives_a_restart_and_is_followed_again()
    {
        await using var rig = await ServiceRig.StartAsync();
        var (refused, faults) = await rig.SendAsync(HttpMethod.Put, ServiceRig.Path, Config(new JsonObject { ["deviceCategory"] = "0", ["otherwisePercent"] = 101 }).ToJsonString());
        Assert.Equal(422, (int)refused);
        Assert.Equal(["/loadControl/deviceCategory", "/loadControl/otherwisePercent"], faults!["errors"]!.AsArray().Select(e => e!["pointer"]!.GetValue<string>()));

        await rig.PutAsync(ServiceRig.Path, Config(new JsonObject { ["referenceW"] = 10_000, ["sheddable"] = new JsonObject { ["powerW"] = 4_000 } }));
        var free = await AddAsync("""{ "seconds": 3600, "wish": { "reduction": 3, "unit": 1, "overrideDuration": 600 } }""");
        await rig.HubHasAsync(e => e.Stream.Key.StartsWith("drlc-", StringComparison.Ordinal) && e.Segments.Any(s => s.Limits.ImportLimitW == 7_000));
        var held = (await rig.GetAsync(Controls)).AsArray().Single(c => c!["mRid"]!.GetValue<string>() == free)!;
        Assert.Equal((7_000, 3, "kW", false), (held["settings"]![0]!["amount"]!.GetValue<int>(), held["loadControl"]!["targetReduction"]!.GetValue<int>(),
            held["loadControl"]!["unit"]!.GetValue<string>(), held["loadControl"]!["optedOut"]!.GetValue<bool>()));
        await ServiceRig.UntilAsync(() => GetAsync("/sim/sheddable"), r => r.AsArray().Count == 1);

        // By a name that the server never gave, by who may not, and what the body lacks.
        Assert.Equal(HttpStatusCode.NotFound, (await OptAsync(rig, "AB", "optOut")).Status);
        var viewer = await rig.Service.AddTokenAsync("viewer", Role.Viewer, "default");
        Assert.Equal(HttpStatusCode.Forbidden, (await rig.SendAsync(HttpMethod.Put, $"{Controls}/{free}/opt", """{ "optType": "optOut" }""", viewer)).Status);
        Assert.Equal(400, (int)(await rig.SendAsync(HttpMethod.Put, $"{Controls}/{free}/opt", "{}")).Status);

        var (status, opted) = await OptAsync(rig, free.ToLowerInvariant(), "optOut");
        Assert.Equal((HttpStatusCode.OK, true), (status, opted!["loadControl"]!["optedOut"]!.GetValue<bool>()));
        await ServiceRig.UntilAsync(() => rig.Hub.Withdrawals.Any(w => w.Stream.Key.StartsWith("drlc-", StringComparison.Ordinal)));
        await rig.UntilTakenAsync(free, 4);
        await rig.StopServiceAsync();
        await rig.StartServiceAsync();
        await ServiceRig.UntilAsync(() => GetAsync("/sim/responses"), r => Statuses(r, free).SequenceEqual([1, 2, 4]));
        Assert.Equal(HttpStatusCode.OK, (await OptAsync(rig, free, "optIn")).Status);
        await ServiceRig.UntilAsync(() => GetAsync("/sim/responses"), r => Statuses(r, free).SequenceEqual([1, 2, 4, 5]));

        var mandatory = await AddAsync("""{ "seconds": 3600, "wish": { "dutyCycle": 20, "mandatory": true } }""");
        await rig.HubHasAsync(e => e.Stream.Key.StartsWith("drlc-", StringComparison.Ordinal) && e.Segments.Any(s => s.Limits.ImportLimitW == 2_000));
        var (conflict, why) = await OptAsync(rig, mandatory, "optOut");
        Assert.Equal(HttpStatusCode.Conflict, conflict);
        Assert.Contains("mandatory", why!["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains((await rig.GetAsync("/v1/controls"))["items"]!.AsArray(), c => c!["control"]!["mRid"]!.GetValue<string>() == mandatory);
    }

    private JsonObject Config(JsonObject loadControl) => new()
    {
        ["serverUrl"] = new Uri(Control, "/dcap").ToString(),
        ["siteId"] = "site-1",
        ["lfdi"] = Lfdi,
        ["pen"] = 12345,
        ["nameplate"] = new JsonObject { ["maxW"] = 10_000 },
        ["polling"] = new JsonObject { ["floor"] = "PT0.2S", ["default"] = "PT1S" },
        ["loadControl"] = loadControl,
    };

    private static IEnumerable<int> Statuses(JsonNode responses, string mrid) =>
        responses.AsArray().Where(x => x!["subject"]!.GetValue<string>() == mrid).Select(x => x!["status"]!.GetValue<int>());

    private static Task<(HttpStatusCode Status, JsonNode? Body)> OptAsync(ServiceRig rig, string mrid, string opt) =>
        rig.SendAsync(HttpMethod.Put, $"{Controls}/{mrid}/opt", $$"""{ "optType": "{{opt}}" }""");

    private async Task<string> AddAsync(string body)
    {
        using var answer = await _http.PostAsync(new Uri(Control, "/sim/load-controls"), new StringContent(body, Encoding.UTF8, "application/json"));
        return (await answer.Content.ReadFromJsonAsync<JsonNode>())!["mRid"]!.GetValue<string>();
    }

    private async Task SendAsync(string path, string body)
    {
        using var answer = await _http.PostAsync(new Uri(Control, path), new StringContent(body, Encoding.UTF8, "application/json"));
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private async Task<JsonNode> GetAsync(string path) => (await _http.GetFromJsonAsync<JsonNode>(new Uri(Control, path)))!;
}
