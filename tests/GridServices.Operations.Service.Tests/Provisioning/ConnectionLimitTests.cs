using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Dapper;
using GridServices.Contracts;
using GridServices.EnvelopeHub.Service;
using GridServices.Hosting.Hub;
using GridServices.Hosting.Publishing;
using GridServices.Hosting.Storage;
using GridServices.Operations.Registry;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace GridServices.Operations.Service.Tests.Provisioning;

/// <summary>What is published of a site's connection, and what takes it away: a person's word, never what was left out.</summary>
public sealed class ConnectionLimitTests
{
    private const string Full = """{ "ratingA": 100, "voltageV": 480, "wiring": "threePhase", "code": "nec", "importMaxW": 100000, "exportMaxW": 0 }""";
    private const string Agreement = """{ "importMaxW": 100000, "exportMaxW": 0 }""";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, ClassData(typeof(BothDatabases))]
    public async Task What_is_left_out_takes_no_limit_away_and_the_setting_acts_on_every_site(Dialect dialect)
    {
        await using var place = TestStores.Create(dialect);
        await using var service = await OperationsUnderTest.StartAsync(place);
        var customer = await service.CustomerAsync();
        var id = (string)(await service.PostAsync("/v1/sites", Site(customer, Full)))["id"]!;
        await service.SiteAsync(customer, "site-2");
        Assert.Equal([("site-1", 66_510L), ("site-2", 80_000L)], await SaidAsync(service));

        // The whole body again without the voltage; then a patch that takes the electrical data away.
        var changed = await service.PutAsync($"/v1/sites/{id}", Site(customer, Full.Replace("\"voltageV\": 480, ", string.Empty, StringComparison.Ordinal)));
        Assert.Equal(480, (int)changed["heldConnection"]!["voltageV"]!);
        await service.PostAsync($"/v1/sites/{id}/connection-limit/confirm", null, HttpStatusCode.Conflict);
        await service.SendAsync(HttpMethod.Patch, $"/v1/sites/{id}", """{ "connection": { "ratingA": null, "voltageV": null, "code": null } }""", HttpStatusCode.OK, type: "application/merge-patch+json");
        await service.PutAsync($"/v1/sites/{id}", Site(customer, "{}"));
        Assert.Equal([("site-1", 66_510L), ("site-2", 80_000L)], await SaidAsync(service));
        var state = await service.GetAsync($"/v1/sites/{id}/connection-limit");
        Assert.Equal((66_510L, "connection.held"), ((long)state["limit"]!["importW"]!, (string)state["limit"]!["actions"]![0]!["code"]!));
        Assert.Equal((true, false), ((bool)state["isPublished"]!, (bool)state["mayConfirm"]!));
        Assert.Null(state["stated"]!["importW"]);

        // Off and on again: every site at once, and what was held is still held.
        await SettingAsync(service, "false");
        Assert.Equal([("site-1", null), ("site-2", null)], await SaidAsync(service));
        Assert.Equal(2, await WithdrawnAsync(service));
        await SettingAsync(service, "true");
        Assert.Equal([("site-1", 66_510L), ("site-2", 80_000L)], await SaidAsync(service));
        Assert.Equal(0, await WithdrawnAsync(service));

        // What is whole is confirmed by a person, once for a key; a state that is no longer held is refused.
        var whole = await service.PutAsync($"/v1/sites/{id}", Site(customer, Agreement));
        var tag = $"\"{id}-{(int)whole["version"]!}\"";
        Assert.Equal(66_510L, (await SaidAsync(service))[0].ImportW);
        var path = $"/v1/sites/{id}/connection-limit/confirm";
        await service.SendAsync(HttpMethod.Post, path, null, HttpStatusCode.PreconditionFailed, $"\"{id}-1\"");
        await service.SendAsync(HttpMethod.Post, path, null, HttpStatusCode.OK, tag, "confirm-1");
        var revision = (int)(await service.GetAsync($"/v1/sites/{id}/connection-limit"))["revision"]!;
        await service.SendAsync(HttpMethod.Post, path, null, HttpStatusCode.OK, tag, "confirm-1");
        Assert.Equal((100_000L, revision), ((await SaidAsync(service))[0].ImportW, (int)(await service.GetAsync($"/v1/sites/{id}/connection-limit"))["revision"]!));
        Assert.Contains("site.limitConfirmed", (await service.GetAsync("/v1/audit?limit=50")).ToJsonString(), StringComparison.Ordinal);

        await service.SendAsync(HttpMethod.Delete, $"/v1/sites/{id}", null, HttpStatusCode.NoContent);
        Assert.Equal([("site-1", null), ("site-2", 80_000L)], await SaidAsync(service));
        Assert.Equal(1, await WithdrawnAsync(service));
    }

    [Fact]
    public async Task Another_limit_at_the_hub_is_told_with_both_values_and_ours_is_confirmed_above_it()
    {
        await using var hub = await ServiceApp.StartAsync(EnvelopeHubApp.Build);
        await using var service = await OperationsUnderTest.StartAsync(
            null, null, $"--Hub:Url={hub.Address}", $"--Hub:Token={hub.Tokens.Publisher}", $"--Services:EnvelopeHub:Url={hub.Address}", $"--Services:EnvelopeHub:Token={hub.Tokens.Operator}");
        var id = (string)(await service.PostAsync("/v1/sites", Site(await service.CustomerAsync(), Full)))["id"]!;
        Task<JsonNode> StateAsync() => service.GetAsync($"/v1/sites/{id}/connection-limit");
        var told = await Until.HoldsAsync(StateAsync, s => s["atHub"] is not null);
        Assert.Equal((66_510L, false), ((long)told["atHub"]!["importW"]!, (bool)told["differsAtHub"]!));

        // What a later state of this service had said before it was put back.
        await service.RestatedAsync();
        await PublishAsync(hub, service, 30_000, revision: 9);
        var other = await Until.HoldsAsync(StateAsync, s => s["atHub"] is { } held && (int)held["revision"]! == 9);
        Assert.Equal((30_000L, 9, true, true), ((long)other["atHub"]!["importW"]!, (int)other["atHub"]!["revision"]!, (bool)other["differsAtHub"]!, (bool)other["mayConfirm"]!));
        static JsonNode? OtherAtHub(JsonNode overview) => overview["connection"]!["actions"]!.AsArray().SingleOrDefault(a => (string)a!["code"]! == "connection.otherAtHub");
        var action = OtherAtHub(await Until.HoldsAsync(() => service.GetAsync($"/v1/sites/{id}/overview"), overview => OtherAtHub(overview) is not null))!;
        Assert.Contains("30000 W", (string)action["text"]!, StringComparison.Ordinal);
        Assert.Contains("66510 W", (string)action["text"]!, StringComparison.Ordinal);

        await service.PostAsync($"/v1/sites/{id}/connection-limit/confirm", null, HttpStatusCode.OK, "ours");
        var confirmed = await Until.HoldsAsync(StateAsync, s => s["differsAtHub"] is { } differs && !(bool)differs && (int)s["atHub"]!["revision"]! > 9 && !(bool)s["mayConfirm"]!);
        Assert.Equal((66_510L, false), ((long)confirmed["atHub"]!["importW"]!, (bool)confirmed["mayConfirm"]!));

        // An operator ends it at the hub: nothing protects the connection there, which is said, and it can be stated again.
        var revision = (long)confirmed["atHub"]!["revision"]!;
        var withdrawal = new Withdrawal { SiteId = "site-1", Target = new EnvelopeTarget(TargetKind.Site, "site-1"), Stream = ConnectionEnvelope.Stream, Revision = revision + 5, Reason = "by hand" };
        await PublishAsync(hub, service.Service.App.Services.GetRequiredService<PublisherName>().Item("default", withdrawal, SystemClock.Instance.GetCurrentInstant()));
        // Its own word counts as on its way until the relay has noted that it arrived.
        var gone = await Until.HoldsAsync(StateAsync, s => s["atHub"] is null && s["differsAtHub"] is { } differs && (bool)differs);
        Assert.Equal((true, true), ((bool)gone["differsAtHub"]!, (bool)gone["mayConfirm"]!));
        Assert.Contains(gone["limit"]!["actions"]!.AsArray(), a => (string)a!["code"]! == "connection.noneAtHub" && ((string)a["text"]!).Contains("66510 W", StringComparison.Ordinal));
        await service.PostAsync($"/v1/sites/{id}/connection-limit/confirm", null, HttpStatusCode.OK, "again");
        var restated = await Until.HoldsAsync(StateAsync, s => s["atHub"] is not null && !(bool)s["mayConfirm"]!);
        Assert.Equal((66_510L, false, false), ((long)restated["atHub"]!["importW"]!, (bool)restated["differsAtHub"]!, (bool)restated["mayConfirm"]!));
    }

    private static string Site(string customer, string connection) => OperationsUnderTest.SiteJson(customer).Replace("""{ "importMaxW": 80000, "exportMaxW": 0 }""", connection, StringComparison.Ordinal);

    private static async Task SettingAsync(OperationsUnderTest service, string isPublished)
    {
        var settings = await service.GetAsync("/v1/settings");
        settings["publishConnectionLimit"] = isPublished == "true";
        await service.PutAsync("/v1/settings", settings.ToJsonString());
    }

    private static Task<List<(string SiteId, long? ImportW)>> SaidAsync(OperationsUnderTest service) => service.Service.App.Services.GetRequiredService<Store>().ReadAsync(
        async db => (await db.QueryAsync<(string SiteId, string? Content)>("SELECT site_id, content FROM connection_limits ORDER BY site_id"))
            .Select(row => (row.SiteId, row.Content is null ? (long?)null : (long)JsonNode.Parse(row.Content)!["limits"]!["importLimitW"]!)).ToList(),
        Ct);

    /// <summary>Streams whose last word in the outbox is a withdrawal.</summary>
    private static Task<long> WithdrawnAsync(OperationsUnderTest service) =>
        service.Service.App.Services.GetRequiredService<Store>().ReadAsync(db => db.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM published_stream WHERE withdrawn <> 0"), Ct);

    private static async Task PublishAsync(ServiceApp hub, OperationsUnderTest service, long importW, long revision)
    {
        var now = SystemClock.Instance.GetCurrentInstant();
        var site = new Site
        {
            Id = "s",
            Tenant = "default",
            Created = new Stamp(now, "test"),
            Updated = new Stamp(now, "test"),
            Version = 1,
            SiteId = "site-1",
            CustomerId = "c",
            Name = "Depot",
            Address = new Address("1 Main St", null, "Oakland", "CA", "94607", "US"),
            TimeZone = "America/Los_Angeles",
            Connection = new SiteConnection { ImportMaxW = importW, ExportMaxW = 0 },
        };
        await PublishAsync(hub, service.Service.App.Services.GetRequiredService<PublisherName>().Item("default", ConnectionEnvelope.Create(site, Guid.CreateVersion7(), revision, now)!, now));
    }

    private static async Task PublishAsync(ServiceApp hub, OutboxItem item)
    {
        using var http = hub.Client(hub.Tokens.Publisher);
        using var content = new ByteArrayContent([.. "["u8, .. item.Body, .. "]"u8]);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(CloudEventTypes.BatchMediaType);
        using var answer = await http.PostAsync(new Uri("/v1/envelopes", UriKind.Relative), content, Ct);
        var text = await answer.Content.ReadAsStringAsync(Ct);
        Assert.True(answer.IsSuccessStatusCode && text.Contains("accepted", StringComparison.Ordinal), text);
    }
}
