using System.Text.Json.Nodes;
using GridServices.Operations.Service.Provisioning;
using Microsoft.Extensions.DependencyInjection;

namespace GridServices.Operations.Service.Tests.Provisioning;

/// <summary>The services of these tests, started once.</summary>
public sealed class SharedInstallation : IAsyncLifetime
{
    internal Installation Running { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Running = await Installation.StartAsync(withOthers: true);

    public ValueTask DisposeAsync() => Running.DisposeAsync();
}

/// <summary>2030.5 client, meter with its tariff, and frequency contract at the real services.</summary>
public sealed class OtherServicesTests(SharedInstallation shared) : IClassFixture<SharedInstallation>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private Installation Land => shared.Running;

    private OtherServices Others => shared.Running.Others;

    [Fact]
    public async Task A_client_and_a_meter_with_its_tariff_are_written_and_the_device_is_listed()
    {
        var (id, meter) = await EnrollClientAsync("ieee-1", Identity());
        await StateAsync(id, "testing");
        var status = await Installation.UntilAsync(() => Land.StatusAsync(id), s => (string)s["lamps"]!["registered"]!["state"]! == "on");
        Assert.Equal(["/v1/clients/ieee-1", $"/v1/meters/{meter}"], status["documents"]!.AsArray().Select(d => (string)d!["path"]!).Order(StringComparer.Ordinal));
        Assert.Equal("depot", (string)(await OtherServices.GetAsync(Others.Tariffs, $"/v1/meters/{meter}"))["plan"]!["tariffId"]!);
        Assert.Equal("listed", (string)(await OtherServices.GetAsync(Others.Ieee, "/v1/clients/ieee-1/end-devices"))[0]!["presence"]!);

        await Land.ActAsync(id, "end", """{ "reason": "the customer leaves" }""");
        await StateAsync(id, "ended");
        Assert.False(await OtherServices.HoldsAsync(Others.Ieee, "/v1/clients/ieee-1"));
        Assert.False(await OtherServices.HoldsAsync(Others.Tariffs, $"/v1/meters/{meter}"));
    }

    [Fact]
    public async Task A_client_that_is_refused_takes_its_meter_back_with_it_and_says_which_field()
    {
        var (id, meter) = await EnrollClientAsync("ieee-2", Identity(""", "trustedRoots": "/nowhere/serca.pem" """));
        await StateAsync(id, "accepted");
        var refusal = (await Land.StatusAsync(id))["refusal"]!;
        Assert.Equal(("Ieee2030Dot5", "/identity/trustedRoots"), ((string)refusal["service"]!, (string)refusal["fields"]![0]!["pointer"]!));
        Assert.False(await OtherServices.HoldsAsync(Others.Tariffs, $"/v1/meters/{meter}"));
        Assert.False(await OtherServices.HoldsAsync(Others.Ieee, "/v1/clients/ieee-2"));

        await PatchAsync(id, """{ "identity": { "trustedRoots": null } }""");
        await Land.ActAsync(id, "provision");
        await StateAsync(id, "testing");
        Assert.True(await OtherServices.HoldsAsync(Others.Tariffs, $"/v1/meters/{meter}"));
    }

    [Fact]
    public async Task A_client_changed_by_hand_is_shown_and_taken_over_and_then_restored()
    {
        var (id, _) = await EnrollClientAsync("ieee-3", Identity());
        await StateAsync(id, "testing");
        await ChangeAsync(Others.Ieee, "/v1/clients/ieee-3", "config", config => config["polling"]!["default"] = "PT1M");
        Assert.Equal("/polling/default", await DriftAsync(id, "/v1/clients/ieee-3"));

        await Land.Operations.PostAsync($"/v1/enrollments/{id}/drift/take-over", null, System.Net.HttpStatusCode.OK);
        Assert.False((bool)(await Land.EnrollmentAsync(id))["drifted"]!);
        await PatchAsync(id, """{ "answers": { "fallbackExportW": "1500" } }""");
        await Installation.UntilAsync(() => OtherServices.GetAsync(Others.Ieee, "/v1/clients/ieee-3"), c => c["config"]!["fallback"] is not null);
        Assert.Equal("PT1M", (string)(await OtherServices.GetAsync(Others.Ieee, "/v1/clients/ieee-3"))["config"]!["polling"]!["default"]!);

        await Installation.UntilAsync(() => Land.StatusAsync(id), s => s["pending"] is null);
        await ChangeAsync(Others.Ieee, "/v1/clients/ieee-3", "config", config => config["obligation"] = "advisory");
        Assert.Equal("/obligation", await DriftAsync(id, "/v1/clients/ieee-3"));
        await Land.Operations.PostAsync($"/v1/enrollments/{id}/drift/restore", null, System.Net.HttpStatusCode.OK);
        var restored = (await OtherServices.GetAsync(Others.Ieee, "/v1/clients/ieee-3"))["config"]!;
        Assert.Equal(("mandatory", "PT1M"), ((string)restored["obligation"]!, (string)restored["polling"]!["default"]!));
    }

