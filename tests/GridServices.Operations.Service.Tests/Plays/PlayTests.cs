using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GridServices.Hosting;
using GridServices.Operations.Service.Tests.Notify;
using GridServices.Operations.Service.Tests.Provisioning;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace GridServices.Operations.Service.Tests.Plays;

/// <summary>Acceptance plays that need no utility; all on one running service, each with a customer of its own.</summary>
public sealed class PlayTests(PlayTests.Shared shared) : IClassFixture<PlayTests.Shared>
{
    private const string Head = "site_id,customer_name,site_name,address1,city,region,postcode,country,time_zone,import_max_kw,export_max_kw,phases,tags\r\n";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private OperationsUnderTest Service => shared.Service;

    [Fact]
    public async Task Play_2_of_500_rows_7_are_bad_and_named_493_are_applied_and_the_same_file_again_changes_nothing()
    {
        var csv = Head + string.Concat(Enumerable.Range(1, 500).Select(i => $"bulk-{i},Bulk Foods,Depot {i},1 Main St,Oakland,CA,94607,US,{(i % 70 == 0 ? "Mars/Olympus" : "America/Los_Angeles")},80,0,3,west\r\n"));
        var dry = await RunAsync(csv, dryRun: true);
        Assert.Equal((7, 493), ((int)dry["errors"]!, (int)dry["applied"]!));
        var named = (await TextAsync($"/v1/imports/{dry["id"]}/result")).Split('\n').Where(l => l.Contains(",error,", StringComparison.Ordinal)).ToList();
        Assert.Equal(Enumerable.Range(1, 7).Select(i => $"bulk-{i * 70}"), named.Select(l => l.Split(',')[0]));
        Assert.All(named, l => Assert.Contains("time_zone", l, StringComparison.Ordinal));

        var run = await RunAsync(csv, dryRun: false);
        Assert.Equal((7, 493), ((int)run["errors"]!, (int)run["applied"]!));
        var again = await RunAsync(csv, dryRun: false);
        Assert.Equal((7, 0, 493), ((int)again["errors"]!, (int)again["applied"]!, (int)again["unchanged"]!));
    }

