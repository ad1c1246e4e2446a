using System.Net;
using System.Text.Json;
using Dapper;
using GridServices.Contracts;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace GridServices.EnvelopeHub.Tests.History;

/// <summary>The whole folder of the hub, marker included, is put back as it was before: only publishers and readers can know.</summary>
public sealed class RewindTests
{
    private const string Source = "/gridservices/openadr/1";
    private static readonly Uri Now = new("/v1/sites/site-1/effective/now/importLimitW", UriKind.Relative);

    [Fact]
    public async Task It_is_noticed_whatever_was_committed_before_the_publisher_says_hello()
    {
        await using var hub = await HubUnderTest.StartAsync();
        var seen = await RewoundAsync(hub);

        // Readings and another publisher raise the count beyond what the publisher has seen.
        using var client = hub.Controller;
        for (var i = 0; i < 4; i++)
        {
            using var taken = await client.PostAsync(
                "/v1/sites/site-1/telemetry", HubUnderTest.Json($$"""[{"activePowerW":{{i}},"at":"{{NodaTime.SystemClock.Instance.GetCurrentInstant()}}"}]"""), TestContext.Current.CancellationToken);
            Assert.True(taken.IsSuccessStatusCode, await taken.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }

        await hub.PublishAsync(Some.Envelope(stream: "OTHER", watts: 9_000));
        var answer = await HelloAsync(hub, seen);

        Assert.NotEqual(seen.Epoch, answer.Epoch);
        Assert.True(answer.Incomplete);
    }

    [Fact]
    public async Task Without_its_publisher_the_limits_stay_incomplete_until_an_operator_strikes_it()
    {
        await using var hub = await HubUnderTest.StartAsync();
        await RewoundAsync(hub);

        using var controller = hub.Controller;
        using var stated = await controller.GetAsync(Now, TestContext.Current.CancellationToken);
        Assert.Equal("true", Assert.Single(stated.Headers.GetValues("X-Incomplete")));

        using var boss = hub.Client(hub.Tokens.Operator);
        using var struck = await boss.DeleteAsync(new Uri("/v1/publishers" + Source, UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NoContent, struck.StatusCode);
        using var after = await controller.GetAsync(Now, TestContext.Current.CancellationToken);
        Assert.False(after.Headers.Contains("X-Incomplete"));
    }

    // The normal case of one machine: the hub's store, its marker and its publishers' stores were put back together. Only a controller knows.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_controllers_cursor_of_the_lost_tail_is_never_gone_on_from_whatever_was_published_before_it_comes(bool byStream)
    {
        await using var hub = await HubUnderTest.StartAsync();
        string cursor = "";
        var seen = await RewoundAsync(hub, async () => cursor = await CursorAsync(hub));
        for (var i = 0; i < 3; i++)
        {
            await hub.PublishAsync(Some.Envelope(stream: $"LATER{i}", watts: 30_000));
        }

        using var client = hub.Controller;
        if (byStream)
        {
            await using var stream = await hub.SubscribeAsync(lastEventId: cursor);
            var snapshot = (await stream.NextAsync("snapshot")).Read<SiteSnapshot>();
            Assert.NotEqual(seen.Epoch, snapshot.Epoch);
            Assert.True(snapshot.Incomplete);
            Assert.Equal(4, snapshot.Envelopes.Count);
        }
        else
        {
            using var gone = await client.GetAsync(new Uri($"/v1/sites/site-1/envelopes?since={cursor}", UriKind.Relative), TestContext.Current.CancellationToken);
            await HubUnderTest.DemandProblemAsync(gone, ErrorClass.CursorGone);
            Assert.NotEqual(seen.Epoch, (await CursorAsync(hub)).Split('.')[0]);
        }
    }

    [Fact]
    public async Task After_a_restart_readers_go_on_from_their_cursors_also_over_the_sequences_that_a_start_leaves_out()
    {
        await using var hub = await HubUnderTest.StartAsync();
        await hub.PublishAsync(Some.Envelope(stream: "A"), Some.Envelope(stream: "B"));
        var head = await CursorAsync(hub);
        var (epoch, behind) = (head.Split('.')[0], head.Split('.')[0] + ".1");
        await hub.RestartAsync();
        await using var stream = await hub.SubscribeAsync(lastEventId: head);
        await stream.NextAsync("heartbeat");

        var told = Assert.Single(await hub.PublishAsync(Some.Envelope(stream: "C")));
        Assert.True(long.Parse(told.Sequence!, System.Globalization.CultureInfo.InvariantCulture) > 3);
        Assert.Equal(told.Sequence, (await stream.NextAsync("envelope")).LastEventId.Split('.')[1]);
        await using (var late = await hub.SubscribeAsync(lastEventId: head))
        {
            Assert.Equal(("envelope", told.Sequence), ((await late.NextAsync())!.Name, late.LastEventId.Split('.')[1]));
        }

        await using (var later = await hub.SubscribeAsync(lastEventId: behind))
        {
            Assert.Equal(("envelope", $"{epoch}.2"), ((await later.NextAsync())!.Name, later.LastEventId));
            Assert.Equal("envelope", (await later.NextAsync())!.Name);
        }

        using var client = hub.Controller;
        var poll = JsonDocument.Parse(await client.GetStringAsync(new Uri($"/v1/sites/site-1/envelopes?since={head}", UriKind.Relative), TestContext.Current.CancellationToken)).RootElement;
        Assert.Equal((told.Sequence, 1), (poll.GetProperty("sequence").GetString(), poll.GetProperty("envelopes").GetArrayLength()));
        Assert.Equal(epoch, (await CursorAsync(hub)).Split('.')[0]);
    }

    [Fact]
    public async Task A_sequence_that_names_no_epoch_is_gone_once_there_was_another_epoch()
    {
        await using var hub = await HubUnderTest.StartAsync();
        var seen = await RewoundAsync(hub);
        await HelloAsync(hub, seen);
        await hub.PublishAsync(Some.Envelope(stream: "C", watts: 1_111), Some.Envelope(stream: "D", watts: 2_222), Some.Envelope(stream: "E", watts: 3_333));

        using var client = hub.Controller;
        using var bare = await client.GetAsync(new Uri("/v1/sites/site-1/envelopes?since=2", UriKind.Relative), TestContext.Current.CancellationToken);
        await HubUnderTest.DemandProblemAsync(bare, ErrorClass.CursorGone);
        await using var stream = await hub.SubscribeAsync(lastEventId: "2");
        Assert.Equal("snapshot", (await stream.NextAsync())!.Name);
    }

    [Fact]
    public async Task One_tenant_can_not_end_the_history_again_and_again()
    {
        await using var hub = await HubUnderTest.StartAsync();
        var first = await HelloAsync(hub, new PublisherHello { Source = Source });
        var second = await HelloAsync(hub, new PublisherHello { Source = Source, Epoch = first.Epoch, Head = 1_000_000_000_000 });
        var third = await HelloAsync(hub, new PublisherHello { Source = Source, Epoch = second.Epoch, Head = 1_000_000_000_000 });

        Assert.NotEqual(first.Epoch, second.Epoch);
        Assert.Equal(second.Epoch, third.Epoch);
    }

    [Fact]
    public async Task What_a_publisher_proves_is_not_forgotten_where_the_new_epoch_could_not_be_stored()
    {
        await using var hub = await HubUnderTest.StartAsync();
        var seen = await RewoundAsync(hub);
        var store = hub.App.App.Services.GetRequiredService<Store>();
        await store.WriteAsync(tx => tx.Connection!.ExecuteAsync("ALTER TABLE history_witness RENAME TO away", transaction: tx), TestContext.Current.CancellationToken);
        using (var client = hub.Publisher)
        {
            using var failed = await client.PostAsync(new Uri("/v1/publishers", UriKind.Relative), HubUnderTest.Json(seen), TestContext.Current.CancellationToken);
            Assert.False(failed.IsSuccessStatusCode);
        }

        await store.WriteAsync(tx => tx.Connection!.ExecuteAsync("ALTER TABLE away RENAME TO history_witness", transaction: tx), TestContext.Current.CancellationToken);
        var answer = await HelloAsync(hub, seen);
        Assert.NotEqual(seen.Epoch, answer.Epoch);
        Assert.Equal([Source], answer.WaitingFor!);
    }

    // The marker alone was left: what it proves stands until the new epoch is stored, however often the hub is started before.
    [Fact]
    public async Task A_start_that_fails_before_the_verdict_is_stored_hides_nothing_from_the_next_one()
    {
        await using var hub = await HubUnderTest.StartAsync();
        await hub.PublishAsync(Some.Envelope(stream: "A", watts: 8_000));
        await StopAsync(hub);
        await hub.SqlAsync("PRAGMA wal_checkpoint(TRUNCATE)");
        var copy = await File.ReadAllBytesAsync(hub.DatabaseFile, TestContext.Current.CancellationToken);
        await hub.RestartAsync();
        await hub.PublishAsync(Some.Envelope(stream: "B", watts: 1_500));
        var before = await CursorAsync(hub);
        await StopAsync(hub);
        await hub.SqlAsync("PRAGMA wal_checkpoint(TRUNCATE)");
        await File.WriteAllBytesAsync(hub.DatabaseFile, copy, TestContext.Current.CancellationToken);
        await hub.SqlAsync("ALTER TABLE history_witness RENAME TO away");
        await Assert.ThrowsAnyAsync<Exception>(hub.RestartAsync);

        await hub.SqlAsync("ALTER TABLE away RENAME TO history_witness");
        await hub.RestartAsync();
        Assert.NotEqual(before.Split('.')[0], (await CursorAsync(hub)).Split('.')[0]);
    }

    private static async Task StopAsync(HubUnderTest hub)
    {
        await hub.App.App.StopAsync(TestContext.Current.CancellationToken);
        await hub.App.App.DisposeAsync();
    }

    [Fact]
    public async Task A_damaged_stream_is_stated_again_without_a_person()
    {
        await using var hub = await HubUnderTest.StartAsync();
        await hub.PublishAsync(Some.Envelope(watts: 2_000));
        var before = await HelloAsync(hub, new PublisherHello { Source = Source });
        await HelloAsync(hub, new PublisherHello { Source = Source, Epoch = before.Epoch, Head = before.Head, RestatedEpoch = before.Epoch });
        await hub.App.App.StopAsync(TestContext.Current.CancellationToken);
        await hub.App.App.DisposeAsync();
        await using (var db = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={hub.DatabaseFile};Pooling=False"))
        {
            await db.OpenAsync(TestContext.Current.CancellationToken);
            await using var command = db.CreateCommand();
            command.CommandText = "UPDATE entry SET event = replace(event, '2000', '9000')";
            Assert.Equal(1, await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));
        }

        await hub.RestartAsync();
        using var controller = hub.Controller;
        using var unknown = await controller.GetAsync(Now, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, unknown.StatusCode);

        // The publisher hears of another epoch, and says the same again.
        var asked = await Until.HoldsAsync(
            () => HelloAsync(hub, new PublisherHello { Source = Source, Epoch = before.Epoch, Head = before.Head, RestatedEpoch = before.Epoch }), answer => answer.Epoch != before.Epoch);
        Assert.True(asked.Incomplete);
        Assert.Equal(PublishStatus.Accepted, Assert.Single(await hub.PublishAsync(Some.Envelope(watts: 2_000))).Status);
        await HelloAsync(hub, new PublisherHello { Source = Source, Epoch = asked.Epoch, Head = asked.Head, RestatedEpoch = asked.Epoch });
        Assert.Equal("2000", await hub.ImportLimitAsync());
    }

    /// <summary>One publication, a copy of the folder, a second publication that the publisher has seen the number of; then the copy again.</summary>
    private static async Task<PublisherHello> RewoundAsync(HubUnderTest hub, Func<Task>? beforeLoss = null)
    {
        await hub.PublishAsync(Some.Envelope(stream: "A", watts: 8_000));
        await HelloAsync(hub, new PublisherHello { Source = Source });
        var folder = Path.GetDirectoryName(hub.DatabaseFile)!;
        var copy = Directory.CreateTempSubdirectory("gridservices-rewind-").FullName;
        await hub.App.App.StopAsync(TestContext.Current.CancellationToken);
        await hub.App.App.DisposeAsync();
        Copy(folder, copy);
        await hub.RestartAsync();
        await hub.PublishAsync(Some.Envelope(stream: "B", watts: 1_500));
        var seen = await HelloAsync(hub, new PublisherHello { Source = Source });
        await (beforeLoss?.Invoke() ?? Task.CompletedTask);
        await hub.App.App.StopAsync(TestContext.Current.CancellationToken);
        await hub.App.App.DisposeAsync();
        foreach (var file in Directory.GetFiles(folder, "envelope-hub*"))
        {
            File.Delete(file);
        }

        Copy(copy, folder);
        Directory.Delete(copy, recursive: true);
        await hub.RestartAsync();
        return new PublisherHello { Source = Source, Epoch = seen.Epoch, Head = seen.Head, RestatedEpoch = seen.Epoch };
    }

    private static async Task<string> CursorAsync(HubUnderTest hub)
    {
        using var client = hub.Controller;
        var set = await HubUnderTest.ReadAsync<SiteEnvelopes>(await client.GetAsync(new Uri("/v1/sites/site-1/envelopes", UriKind.Relative), TestContext.Current.CancellationToken));
        return $"{set.Epoch}.{set.Sequence}";
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from, "envelope-hub*"))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)), overwrite: true);
        }
    }

    private static async Task<PublisherAnswer> HelloAsync(HubUnderTest hub, PublisherHello hello)
    {
        using var client = hub.Publisher;
        using var answer = await client.PostAsync(new Uri("/v1/publishers", UriKind.Relative), HubUnderTest.Json(hello));
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return await HubUnderTest.ReadAsync<PublisherAnswer>(answer);
    }
}