    [Fact]
    public async Task A_meter_put_on_another_tariff_by_hand_is_shown_and_restored()
    {
        var (id, meter) = await EnrollClientAsync("ieee-4", Identity());
        await StateAsync(id, "testing");
        var another = (await File.ReadAllTextAsync(Testing.RepositoryFiles.Path("deploy", "Local", "demo", "tariff.json"), Ct)).Replace("\"depot\"", "\"another\"", StringComparison.Ordinal);
        await OtherServices.PutAsync(Others.Tariffs, "/v1/tariffs/another", another);
        await ChangeAsync(Others.Tariffs, $"/v1/meters/{meter}", "plan", plan => plan["tariffId"] = "another");
        Assert.Equal("/tariffId", await DriftAsync(id, $"/v1/meters/{meter}"));
        await Land.Operations.PostAsync($"/v1/enrollments/{id}/drift/restore", null, System.Net.HttpStatusCode.OK);
        Assert.Equal("depot", (string)(await OtherServices.GetAsync(Others.Tariffs, $"/v1/meters/{meter}"))["plan"]!["tariffId"]!);
    }

    [Fact]
    public async Task A_tariff_that_is_not_there_is_refused_at_the_meter_points_and_nothing_is_written()
    {
        var (id, meter) = await EnrollClientAsync("ieee-5", Identity(), "no-such-tariff");
        await StateAsync(id, "accepted");
        var refusal = (await Land.StatusAsync(id))["refusal"]!;
        Assert.Equal(("Tariffs", "/meterPointIds"), ((string)refusal["service"]!, (string)refusal["fields"]![0]!["pointer"]!));
        Assert.False(await OtherServices.HoldsAsync(Others.Tariffs, $"/v1/meters/{meter}"));
        Assert.False(await OtherServices.HoldsAsync(Others.Ieee, "/v1/clients/ieee-5"));
    }

    [Fact]
    public async Task A_frequency_contract_is_refused_at_its_fields_then_written_and_its_drift_restored()
    {
        await Land.Operations.SiteAsync(await Land.Operations.CustomerAsync(), "gb-1", """, "criticalLoadW": 0 """);
        await OtherServices.PutAsync(Others.Frequency, "/v1/assets/gb-battery", """{ "siteId": "gb-1", "kind": "bess", "chargeMaxW": 50000, "dischargeMaxW": 50000, "energyWh": 100000, "socPercent": 50, "latencyMs": 100, "rampWPerS": 1000000 }""");
        var id = await EnrollFrequencyAsync("gb-1");
        await StateAsync(id, "accepted");
        var refusal = (await Land.StatusAsync(id))["refusal"]!;
        Assert.Equal("FrequencyResponse", (string)refusal["service"]!);
        Assert.True(refusal.ToJsonString().Contains("frequencySource", StringComparison.Ordinal), refusal.ToJsonString());
        Assert.Contains("/answers/frequencySource", refusal["fields"]!.AsArray().Select(f => (string)f!["pointer"]!));
        Assert.False(await OtherServices.HoldsAsync(Others.Frequency, $"/v1/contracts/{id}"));

        await PatchAsync(id, """{ "answers": { "frequencySource": "meter-1" } }""");
        await Land.ActAsync(id, "provision");
        await StateAsync(id, "active");
        Assert.Equal(30_000, (long)(await OtherServices.GetAsync(Others.Frequency, $"/v1/contracts/{id}"))["contract"]!["quantityW"]!);

        await ChangeAsync(Others.Frequency, $"/v1/contracts/{id}", "contract", contract => contract["quantityW"] = 20_000);
        Assert.Equal("/quantityW", await DriftAsync(id, $"/v1/contracts/{id}"));
        await Land.Operations.PostAsync($"/v1/enrollments/{id}/drift/restore", null, System.Net.HttpStatusCode.OK);
        Assert.Equal(30_000, (long)(await OtherServices.GetAsync(Others.Frequency, $"/v1/contracts/{id}"))["contract"]!["quantityW"]!);
    }

    private string Identity(string more = "") => $$"""{ "server": "{{Others.ServerUrl}}", "lfdi": "{{OtherServices.Lfdi}}", "pin": "111115"{{more}} }""";

