using GridServices.Contracts;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using NodaTime;

namespace GridServices.EnvelopeHub.Tests.Sites;

/// <summary><c>GET /v1/sites</c>.</summary>
public sealed class SitesTests
{
    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task Each_site_tells_its_last_change_its_subscribers_what_was_fed_back_and_what_is_not_heard(Dialect dialect)
    {
        await using var hub = await HubUnderTest.StartAsync(dialect);
        var before = SystemClock.Instance.GetCurrentInstant();
        var id = Guid.CreateVersion7();
        await hub.PublishAsync(Some.Envelope(id: id), Some.Envelope(stream: "B"), Some.Envelope(site: "site-2"));
        using var controller = hub.Controller;
        using var readings = await controller.PostAsync("/v1/sites/site-3/telemetry", HubUnderTest.Json(new Reading { At = Some.Evening - Duration.FromDays(300), NetPowerW = 1 }));
        using var receipt = await controller.PostAsync("/v1/sites/site-1/receipts", HubUnderTest.Json(new Receipt { EnvelopeId = id, Revision = 1, State = ReceiptState.Received, At = Some.Evening }));
        using var publisher = hub.Publisher;
        using var report = await publisher.PostAsync("/v1/upstream-health", HubUnderTest.Json($$"""
            {"source":"/s","validFor":"PT1H","streams":[
              {"stream":{"service":"openadr","key":"PROG7"},"sites":["site-1","site-2"],"status":"ok","since":"2027-01-15T18:00:00Z"},
              {"stream":{"service":"openadr","key":"B"},"sites":["site-1"],"status":"lost","since":"2027-01-15T18:00:00Z","detail":"no answer"}]}
            """));
        Assert.All([readings, receipt, report], answer => Assert.True(answer.IsSuccessStatusCode));
        await using var stream = await hub.SubscribeAsync("site-2");
        await stream.NextAsync("snapshot");

        var list = await GetAsync(hub, hub.Tokens.Publisher);
        Assert.Equal(["site-1", "site-2", "site-3"], list.Items.Select(site => site.SiteId));
        Assert.Equal(["2", "1", "0"], list.Items.Select(site => site.Sequence));
        Assert.Equal([0, 1, 0], list.Items.Select(site => site.Subscribers));
        Assert.All(list.Items.Take(2), site => Assert.InRange(site.LastChangeAt!.Value, before, SystemClock.Instance.GetCurrentInstant()));
        Assert.Equal((null, (Instant?)(Some.Evening - Duration.FromDays(300))), (list.Items[2].LastChangeAt, list.Items[2].LastReadingAt));
        Assert.NotNull(list.Items[0].LastReceiptAt);
        Assert.Equal((null, null), (list.Items[0].NetPowerW, list.Items[0].NetPowerAt));
        Assert.Equal((1L, list.Items[2].LastReadingAt), (list.Items[2].NetPowerW, list.Items[2].NetPowerAt));

        // The power of the connection is not that of an asset behind it, however much later that was measured.
        using var later = await controller.PostAsync("/v1/sites/site-3/telemetry", HubUnderTest.Json(new Reading { At = Some.Evening - Duration.FromDays(299), NetPowerW = -250 }));
        using var asset = await controller.PostAsync("/v1/sites/site-3/telemetry", HubUnderTest.Json(new Reading { At = Some.Evening - Duration.FromDays(298), AssetId = "a-1", NetPowerW = 7 }));
        Assert.All([later, asset], answer => Assert.True(answer.IsSuccessStatusCode));
        var site3 = (await GetAsync(hub, hub.Tokens.Publisher)).Items[2];
        Assert.Equal((-250L, (Instant?)(Some.Evening - Duration.FromDays(299)), (Instant?)(Some.Evening - Duration.FromDays(298))), (site3.NetPowerW, site3.NetPowerAt, site3.LastReadingAt));

        // A clock that is hours ahead hides no true reading: what it says is not the newest until its instant has come.
        var now = SystemClock.Instance.GetCurrentInstant();
        var truly = Instant.FromUnixTimeSeconds(now.ToUnixTimeSeconds());
        using var ahead = await controller.PostAsync("/v1/sites/site-3/telemetry", HubUnderTest.Json(new Reading { At = now + Duration.FromHours(7), NetPowerW = 9 }));
        using var right = await controller.PostAsync("/v1/sites/site-3/telemetry", HubUnderTest.Json(new Reading { At = truly, NetPowerW = -300 }));
        Assert.All([ahead, right], answer => Assert.True(answer.IsSuccessStatusCode));
        site3 = (await GetAsync(hub, hub.Tokens.Publisher)).Items[2];
        Assert.Equal((-300L, (Instant?)truly, (Instant?)truly), (site3.NetPowerW, site3.NetPowerAt, site3.LastReadingAt));
        Assert.Equal([UpstreamStatus.Lost], list.Items[0].Unheard.Select(unheard => unheard.Status));
        Assert.Empty(list.Items[1].Unheard);
        Assert.Equal((null, null), (list.Next, list.Incomplete));
        Assert.All(list.Items, site => Assert.Null(site.Incomplete));
    }

