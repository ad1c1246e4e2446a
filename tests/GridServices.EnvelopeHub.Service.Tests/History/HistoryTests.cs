using System.Net;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.EnvelopeHub.Service.Publishing;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace GridServices.EnvelopeHub.Tests.History;

/// <summary>Epochs, publishers and what controllers are told while limits may be missing.</summary>
public sealed class HistoryTests
{
    private const string Source = "/gridservices/openadr/1";

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task A_lower_revision_and_one_with_other_content_are_told_what_is_held(Dialect dialect)
    {
        await using var hub = await HubUnderTest.StartAsync(dialect);
        await hub.PublishAsync(Some.Envelope(revision: 3));

        var results = await hub.PublishAsync(Some.Envelope(revision: 1), Some.Envelope(revision: 3, watts: 1), Some.Envelope(revision: 4));

        Assert.Equal([PublishStatus.Stale, PublishStatus.Rejected, PublishStatus.Accepted], results.Select(result => result.Status));
        Assert.Equal([3, 3, null], results.Select(result => result.HeldRevision));
    }

    [Fact]
    public async Task While_publishers_may_come_by_neither_nothing_nor_a_number_of_some_is_told_as_what_is_in_force()
    {
        await using var hub = await HubUnderTest.StartAsync(Dialect.Sqlite, "--EnvelopeHub:SettleTime=01:00:00");
        using var controller = hub.Controller;

        using var unstated = await controller.GetAsync(Now, TestContext.Current.CancellationToken);
        await HubUnderTest.DemandProblemAsync(unstated, ErrorClass.Incomplete);
        Assert.True(unstated.Headers.RetryAfter?.Delta > TimeSpan.Zero);

        await hub.PublishAsync(Some.Envelope(watts: 30_000));
        using var stated = await controller.GetAsync(Now, TestContext.Current.CancellationToken);
        await HubUnderTest.DemandProblemAsync(stated, ErrorClass.Incomplete);
        Assert.Equal("true", Assert.Single(stated.Headers.GetValues("X-Incomplete")));
        Assert.True(stated.Headers.RetryAfter?.Delta > TimeSpan.Zero);
        var timeline = JsonDocument.Parse(await controller.GetStringAsync(new Uri("/v1/sites/site-1/effective", UriKind.Relative), TestContext.Current.CancellationToken)).RootElement;
        Assert.True(timeline.GetProperty("incomplete").GetBoolean());

        await using var stream = await hub.SubscribeAsync();
        var snapshot = (await stream.NextAsync("snapshot")).Read<SiteSnapshot>();
        Assert.True(snapshot.Incomplete);
        Assert.True(snapshot.Effective.Incomplete);
        Assert.True((await stream.NextAsync("heartbeat")).Read<Heartbeat>().Incomplete);
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task A_publisher_that_has_seen_a_higher_head_begins_another_epoch_and_everybody_is_told(Dialect dialect)
    {
        await using var hub = await HubUnderTest.StartAsync(dialect);
        await hub.PublishAsync(Some.Envelope(watts: 30_000));
        var first = await HelloAsync(hub, new PublisherHello { Source = Source });
        await HelloAsync(hub, new PublisherHello { Source = Source, RestatedEpoch = first.Epoch, Epoch = first.Epoch, Head = first.Head });
        await using var stream = await hub.SubscribeAsync();
        var cursor = (await stream.NextAsync("snapshot")).LastEventId;
        await using var feedback = await SseReader.OpenAsync(hub.Client(hub.Tokens.Publisher), "/v1/feedback");

        var second = await HelloAsync(hub, new PublisherHello { Source = Source, RestatedEpoch = first.Epoch, Epoch = first.Epoch, Head = first.Head + 1 });

        Assert.NotEqual(first.Epoch, second.Epoch);
        Assert.Equal([Source], second.WaitingFor!);
        var snapshot = (await stream.NextAsync("snapshot")).Read<SiteSnapshot>();
        Assert.Equal((second.Epoch, true), (snapshot.Epoch, snapshot.Incomplete == true));
        Assert.Single(snapshot.Envelopes);
        await feedback.NextAsync("gone");
        await using (var resumed = await hub.SubscribeAsync(lastEventId: cursor))
        {
            Assert.Equal("snapshot", (await resumed.NextAsync())!.Name);
        }

        await HelloAsync(hub, new PublisherHello { Source = Source, RestatedEpoch = second.Epoch, Epoch = second.Epoch, Head = second.Head });
        while ((await stream.NextAsync("heartbeat")).Read<Heartbeat>().Incomplete == true)
        {
            Assert.NotEmpty(stream.LastEventId);
        }
    }

    [Fact]
    public async Task A_controllers_cursor_ahead_of_the_store_begins_another_epoch_once_whoever_invents_cursors()
    {
        await using var hub = await HubUnderTest.StartAsync();
        await hub.PublishAsync(Some.Envelope());
        var first = await HelloAsync(hub, new PublisherHello { Source = Source });
        await HelloAsync(hub, new PublisherHello { Source = Source, RestatedEpoch = first.Epoch, Epoch = first.Epoch, Head = first.Head });
        using var controller = hub.Controller;

        // Neither who only looks or publishes, nor a cursor of another epoch or of what is no cursor, nor one for a site that is not the token's.
        var viewer = await hub.App.AddTokenAsync("viewer", Role.Viewer);
        var elsewhere = await hub.App.AddTokenAsync("elsewhere", Role.Controller, sites: ["site-2"]);
        await AskAsync(hub.Client(viewer), $"{first.Epoch}.99", HttpStatusCode.Gone);
        await AskAsync(hub.Publisher, $"{first.Epoch}.99", HttpStatusCode.Gone);
        await AskAsync(hub.Client(elsewhere), $"{first.Epoch}.99", HttpStatusCode.Forbidden);
        await AskAsync(controller, "0000000000000000.99", HttpStatusCode.Gone);
        await AskAsync(controller, "99", HttpStatusCode.Gone);
        await AskAsync(controller, $"{first.Epoch}.1", HttpStatusCode.OK);
        Assert.Equal(first.Epoch, (await HelloAsync(hub, new PublisherHello { Source = Source, RestatedEpoch = first.Epoch, Epoch = first.Epoch, Head = first.Head })).Epoch);

        await using var ahead = await hub.SubscribeAsync(lastEventId: $"{first.Epoch}.99");
        var doubted = (await ahead.NextAsync("snapshot")).Read<SiteSnapshot>();
        Assert.NotEqual(first.Epoch, doubted.Epoch);
        Assert.Equal([Source], doubted.WaitingFor!);

        // The same again in the new epoch is an invention: it ends nothing any more.
        await HelloAsync(hub, new PublisherHello { Source = Source, RestatedEpoch = doubted.Epoch, Epoch = doubted.Epoch, Head = first.Head });
        await using var again = await hub.SubscribeAsync(lastEventId: $"{doubted.Epoch}.99");
        var confirmed = (await again.NextAsync("snapshot")).Read<SiteSnapshot>();
        Assert.Equal((doubted.Epoch, null), (confirmed.Epoch, confirmed.Incomplete));
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task Who_has_published_is_known_once_it_is_answered_whatever_happens_to_the_hub_then(Dialect dialect)
    {
        await using var hub = await HubUnderTest.StartAsync(dialect);
        await hub.PublishAsync(Some.Envelope(watts: 30_000));
        await hub.RestartDamagedAsync("DELETE FROM hub_epoch");

        using var controller = hub.Controller;
        using var answer = await controller.GetAsync(Now, TestContext.Current.CancellationToken);
        Assert.Contains(Source, (await HubUnderTest.DemandProblemAsync(answer, ErrorClass.Incomplete)).Detail, StringComparison.Ordinal);

        // It never says hello: its next publication says everything, also where the hub is started again at once.
        await hub.PublishAsync(Some.Envelope(revision: 2, watts: 5));
        await hub.RestartAsync();
        Assert.Equal("5", await hub.ImportLimitAsync());
    }

    // The hub ends between its commit and its answer, and whoever published sends nothing again.
    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task Who_has_published_is_stored_with_the_publication_itself(Dialect dialect)
    {
        await using var hub = await HubUnderTest.StartAsync(dialect);
        var entry = PublicationEntryReader.Parse(EnvelopeReader.ReadPublication(Some.Envelope(watts: 30_000)).Items[0].Value!);
        await hub.App.App.Services.GetRequiredService<CommitQueue>().SubmitAsync([entry]);
        await hub.RestartDamagedAsync("DELETE FROM hub_epoch");

        using var controller = hub.Controller;
        using var answer = await controller.GetAsync(Now, TestContext.Current.CancellationToken);
        Assert.Contains(Source, (await HubUnderTest.DemandProblemAsync(answer, ErrorClass.Incomplete)).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_lost_file_the_marker_tells_who_never_says_hello()
    {
        await using var hub = await HubUnderTest.StartAsync();
        await hub.PublishAsync(Some.Envelope(watts: 30_000));
        await hub.App.App.StopAsync(TestContext.Current.CancellationToken);
        await hub.App.App.DisposeAsync();
        File.Delete(hub.DatabaseFile);
        await hub.RestartAsync();

        using var controller = hub.Controller;
        using var answer = await controller.GetAsync(Now, TestContext.Current.CancellationToken);
        Assert.Contains(Source, (await HubUnderTest.DemandProblemAsync(answer, ErrorClass.Incomplete)).Detail, StringComparison.Ordinal);
        await hub.PublishAsync(Some.Envelope(watts: 5));
        Assert.Equal("5", await hub.ImportLimitAsync());
    }

    // Its store was lost: that it has nothing to say does not complete a history.
    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task A_publisher_that_comes_back_without_a_memory_completes_nothing_until_it_publishes(Dialect dialect)
    {
        await using var hub = await HubUnderTest.StartAsync(dialect);
        await hub.PublishAsync(Some.Envelope(watts: 30_000));
        var first = await HelloAsync(hub, new PublisherHello { Source = Source });
        await HelloAsync(hub, new PublisherHello { Source = Source, RestatedEpoch = first.Epoch, Epoch = first.Epoch, Head = first.Head });
        await hub.RestartAsync();

        var empty = await Until.HoldsAsync(() => TryHelloAsync(hub, new PublisherHello { Source = Source }), answer => answer is not null);
        Assert.True(empty!.Incomplete);
        var settled = new PublisherHello { Source = Source, RestatedEpoch = empty.Epoch, Epoch = empty.Epoch, Head = empty.Head };
        Assert.True((await HelloAsync(hub, settled)).Incomplete);
        using var boss = hub.Client(hub.Tokens.Operator);
        Assert.True(Assert.Single((await ListAsync(boss)).GetProperty("publishers").EnumerateArray()).GetProperty("forgot").GetBoolean());

        // Nor does another start of the hub.
        await hub.RestartAsync();
        var still = await Until.HoldsAsync(() => TryHelloAsync(hub, settled), answer => answer is not null);
        Assert.True(still!.Incomplete);

        await hub.PublishAsync(Some.Envelope(revision: 2, watts: 20_000));
        Assert.Null((await HelloAsync(hub, settled with { Head = still.Head })).Incomplete);
    }

    // Two that never showed a memory: one that is named and was never there before, and one that gives no epoch, as it may.
    [Fact]
    public async Task A_publisher_that_never_gave_an_epoch_completes_another_history_when_it_says_restated()
    {
        const string Other = "/others/1";
        await using var hub = await HubUnderTest.StartAsync(Dialect.Sqlite, $"--EnvelopeHub:Publishers:0={Source}");
        var first = await HelloAsync(hub, new PublisherHello { Source = Other });
        await HelloAsync(hub, new PublisherHello { Source = Other, RestatedEpoch = first.Epoch });
        var third = new PublisherHello { Source = "/others/2", Epoch = first.Epoch, Head = first.Head + 1 };
        var blank = await HelloAsync(hub, third);
        Assert.NotEqual(first.Epoch, blank.Epoch);
        await HelloAsync(hub, third with { Epoch = blank.Epoch, RestatedEpoch = blank.Epoch, Head = blank.Head });

        await HelloAsync(hub, new PublisherHello { Source = Source });
        await HelloAsync(hub, new PublisherHello { Source = Source, RestatedEpoch = blank.Epoch });
        await HelloAsync(hub, new PublisherHello { Source = Other });
        Assert.Null((await HelloAsync(hub, new PublisherHello { Source = Other, RestatedEpoch = blank.Epoch })).Incomplete);
    }

    [Fact]
    public async Task An_operator_sees_who_is_awaited_and_strikes_one_that_will_never_come_back()
    {
        await using var hub = await HubUnderTest.StartAsync(Dialect.Sqlite, "--EnvelopeHub:Publishers:0=/gridservices/gone/1");
        using var boss = hub.Client(hub.Tokens.Operator);
        var list = await ListAsync(boss);
        Assert.True(list.GetProperty("incomplete").GetBoolean());
        Assert.Equal("/gridservices/gone/1", Assert.Single(list.GetProperty("publishers").EnumerateArray()).GetProperty("source").GetString());

        using var awaited = await hub.Controller.GetAsync(Now, TestContext.Current.CancellationToken);
        Assert.Contains("DELETE /v1/publishers/gridservices/gone/1", await awaited.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        using var refused = await hub.Controller.DeleteAsync(new Uri("/v1/publishers/gridservices/gone/1", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        using var struck = await boss.DeleteAsync(new Uri("/v1/publishers/gridservices/gone/1", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NoContent, struck.StatusCode);
        using var twice = await boss.DeleteAsync(new Uri("/v1/publishers/gridservices/gone/1", UriKind.Relative), TestContext.Current.CancellationToken);
        await HubUnderTest.DemandProblemAsync(twice, ErrorClass.NotFound);
        Assert.False((await ListAsync(boss)).GetProperty("incomplete").GetBoolean());
    }

    [Fact]
    public async Task The_marker_beside_the_store_counts_every_commit()
    {
        await using var hub = await HubUnderTest.StartAsync();
        var before = await HelloAsync(hub, new PublisherHello { Source = Source });
        await hub.PublishAsync(Some.Envelope(revision: 1));
        await hub.PublishAsync(Some.Envelope(revision: 2));
        var answer = await HelloAsync(hub, new PublisherHello { Source = Source });

        var file = Path.Combine(Path.GetDirectoryName(hub.DatabaseFile)!, "envelope-hub.history");
        var marker = EnvelopeHub.History.HistoryMarker.Read(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken))!;

        Assert.Equal((answer.Epoch, before.Head + 2, before.Head + 2), (marker.Epoch, marker.Commits, answer.Head));
        Assert.Equal(Source, Assert.Single(marker.Publishers).Source);
    }

    private static readonly Uri Now = new("/v1/sites/site-1/effective/now/importLimitW", UriKind.Relative);

    private static async Task<PublisherAnswer> HelloAsync(HubUnderTest hub, PublisherHello hello)
    {
        using var client = hub.Publisher;
        using var answer = await client.PostAsync(new Uri("/v1/publishers", UriKind.Relative), HubUnderTest.Json(hello));
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return await HubUnderTest.ReadAsync<PublisherAnswer>(answer);
    }

    // Until PostgreSQL has given up the session of before, the new process stands by.
    private static async Task<PublisherAnswer?> TryHelloAsync(HubUnderTest hub, PublisherHello hello)
    {
        using var client = hub.Publisher;
        using var answer = await client.PostAsync(new Uri("/v1/publishers", UriKind.Relative), HubUnderTest.Json(hello));
        return answer.IsSuccessStatusCode ? await HubUnderTest.ReadAsync<PublisherAnswer>(answer) : null;
    }

    private static async Task AskAsync(HttpClient client, string cursor, HttpStatusCode expected)
    {
        using var answer = await client.GetAsync(new Uri($"/v1/sites/site-1/envelopes?since={cursor}&wait=PT0S", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(expected, answer.StatusCode);
    }

    private static async Task<JsonElement> ListAsync(HttpClient client)
    {
        using var list = JsonDocument.Parse(await client.GetStringAsync(new Uri("/v1/publishers", UriKind.Relative)));
        return list.RootElement.Clone();
    }
}
