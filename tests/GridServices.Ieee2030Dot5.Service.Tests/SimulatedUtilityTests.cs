using System.Net.Http.Json;
using System.Text.Json.Nodes;
using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Service.Tests.Rig;
using GridServices.Simulators.DerServer;
using GridServices.Simulators.DerServer.Pki;
using GridServices.Testing;
using Microsoft.AspNetCore.Builder;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Tests;

/// <summary>The service against the simulated utility: CSIP-AUS 1.3 over mutual TLS 1.2 with CCM-8, certificates as the PKI of the standard has them.</summary>
public sealed class SimulatedUtilityTests : IAsyncLifetime
{
    private readonly string _pki = Directory.CreateTempSubdirectory("der-pki-").FullName;
    private readonly HttpClient _http = new(TestConnections.Create());
    private WebApplication? _utility;

    private Uri Control => new(_utility!.Urls.Single(u => u.StartsWith("http://", StringComparison.Ordinal)));

    private int TlsPort => new Uri(_utility!.Urls.Single(u => u.StartsWith("https://", StringComparison.Ordinal))).Port;

    public async ValueTask InitializeAsync()
    {
        TestPki.Make(_pki, SystemClock.Instance.GetCurrentInstant());
        _utility = DerServerApp.Build(
        [
            "--http", "127.0.0.1:0", "--https", "127.0.0.1:0", "--quiet", "--dialect", "1.3", "--poll-rate", "300",
            "--cert", Path.Combine(_pki, "server.crt"), "--key", Path.Combine(_pki, "server.key"), "--ca", Path.Combine(_pki, "serca.crt"),
        ]);
        await _utility.StartAsync(TestContext.Current.CancellationToken);
        await SendAsync(HttpMethod.Post, "/sim/programs", """{ "primacy": 1, "fsa": 1 }""");
    }

    public async ValueTask DisposeAsync()
    {
        await _utility!.DisposeAsync();
        _http.Dispose();
        Directory.Delete(_pki, recursive: true);
    }

    [Theory]
    [InlineData("device-depth2")]
    [InlineData("device-depth3")]
    [InlineData("device1")]
    public async Task A_device_of_any_depth_registers_itself_and_obeys(string device) // CSIP-AUS ALL-02, ALL-18, GEN-01
    {
        await using var rig = await ServiceRig.StartAsync();
        await IssueAsync(5000);

        await rig.PutAsync(ServiceRig.Path, Config(device));

        await rig.HubHasAsync(e => e.Segments.Any(s => s.Limits.ExportLimitW == 5000));
        await ServiceRig.UntilAsync(() => GetAsync("/sim/responses"), r => r.ToJsonString().Contains("\"status\":2", StringComparison.Ordinal));
        var own = (await rig.GetAsync(ServiceRig.Path + "/end-devices"))[0]!;
        Assert.Equal("listed", own["presence"]!.GetValue<string>());
        await ServiceRig.UntilAsync(() => rig.GetAsync(ServiceRig.Path + "/end-devices"), d => d[0]!["told"]!.AsArray().Count >= 3);
        Assert.Contains("\"lFdi\":\"" + own["lfdi"]!.GetValue<string>(), (await GetAsync("/sim/devices")).ToJsonString(), StringComparison.Ordinal);

        await AlarmReachesTheUtilityAsync(rig);
    }

    private async Task AlarmReachesTheUtilityAsync(ServiceRig rig) // CSIP 4.6.3
    {
        var now = SystemClock.Instance.GetCurrentInstant();
        rig.Hub.Feedback.Add(("a1", new FeedbackItem { SiteId = "site-1", Reading = new Reading { At = now, AssetId = "pv-1", Alarms = [AlarmKind.OverVoltage] } }));
        await ServiceRig.UntilAsync(() => GetAsync("/sim/log-events"), l => l.AsArray().Count == 1 && l[0]!["meaning"]!.GetValue<string>() == "DER_FAULT_OVER_VOLTAGE");
        await ServiceRig.UntilAsync(() => GetAsync("/sim/devices"), d => d.ToJsonString().Contains("alarmStatus\\u003E00000002", StringComparison.Ordinal));
        var own = await ServiceRig.UntilAsync(() => rig.GetAsync(ServiceRig.Path + "/end-devices"), d => d[0]!["logEventsOwed"]!.GetValue<int>() == 0);
        Assert.Equal("overVoltage", own[0]!["alarms"]![0]!["alarm"]!.GetValue<string>());
        Assert.Equal("pv-1", own[0]!["alarms"]![0]!["assetId"]!.GetValue<string>());

        rig.Hub.Feedback.Add(("a2", new FeedbackItem { SiteId = "site-1", Reading = new Reading { At = now + Duration.FromSeconds(1), AssetId = "pv-1", Alarms = [] } }));
        await ServiceRig.UntilAsync(() => GetAsync("/sim/log-events"), l => l.AsArray().Count == 2 && l[1]!["meaning"]!.GetValue<string>() == "DER_FAULT_OVER_VOLTAGE_RTN");
    }

    [Theory]
    [InlineData("device-other")]
    [InlineData("device-self")]
    public async Task A_device_the_utilitys_PKI_does_not_know_is_not_let_in_and_told_where_to_look(string device) // CSIP COMM-004
    {
        await using var rig = await ServiceRig.StartAsync();

        await rig.PutAsync(ServiceRig.Path, Config(device));

        var client = await ServiceRig.UntilAsync(() => rig.GetAsync(ServiceRig.Path), c => c["condition"]!["detail"]?.GetValue<string>().Contains("transport.clientCertificate", StringComparison.Ordinal) == true);
        Assert.NotEqual("ok", client["condition"]!["status"]!.GetValue<string>());
        Assert.DoesNotContain((await GetAsync("/sim/log")).ToJsonString(), "/dcap", StringComparison.Ordinal);
    }

    private JsonObject Config(string device) => new()
    {
        ["serverUrl"] = $"https://localhost:{TlsPort}",
        ["siteId"] = "site-1",
        ["nmi"] = "1234567890",
        ["nameplate"] = new JsonObject { ["maxW"] = 10_000 },
        ["transport"] = new JsonObject
        {
            ["clientCertificate"] = Path.Combine(_pki, device + ".crt"),
            ["clientKey"] = Path.Combine(_pki, device + ".key"),
            ["trustedRoots"] = Path.Combine(_pki, "serca.crt"),
        },
    };

    private Task IssueAsync(int watts) =>
        SendAsync(HttpMethod.Post, "/sim/controls", $$"""{ "program": 1, "inSeconds": 0, "seconds": 600, "modes": { "opModExpLimW": {{watts}} } }""");

    private async Task SendAsync(HttpMethod method, string path, string body)
    {
        using var request = new HttpRequestMessage(method, new Uri(Control, path)) { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
        using var answer = await _http.SendAsync(request);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private async Task<JsonNode> GetAsync(string path) => (await _http.GetFromJsonAsync<JsonNode>(new Uri(Control, path)))!;
}