    [Fact]
    public async Task A_site_tells_where_its_controller_was_last_seen_and_nothing_of_whoever_else_asks()
    {
        await using var hub = await HubUnderTest.StartAsync(Dialect.Sqlite);
        await hub.PublishAsync(Some.Envelope(), Some.Envelope(site: "site-2"));
        using var person = hub.Client(hub.Tokens.Operator);
        Assert.True((await person.GetAsync("/v1/sites/site-1/effective")).IsSuccessStatusCode);
        Assert.All((await GetAsync(hub, hub.Tokens.Publisher)).Items, site => Assert.Null(site.Controller));

        var before = SystemClock.Instance.GetCurrentInstant();
        using var controller = hub.Controller;
        controller.DefaultRequestHeaders.UserAgent.ParseAdd("cabinet/1.4");
        Assert.True((await controller.GetAsync("/v1/sites/site-1/effective")).IsSuccessStatusCode);
        var list = await GetAsync(hub, hub.Tokens.Publisher);
        var seen = list.Items[0].Controller!;
        Assert.Equal(("127.0.0.1", "cabinet/1.4"), (seen.Address, seen.UserAgent));
        Assert.InRange(seen.At, before, SystemClock.Instance.GetCurrentInstant());
        Assert.NotEmpty(seen.TokenId);
        Assert.Null(list.Items[1].Controller);

        // What it calls itself is no longer than a line, and a site that it may not have says nothing of it.
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/sites/site-2/effective");
        request.Headers.TryAddWithoutValidation("User-Agent", new string('x', 500));
        using var narrow = hub.Client(await hub.App.AddTokenAsync("narrow", Role.Controller, sites: ["site-1"]));
        Assert.False((await narrow.SendAsync(request)).IsSuccessStatusCode);
        Assert.Null((await GetAsync(hub, hub.Tokens.Publisher)).Items[1].Controller);
        using var again = new HttpRequestMessage(HttpMethod.Get, "/v1/sites/site-1/effective");
        again.Headers.TryAddWithoutValidation("User-Agent", new string('x', 500));
        Assert.True((await narrow.SendAsync(again)).IsSuccessStatusCode);
        seen = (await GetAsync(hub, hub.Tokens.Publisher)).Items[0].Controller!;
        Assert.Equal(("narrow", 200), (seen.TokenId, seen.UserAgent!.Length));
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task The_list_is_paged_and_holds_the_sites_of_the_token_only(Dialect dialect)
    {
        await using var hub = await HubUnderTest.StartAsync(dialect);
        await hub.PublishAsync([.. Enumerable.Range(1, 7).Select(n => Some.Envelope(site: $"site-{n}"))]);
        var names = new List<string>();
        for (string? next = string.Empty; next is not null;)
        {
            var page = await GetAsync(hub, hub.Tokens.Operator, $"?limit=3{(next.Length > 0 ? "&after=" + next : string.Empty)}");
            Assert.InRange(page.Items.Count, 1, 3);
            names.AddRange(page.Items.Select(site => site.SiteId));
            next = page.Next;
        }

        Assert.Equal(Enumerable.Range(1, 7).Select(n => $"site-{n}"), names);
        var vendor = await hub.App.AddTokenAsync("vendor", Role.ControllerVendor, sites: ["site-2", "site-6", "site-9"]);
        var first = await GetAsync(hub, vendor, "?limit=1");
        Assert.Equal(("site-2", "site-2"), (Assert.Single(first.Items).SiteId, first.Next));
        var second = await GetAsync(hub, vendor, "?limit=1&after=site-2");
        Assert.Equal(("site-6", null), (Assert.Single(second.Items).SiteId, second.Next));
        Assert.Empty((await GetAsync(hub, await hub.App.AddTokenAsync("stranger", Role.Operator, "other"))).Items);
    }

    [Fact]
    public async Task While_publishers_have_yet_to_restate_every_site_is_told_as_incomplete()
    {
        await using var hub = await HubUnderTest.StartAsync(Dialect.Sqlite, "--EnvelopeHub:SettleTime=01:00:00", "--EnvelopeHub:Publishers:0=/gridservices/tariff/1");
        await hub.PublishAsync(Some.Envelope());
        var list = await GetAsync(hub, hub.Tokens.Operator);
        Assert.True(list.Incomplete);
        Assert.Equal(["/gridservices/tariff/1"], list.WaitingFor!);
        Assert.True(Assert.Single(list.Items).Incomplete);
    }

    private static async Task<SiteList> GetAsync(HubUnderTest hub, string token, string query = "")
    {
        using var client = hub.Client(token);
        using var answer = await client.GetAsync("/v1/sites" + query);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return await HubUnderTest.ReadAsync<SiteList>(answer);
    }
}
