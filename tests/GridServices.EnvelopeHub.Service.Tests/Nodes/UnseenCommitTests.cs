using System.Net;
using GridServices.Contracts;
using GridServices.EnvelopeHub.Service.History;
using GridServices.EnvelopeHub.Service.Nodes;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace GridServices.EnvelopeHub.Tests.Nodes;

/// <summary>What one instance has taken and another has not seen yet: nothing reads as complete, or as held, by what was there before.</summary>
public sealed class UnseenCommitTests
{
    private const string Source = "/gridservices/openadr/1";

    [Fact]
    public async Task What_a_publisher_said_at_another_completes_nothing_before_its_envelopes_are_shown()
    {
        await using var hubs = new TwoHubs();
        var epoch = await BeginAnotherAsync(hubs);
        var looks = await HeldTable.HoldAsync(hubs.Place, "node_topic");
        Assert.Equal(PublishStatus.Accepted, Assert.Single(await TwoHubs.PublishAsync(hubs.A, Some.Envelope(revision: 2, watts: 10_000))).Status);
        var entries = await HeldTable.HoldAsync(hubs.Place, "entry");

        // What A would store with the hello that follows the last answer.
        await looks.RunAsync($"UPDATE publisher SET restated = '{epoch}', confirmed_run = 1000000000000; UPDATE node_topic SET changes = changes + 1 WHERE topic = 'publishers'");
        await looks.LetGoAsync();
        await UntilWaitingAsync(hubs, "%entry e ON%");
        Assert.True(GetHistory(hubs.B).GetTenantHistory("default").Incomplete);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await LimitAsync(hubs.B)).Status);

        await entries.LetGoAsync();
        await UntilCompleteAsync(hubs.B, "10000");
    }

    [Fact]
    public async Task A_hello_that_says_restated_completes_nothing_that_is_not_shown()
    {
        await using var hubs = new TwoHubs();
        var epoch = await BeginAnotherAsync(hubs);
        var looks = await HeldTable.HoldAsync(hubs.Place, "node_topic");
        await TwoHubs.PublishAsync(hubs.A, Some.Envelope(revision: 2, watts: 10_000));
        var entries = await HeldTable.HoldAsync(hubs.Place, "entry");
        await looks.LetGoAsync();
        await UntilWaitingAsync(hubs, "%entry e ON%");

        var hello = TwoHubs.HelloAsync(hubs.B, new PublisherHello { Source = Source, RestatedEpoch = epoch, Epoch = epoch });
        for (var turn = 0; turn < 10; turn++)
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await LimitAsync(hubs.B)).Status);
        }

        await entries.LetGoAsync();
        await hello;
        Assert.Equal((HttpStatusCode.OK, "10000"), await LimitAsync(hubs.B));
    }

    [Fact]
    public async Task A_duplicate_of_a_history_that_has_ended_is_stored_in_the_next()
    {
        await using var hubs = new TwoHubs();
        await hubs.InitializeAsync();
        var word = Some.Envelope(watts: 30_000);
        await TwoHubs.PublishAsync(hubs.B, word);
        var epoch = GetHistory(hubs.B).Epoch;

        // The store without it, of another epoch, and B has not looked.
        var looks = await HeldTable.HoldAsync(hubs.Place, "node_topic");
        await hubs.Place.SqlAsync(
            """
            INSERT INTO past_epoch (epoch, ended_at) SELECT epoch, 0 FROM hub_epoch; UPDATE hub_epoch SET epoch = 'other'; UPDATE history_witness SET epoch = 'other';
            DELETE FROM live; DELETE FROM entry; UPDATE site SET sequence = 0, trimmed_to = 0, live_count = 0
            """);
        var publishing = TwoHubs.PublishAsync(hubs.B, word);
        await looks.LetGoAsync();

        Assert.Equal(PublishStatus.Accepted, Assert.Single(await publishing).Status);
        Assert.NotEqual(epoch, GetHistory(hubs.B).Epoch);
        Assert.Equal("1", Assert.Single(await hubs.Place.SqlAsync("SELECT COUNT(*) FROM entry")));
    }

    [Fact]
    public async Task One_in_doubt_tells_nothing_however_the_path_is_spelled()
    {
        await using var hubs = new TwoHubs();
        await hubs.StartAsync("--EnvelopeHub:UnseenFor=00:00:01", "--EnvelopeHub:LookInterval=00:00:00.050");
        await TwoHubs.PublishAsync(hubs.A, Some.Envelope(watts: 30_000));
        var looks = await HeldTable.HoldAsync(hubs.Place, "node_topic");
        await Until.HoldsAsync(() => !hubs.A.App.Services.GetRequiredService<StoreFreshness>().MayTell);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await LimitAsync(hubs.A, "/v1/sites")).Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await LimitAsync(hubs.A, "/V1/Sites")).Status);
        await looks.LetGoAsync();
        await Until.HoldsAsync(async () => (await LimitAsync(hubs.A, "/V1/Sites")).Status, status => status == HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_row_that_is_gone_from_what_another_stored_reads_as_missing_and_not_as_left_out()
    {
        await using var hubs = new TwoHubs();
        await hubs.InitializeAsync();
        await TwoHubs.PublishAsync(hubs.A, Some.Envelope(watts: 30_000));
        await TwoHubs.UntilLimitAsync(hubs.B, "site-1", 30_000);
        var looks = await HeldTable.HoldAsync(hubs.Place, "node_topic");
        await TwoHubs.PublishAsync(hubs.A, Some.Envelope(stream: "TIGHTER", watts: 10_000));
        await TwoHubs.PublishAsync(hubs.A, Some.Envelope(stream: "WIDER", watts: 40_000));
        await hubs.Place.SqlAsync("DELETE FROM entry WHERE sequence = (SELECT sequence - 1 FROM site)");
        await looks.LetGoAsync();
        await Until.HoldsAsync(async () => (await LimitAsync(hubs.B)).Status, status => status == HttpStatusCode.ServiceUnavailable);
    }

    // Another epoch has begun at both, who knows of one publisher; B holds the site.
    private static async Task<string> BeginAnotherAsync(TwoHubs hubs)
    {
        await hubs.InitializeAsync();
        var before = GetHistory(hubs.A).Epoch;
        await TwoHubs.PublishAsync(hubs.A, Some.Envelope(watts: 30_000));
        await TwoHubs.HelloAsync(hubs.A, new PublisherHello { Source = Source, RestatedEpoch = before, Epoch = before });
        await TwoHubs.UntilLimitAsync(hubs.B, "site-1", 30_000);
        await hubs.Place.SqlAsync(SharedHistoryTests.RestoreDump);
        await Until.HoldsAsync(() => GetHistory(hubs.A).Epoch != before && GetHistory(hubs.A).Epoch == GetHistory(hubs.B).Epoch);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await LimitAsync(hubs.B)).Status);
        return GetHistory(hubs.A).Epoch;
    }

    private static HubHistory GetHistory(ServiceApp hub) => hub.App.Services.GetRequiredService<HubHistory>();

    private static async Task<(HttpStatusCode Status, string Text)> LimitAsync(ServiceApp hub, string sites = "/v1/sites")
    {
        using var client = TwoHubs.Client(hub, hub.Tokens.Controller);
        try
        {
            using var answer = await client.GetAsync(new Uri($"{sites}/site-1/effective/now/importLimitW", UriKind.Relative));
            return (answer.StatusCode, answer.IsSuccessStatusCode ? await answer.Content.ReadAsStringAsync() : string.Empty);
        }
        catch (HttpRequestException)
        {
            return (HttpStatusCode.ServiceUnavailable, string.Empty); // In doubt meanwhile: an answer under way is cut.
        }
    }

    // No number but this one is told on the way.
    private static async Task UntilCompleteAsync(ServiceApp hub, string watts) => await Until.HoldsAsync(
        async () => await LimitAsync(hub),
        answer =>
        {
            Assert.True(answer.Status != HttpStatusCode.OK || answer.Text == watts, answer.Text);
            return answer.Status == HttpStatusCode.OK;
        });

    private static async Task UntilWaitingAsync(TwoHubs hubs, string query) => await Until.HoldsAsync(
        async () => (await hubs.Place.SqlAsync($"SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '{query}' AND pid <> pg_backend_pid()"))[0],
        found => found != "0");
}