    [Fact]
    public async Task Play_7_dual_enrollment_is_refused_with_both_names()
    {
        await Service.SiteAsync(await Service.CustomerAsync(), "dual-1");
        var meter = (string)(await Service.PostAsync("/v1/meter-points", """{ "siteId": "dual-1", "kind": "utility", "scheme": "OTHER", "identifier": "M-dual" }"""))["id"]!;
        await MadeProgramAsync("PLAY-FIRST", "First programme", "PLAY-SECOND");
        await MadeProgramAsync("PLAY-SECOND", "Second programme", "PLAY-FIRST");
        var first = await EnrollAsync("dual-1", "PLAY-FIRST", meter);
        Assert.Equal("readyToSubmit", (string)first["state"]!);

        var second = await EnrollAsync("dual-1", "PLAY-SECOND", meter);
        Assert.Contains((string)second["state"]!, new[] { "incomplete", "ineligible" });
        var why = second["requiredActions"]!.AsArray().Single(a => (string)a!["code"]! == "eligibility.dual")!;
        Assert.True((bool)why["blocks"]!);
        Assert.Contains("First programme (PLAY-FIRST)", (string)why["text"]!, StringComparison.Ordinal);
        Assert.Contains("Second programme (PLAY-SECOND)", (string)why["text"]!, StringComparison.Ordinal);
        await Service.PostAsync($"/v1/enrollments/{second["id"]}/submit", "{}", HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task Play_9_a_certificate_of_29_days_is_told_and_its_renewal_warns_of_another_LFDI()
    {
        await Service.PostAsync("/v1/webhooks", """{ "url": "http://127.0.0.1:9/hook", "triggers": ["certificateEnds"] }""");
        var made = await Service.PostAsync("/v1/certificates", """{ "kind": "2030.5-device", "subject": "CN=site-9, O=Example Foods, C=US" }""");
        var id = (string)made["certificate"]!["id"]!;
        await Service.PostAsync($"/v1/certificates/{id}/install", JsonSerializer.Serialize(new { pem = Authority.Issue((string)made["csr"]!, TimeSpan.FromDays(29)) }, JsonSerializerOptions.Default), HttpStatusCode.OK);

        var hook = (string)(await Service.GetAsync("/v1/webhooks"))["items"]![0]!["id"]!;
        var told = await Until.HoldsAsync(
            async () =>
            {
                Service.Service.App.Services.GetRequiredService<JobTrigger>().Run("notify");
                return await Service.GetAsync($"/v1/webhooks/{hook}/deliveries");
            },
            d => d.AsArray().Count > 0);
        Assert.Contains(id, Assert.Single(told.AsArray())!.ToJsonString(), StringComparison.Ordinal);

        var renewed = await Service.PostAsync($"/v1/certificates/{id}/renew", null);
        var installed = await Service.PostAsync(
            $"/v1/certificates/{renewed["certificate"]!["id"]}/install", JsonSerializer.Serialize(new { pem = Authority.Issue((string)renewed["csr"]!, TimeSpan.FromDays(700)) }, JsonSerializerOptions.Default), HttpStatusCode.OK);
        Assert.Contains(installed["warnings"]!.AsArray(), w => ((string)w!).Contains("LFDI", StringComparison.Ordinal) && ((string)w!).Contains("utility", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Play_10_the_second_of_two_who_edit_is_told_with_what_the_other_changed()
    {
        var id = await Service.CustomerAsync("Edited Foods");
        await Service.SendAsync(HttpMethod.Patch, $"/v1/customers/{id}", """{ "country": "CA" }""", HttpStatusCode.OK, $"\"{id}-1\"", type: "application/merge-patch+json");
        await Service.SendAsync(HttpMethod.Patch, $"/v1/customers/{id}", """{ "country": "MX" }""", HttpStatusCode.PreconditionFailed, $"\"{id}-1\"", type: "application/merge-patch+json");
        var last = (await Service.GetAsync($"/v1/audit?filter=entityId:{id}&limit=1"))["items"]![0]!;
        Assert.Contains("CA", last["write"]!["changes"]!.ToJsonString(), StringComparison.Ordinal);
    }

    private async Task<JsonNode> EnrollAsync(string siteId, string program, string meter) => await Service.PostAsync("/v1/enrollments", $$"""
        { "siteId": "{{siteId}}", "program": "{{program}}", "meterPointIds": ["{{meter}}"], "period": { "from": "2027-01-01" },
          "identity": { "vtnUrl": "http://127.0.0.1:9/OpenADR2/Simple/2.0b", "venName": "{{siteId}}" },
          "answers": { "peakDemandKw": 100, "levelOneKw": 60, "levelTwoKw": 30, "levelThreeKw": 10 } }
        """);

    private async Task MadeProgramAsync(string code, string name, string exclusive)
    {
        var template = await Service.GetAsync("/v1/programs/OPENADR-PLAIN");
        (template["code"], template["name"], template["exclusiveWith"]) = (code, name, new JsonArray(exclusive));
        await Service.PutAsync($"/v1/programs/{code}", template.ToJsonString());
    }

    private async Task<JsonNode> RunAsync(string csv, bool dryRun)
    {
        var id = (string)(await Service.SendAsync(HttpMethod.Post, $"/v1/imports?kind=sites&dryRun={(dryRun ? "true" : "false")}", csv, HttpStatusCode.Accepted, type: "text/csv"))["id"]!;
        return await Until.HoldsAsync(() => Service.GetAsync($"/v1/imports/{id}"), i => (string)i["state"]! == "done");
    }

    private async Task<string> TextAsync(string path) => Encoding.UTF8.GetString(await Service.Http.GetByteArrayAsync(new Uri(path, UriKind.Relative), Ct));

    public sealed class Shared : IAsyncLifetime
    {
        internal OperationsUnderTest Service { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Service = await OperationsUnderTest.StartAsync(null, null, ["--Services:OpenAdr:Url=http://127.0.0.1:9", "--Services:EnvelopeHub:Url=http://127.0.0.1:9", "--Hub:Url=http://127.0.0.1:9", WebhookTarget.Allowed, .. OtherServices.Nowhere]);

        public ValueTask DisposeAsync() => Service.DisposeAsync();
    }
}
