using System.Net;
using GridServices.Contracts;
using GridServices.Hosting.Storage;
using GridServices.Testing;

namespace GridServices.EnvelopeHub.Tests.Publishing;

/// <summary>A site of which not even its own row is left reads like one that nobody ever published for: the store's count of sites tells.</summary>
public sealed class MissingSiteTests
{
    private const string All = "DELETE FROM live; DELETE FROM entry; DELETE FROM site";
    private static readonly Uri First = new("/v1/sites/site-1/effective/now/importLimitW", UriKind.Relative);
    private static readonly Uri Second = new("/v1/sites/site-2/effective/now/importLimitW", UriKind.Relative);

    public static TheoryData<Dialect, string> Damages
    {
        get
        {
            var cases = new TheoryData<Dialect, string>();
            foreach (var dialect in new[] { Dialect.Sqlite, Dialect.PostgreSql })
            {
                cases.Add(dialect, "DELETE FROM site WHERE site = 'site-1'");
                cases.Add(dialect, "DELETE FROM live WHERE site_id = (SELECT id FROM site WHERE site = 'site-1'); DELETE FROM site WHERE site = 'site-1'");
                cases.Add(dialect, "UPDATE site SET site = 'site-9' WHERE site = 'site-1'");
                cases.Add(dialect, "UPDATE site SET tenant = 'another' WHERE site = 'site-1'");
                cases.Add(dialect, "DELETE FROM site WHERE site = 'site-1'; INSERT INTO site (tenant, site, sequence, trimmed_to) VALUES ('default', 'site-9', 0, 0)");
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task One_of_many_sites(Dialect dialect, string damage)
    {
        await using var hub = await HubUnderTest.StartAsync(dialect);
        await PublishAsync(hub, Some.Envelope(watts: 2_000), Some.Envelope(site: "site-2", watts: 7));
        var before = await EpochAsync(hub, "site-2");
        await hub.RestartDamagedAsync(damage);
        using var client = hub.Controller;

        await DemandIncompleteAsync(client);
        using (var kept = await client.GetAsync(Second, TestContext.Current.CancellationToken))
        {
            await HubUnderTest.DemandProblemAsync(kept, ErrorClass.Incomplete);
            Assert.Equal("true", Assert.Single(kept.Headers.GetValues("X-Incomplete")));
        }

        await using (var stream = await hub.SubscribeAsync())
        {
            Assert.True((await stream.NextAsync("snapshot")).Read<SiteSnapshot>().Incomplete);
        }

        Assert.NotEqual(before, await EpochAsync(hub, "site-2"));
        await DemandWellAfterRestatedAsync(hub, client);
    }

    [Theory]
    [InlineData(Dialect.Sqlite, "DELETE FROM site")]
    [InlineData(Dialect.PostgreSql, "DELETE FROM site")]
    [InlineData(Dialect.Sqlite, All)]
    [InlineData(Dialect.PostgreSql, All)]
    public async Task The_only_site(Dialect dialect, string damage)
    {
        await using var hub = await HubUnderTest.StartAsync(dialect);
        await PublishAsync(hub, Some.Envelope(watts: 2_000));
        await hub.RestartDamagedAsync(damage);
        using var client = hub.Controller;

        await DemandIncompleteAsync(client);
        await DemandWellAfterRestatedAsync(hub, client);
    }

    [Fact]
    public async Task While_the_hub_runs()
    {
        // On SQLite nobody else can write to the file of a running hub.
        await using var hub = await HubUnderTest.StartAsync(Dialect.PostgreSql);
        await PublishAsync(hub, Some.Envelope(watts: 2_000), Some.Envelope(site: "site-2", watts: 7));
        var before = await EpochAsync(hub, "site-2");
        await hub.SqlAsync("DELETE FROM site WHERE site = 'site-1'");
        using var client = hub.Controller;

        // A site that is not in memory is never taken for one that nobody published for, from the first moment on.
        using (var other = await client.GetAsync(new Uri("/v1/sites/site-5/effective/now/importLimitW", UriKind.Relative), TestContext.Current.CancellationToken))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, other.StatusCode);
        }

        await Until.HoldsAsync(() => EpochAsync(hub, "site-2"), epoch => epoch != before);
        await DemandIncompleteAsync(client);
        await DemandWellAfterRestatedAsync(hub, client);
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task A_store_of_an_older_version_is_counted_at_its_first_start(Dialect dialect)
    {
        await using var hub = await HubUnderTest.StartAsync(dialect);
        await PublishAsync(hub, Some.Envelope(watts: 2_000), Some.Envelope(site: "site-2", watts: 7));
        var before = await EpochAsync(hub, "site-1");
        await hub.RestartDamagedAsync(
            "UPDATE commit_count SET sites = 0, names = NULL; UPDATE commit_count SET sites = (SELECT COUNT(*) FROM site) WHERE writer = 'publications'; "
            + "UPDATE commit_count SET names = 0 WHERE writer = 'feedback'");
        Assert.Equal(before, await EpochAsync(hub, "site-1"));

        // From then on the names count too, those of new sites as well.
        await hub.PublishAsync(Some.Envelope(site: "site-3", watts: 9));
        await hub.RestartDamagedAsync("UPDATE site SET site = 'site-4' WHERE site = 'site-3'");
        Assert.NotEqual(before, await EpochAsync(hub, "site-1"));
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task Sites_that_fed_back_first_are_counted_once(Dialect dialect)
    {
        await using var hub = await HubUnderTest.StartAsync(dialect);
        using var client = hub.Controller;
        for (var i = 0; i < 3; i++)
        {
            using var taken = await client.PostAsync(
                $"/v1/sites/site-{i}/telemetry", HubUnderTest.Json($$"""[{"activePowerW":{{i}},"at":"{{NodaTime.SystemClock.Instance.GetCurrentInstant()}}"}]"""), TestContext.Current.CancellationToken);
            Assert.True(taken.IsSuccessStatusCode, await taken.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }

        await hub.PublishAsync(Some.Envelope(watts: 2_000), Some.Envelope(site: "site-5", watts: 5));
        await hub.PublishAsync(Some.Envelope(revision: 2, watts: 3_000));
        var before = await EpochAsync(hub, "site-1");
        await hub.RestartAsync();
        Assert.Equal(before, await EpochAsync(hub, "site-1"));
    }

    // A controller keeps to the limit that held before.
    private static async Task DemandIncompleteAsync(HttpClient client)
    {
        using var answer = await client.GetAsync(First, TestContext.Current.CancellationToken);
        await HubUnderTest.DemandProblemAsync(answer, ErrorClass.Incomplete);
    }

    private static async Task DemandWellAfterRestatedAsync(HubUnderTest hub, HttpClient client)
    {
        await PublishAsync(hub, Some.Envelope(watts: 2_000), Some.Envelope(site: "site-2", watts: 7));
        var epoch = await EpochAsync(hub, "site-1");
        using var answer = await client.GetAsync(First, TestContext.Current.CancellationToken);
        Assert.Equal("2000", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.False(answer.Headers.Contains("X-Incomplete"));
        await hub.RestartAsync();
        Assert.Equal(epoch, await EpochAsync(hub, "site-1"));
    }

    /// <summary>Publishes, and says as a publisher does that this is everything.</summary>
    private static async Task PublishAsync(HubUnderTest hub, params byte[][] events)
    {
        await hub.PublishAsync(events);
        var answer = await HelloAsync(hub, null);
        await HelloAsync(hub, answer.Epoch);
    }

    private static async Task<PublisherAnswer> HelloAsync(HubUnderTest hub, string? restated)
    {
        using var client = hub.Publisher;
        using var answer = await client.PostAsync(
            new Uri("/v1/publishers", UriKind.Relative), HubUnderTest.Json(new PublisherHello { Source = "/gridservices/openadr/1", RestatedEpoch = restated }), TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return await HubUnderTest.ReadAsync<PublisherAnswer>(answer);
    }

    private static async Task<string> EpochAsync(HubUnderTest hub, string site)
    {
        using var client = hub.Controller;
        using var answer = await client.GetAsync(new Uri($"/v1/sites/{site}/envelopes", UriKind.Relative), TestContext.Current.CancellationToken);
        return (await HubUnderTest.ReadAsync<SiteEnvelopes>(answer)).Epoch;
    }
}