    private async Task<(string Id, string Meter)> EnrollClientAsync(string siteId, string identity, string tariff = "depot")
    {
        await Land.Operations.SiteAsync(await Land.Operations.CustomerAsync(), siteId);
        var meter = await MadeAsync("/v1/meter-points", $$"""{ "siteId": "{{siteId}}", "kind": "utility", "scheme": "OTHER", "identifier": "M-{{siteId}}", "tariffId": "{{tariff}}", "intervalMinutes": 15 }""");
        var asset = await MadeAsync("/v1/assets", $$"""{ "siteId": "{{siteId}}", "kind": "pv", "name": "Roof", "ratedW": 50000, "controllable": true }""");
        var id = await MadeAsync("/v1/enrollments", $$"""
            { "siteId": "{{siteId}}", "program": "IEEE2030-5-PLAIN", "meterPointIds": ["{{meter}}"], "assetIds": ["{{asset}}"], "period": { "from": "2026-01-01" },
              "identity": {{identity}}, "answers": { "registrationWay": "outOfBand" } }
            """);
        await LeadAsync(id);
        return (id, meter);
    }

    private async Task<string> EnrollFrequencyAsync(string siteId)
    {
        var site = (await Land.Operations.GetAsync($"/v1/sites?filter=siteId:{siteId}"))["items"]![0]!;
        await Land.Operations.SendAsync(HttpMethod.Patch, $"/v1/sites/{site["id"]}", """{ "address": { "line1": "1 High St", "city": "Leeds", "region": null, "postcode": "LS1 1AA", "country": "GB" }, "timeZone": "Europe/London", "connection": { "importMaxW": 100000, "exportMaxW": 100000 } }""", System.Net.HttpStatusCode.OK, type: "application/merge-patch+json");
        var meter = await MadeAsync("/v1/meter-points", $$"""{ "siteId": "{{siteId}}", "kind": "utility", "scheme": "MPAN", "identifier": "2012345678385" }""");
        var asset = await MadeAsync("/v1/assets", $$"""{ "siteId": "{{siteId}}", "kind": "ess", "name": "Battery", "assetId": "gb-battery", "ratedW": 50000, "energyWh": 100000, "controllable": true }""");
        var signer = await MadeAsync("/v1/contacts", $$"""{ "customerId": "{{site["customerId"]}}", "name": "Ana Silva", "email": "ana@example.com", "role": "authorizedSigner" }""");
        var id = await MadeAsync("/v1/enrollments", $$"""
            { "siteId": "{{siteId}}", "program": "GB-DCL", "meterPointIds": ["{{meter}}"], "assetIds": ["{{asset}}"], "period": { "from": "2026-01-01" },
              "answers": { "unitId": "U-1", "quantityKw": "30", "frequencySource": "no-such-meter" },
              "consent": { "contactId": "{{signer}}", "signedAt": "2026-01-01T00:00:00Z", "scope": "Dynamic Containment" } }
            """);
        await LeadAsync(id);
        return id;
    }

    private async Task<string> MadeAsync(string path, string body) => (string)(await Land.Operations.PostAsync(path, body))["id"]!;

    private async Task LeadAsync(string id)
    {
        var held = await Land.EnrollmentAsync(id);
        Assert.True((string)held["state"]! == "readyToSubmit", held.ToJsonString());
        await Land.ActAsync(id, "submit");
        await Land.ActAsync(id, "accept", """{ "reference": "U-1" }""");
        await Land.ActAsync(id, "provision");
    }

    private Task<JsonNode> StateAsync(string id, string state) => Installation.UntilAsync(() => Land.EnrollmentAsync(id), e => (string)e["state"]! == state);

    private Task<JsonNode> PatchAsync(string id, string patch) =>
        Land.Operations.SendAsync(HttpMethod.Patch, $"/v1/enrollments/{id}", patch, System.Net.HttpStatusCode.OK, type: "application/merge-patch+json");

    private static async Task ChangeAsync(HttpClient http, string path, string member, Action<JsonNode> change)
    {
        var held = (await OtherServices.GetAsync(http, path))[member]!.DeepClone();
        change(held);
        await OtherServices.PutAsync(http, path, held.ToJsonString());
    }

    /// <summary>Looks at the services, and gives where the document differs.</summary>
    private async Task<string> DriftAsync(string id, string path)
    {
        await Installation.UntilAsync(
            async () =>
            {
                await Land.Operations.Service.App.Services.GetRequiredService<DocumentWatch>().CheckAsync("default", Ct);
                return await Land.EnrollmentAsync(id);
            },
            e => (bool)e["drifted"]!);
        var drifted = (await Land.StatusAsync(id))["documents"]!.AsArray().Single(d => (string)d!["path"]! == path)!["drift"]!.AsArray();
        return (string)Assert.Single(drifted)!["pointer"]!;
    }
}
