using System.Text.Json.Nodes;
using GridServices.Contracts;
using GridServices.Hosting.Storage;
using GridServices.Testing;

namespace GridServices.EnvelopeHub.Tests.Sites;

/// <summary>A site that nobody ever published for says so wherever it says "no limit".</summary>
public sealed class UnknownSiteTests
{
    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task A_site_that_was_never_published_is_not_known_in_stream_and_answer_until_it_is(Dialect dialect)
    {
        await using var hub = await HubUnderTest.StartAsync(dialect);
        using var controller = hub.Controller;

        // A site that fed something back has a row, and is still none that was published.
        using var fed = await controller.PostAsync("/v1/sites/site-1/telemetry", HubUnderTest.Json(new Reading { At = Some.Evening - NodaTime.Duration.FromDays(300), NetPowerW = 1 }));
        Assert.True(fed.IsSuccessStatusCode);
        foreach (var site in new[] { "site-1", "never-heard" })
        {
            await using var stream = await hub.SubscribeAsync(site);
            Assert.False(await KnownAsync(controller, site));
            Assert.False((await stream.NextAsync("snapshot")).Read<SiteSnapshot>().SiteKnown);

            await hub.PublishAsync(Some.Envelope(site: site));
            await stream.NextAsync("envelope");
            Assert.Null(await KnownAsync(controller, site));
            await using var again = await hub.SubscribeAsync(site);
            Assert.Null((await again.NextAsync("snapshot")).Read<SiteSnapshot>().SiteKnown);
        }

        // What was published once and withdrawn is known: nothing limits it, which is not "mistyped".
        await hub.PublishAsync(Some.Withdrawal(revision: 2));
        Assert.Null(await KnownAsync(controller, "site-1"));
        await hub.RestartAsync();
        using var later = hub.Controller;
        await Until.HoldsAsync(() => AnswersAsync(later), answers => answers);
        Assert.Null(await KnownAsync(later, "site-1"));
        Assert.False(await KnownAsync(later, "mistyped"));
    }

    // Until PostgreSQL has given up the session of before, the new process stands by.
    private static async Task<bool> AnswersAsync(HttpClient client)
    {
        using var answer = await client.GetAsync("/v1/sites/site-1/envelopes", TestContext.Current.CancellationToken);
        return answer.IsSuccessStatusCode;
    }

    private static async Task<bool?> KnownAsync(HttpClient client, string site) =>
        (bool?)JsonNode.Parse(await client.GetStringAsync($"/v1/sites/{site}/envelopes", TestContext.Current.CancellationToken))!["siteKnown"];
}
