using System.Net;
using System.Text;
using System.Text.Json;
using Dapper;
using GridServices.Contracts;
using GridServices.EnvelopeHub.Service.Sites;
using GridServices.Hosting.Health;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace GridServices.EnvelopeHub.Tests.Publishing;

/// <summary>Content that changed in the store is never served, and never reads as "no limit".</summary>
public sealed class DamageTests
{
    [Fact]
    public async Task A_digit_flipped_in_the_database_file_is_not_served_and_told()
    {
        await using var hub = await HubUnderTest.StartAsync();
        await hub.PublishAsync(Some.Envelope(stream: "A", watts: 2948294), Some.Envelope(stream: "B", watts: 9_000_000), Some.Envelope(site: "site-2", watts: 7));
        await hub.App.App.StopAsync();
        await hub.App.App.DisposeAsync();
        await hub.SqlAsync("PRAGMA wal_checkpoint(TRUNCATE)");
        Flip(hub.DatabaseFile, "2948294", "9948294");
        await hub.RestartAsync();
        await DemandUnknownAsync(hub);

        // The other site is as it was.
        using var other = hub.Controller;
        var whole = await HubUnderTest.ReadAsync<SiteEnvelopes>(await other.GetAsync("/v1/sites/site-2/envelopes"));
        Assert.Equal(7, Assert.Single(whole.Envelopes).Segments[0].Limits.ImportLimitW);

        // Its publisher states it again: all is well.
        Assert.Equal(PublishStatus.Accepted, Assert.Single(await hub.PublishAsync(Some.Envelope(stream: "A", revision: 2, watts: 5))).Status);
        Assert.Equal("5", await hub.ImportLimitAsync());
        Assert.Null(hub.App.App.Services.GetRequiredService<DamagedSites>().Detail());
    }

    public static TheoryData<Dialect, string> ChangedRows => On(
        "UPDATE entry SET content = CASE substr(content, 1, 1) WHEN 'a' THEN 'b' ELSE 'a' END || substr(content, 2) WHERE sequence = 2",
        "UPDATE entry SET event = replace(event, '\"importLimitW\":2000', '\"importLimitW\":9000') WHERE sequence = 2",
        "UPDATE entry SET event = substr(event, 1, 200) WHERE sequence = 2",
        "UPDATE entry SET event = replace(event, 'sites/site-1', 'sites/site-3') WHERE sequence = 2",
        "UPDATE entry SET event = replace(event, '\"sequence\":\"2\"', '\"sequence\":\"3\"') WHERE sequence = 2",
        "UPDATE entry SET type = 'gridservices.envelope.withdrawn.v1' WHERE sequence = 2",
        "UPDATE entry SET type = 'something else' WHERE sequence = 2",
        "UPDATE live SET sequence = 1 WHERE sequence = 2",
        "UPDATE live SET stream_key = stream_key || 'x' WHERE sequence = 2",
        "UPDATE live SET proof = 'x' WHERE sequence = 2",
        "DELETE FROM entry WHERE sequence = 2",
        "UPDATE site SET sequence = 1");

    public static TheoryData<Dialect, string> LostRows => On("DELETE FROM live", "DELETE FROM live WHERE stream_key LIKE '%A'", "DELETE FROM entry; DELETE FROM live");

    [Theory]
    [MemberData(nameof(ChangedRows))]
    public async Task A_row_that_does_not_fit_is_not_served(Dialect dialect, string damage)
    {
        await using var hub = await HubUnderTest.StartAsync(dialect);
        await hub.PublishAsync(Some.Envelope(stream: "A", watts: 9999));
        await hub.PublishAsync(Some.Envelope(stream: "A", revision: 2, watts: 2000));
        await hub.RestartDamagedAsync(damage);
        await DemandUnknownAsync(hub);
    }

    [Theory]
    [MemberData(nameof(LostRows))]
    public async Task A_stream_of_which_no_row_is_left_is_missed(Dialect dialect, string damage)
    {
        await using var hub = await HubUnderTest.StartAsync(dialect);
        await hub.PublishAsync(Some.Envelope(stream: "A", watts: 2000), Some.Envelope(stream: "B", watts: 9000), Some.Envelope(site: "site-2", watts: 7));
        await hub.PublishAsync(Some.Envelope(stream: "B", revision: 2, watts: 8000));
        await hub.RestartDamagedAsync(damage);
        await DemandUnknownAsync(hub, "streams that nobody can name");

        // All that is published later is served again, and a restart finds nothing missing.
        await hub.PublishAsync(Some.Envelope(stream: "A", revision: 2, watts: 5), Some.Envelope(stream: "B", revision: 3, watts: 6));
        await hub.RestartAsync();
        Assert.Equal("5", await hub.ImportLimitAsync());
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task A_damaged_entry_of_the_log_makes_a_reader_read_the_whole_set(Dialect dialect)
    {
        await using var hub = await HubUnderTest.StartAsync(dialect);
        await hub.PublishAsync(Some.Envelope(stream: "A", watts: 1000));
        await hub.PublishAsync(Some.Envelope(stream: "A", revision: 2, watts: 2000));
        await hub.PublishAsync(Some.Envelope(stream: "A", revision: 3, watts: 3000));
        await hub.RestartDamagedAsync("UPDATE entry SET event = replace(event, '2000', '9000') WHERE sequence = 2");
        using var client = hub.Controller;
        using (var poll = await client.GetAsync("/v1/sites/site-1/envelopes?since=1"))
        {
            await HubUnderTest.DemandProblemAsync(poll, ErrorClass.CursorGone);
        }

        await using var stream = await hub.SubscribeAsync(query: "?since=1");
        var told = await stream.NextAsync("snapshot");
        Assert.Equal(3000, Assert.Single(told.Read<SiteSnapshot>().Envelopes).Segments[0].Limits.ImportLimitW);
    }

    // Its publisher says that it has restated, and has not: only the site's own damage tells that a limit is missing.
    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task Who_is_connected_is_told_that_a_limit_is_missing_until_it_is_published_again(Dialect dialect)
    {
        await using var hub = await HubUnderTest.StartAsync(dialect, "--EnvelopeHub:HeartbeatInterval=00:00:00.5");
        await hub.PublishAsync(Some.Envelope(stream: "A", watts: 2000), Some.Envelope(stream: "B", watts: 9000));
        await using var stream = await hub.SubscribeAsync();
        await stream.NextAsync("heartbeat");
        var store = hub.App.App.Services.GetRequiredService<Store>();
        await store.WriteAsync(
            tx => tx.Connection!.ExecuteAsync("UPDATE entry SET event = replace(event, '2000', '9000')", transaction: tx), TestContext.Current.CancellationToken);

        // An epoch of the hello, and by then another one of the damage that is found: what is published before it would count as said again.
        var epoch = "0000000000000000";
        await Until.HoldsAsync(
            async () =>
            {
                epoch = (await HelloAsync(hub, epoch, restated: null)).Epoch;
                var answer = await HelloAsync(hub, epoch, restated: epoch);
                return (answer.Incomplete, Ended: await store.ReadAsync(db => db.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM past_epoch p WHERE p.epoch NOT IN (SELECT epoch FROM hub_epoch) AND @Epoch IN (SELECT epoch FROM hub_epoch)", new { answer.Epoch })));
            },
            seen => seen is { Incomplete: null, Ended: 3 });

        await hub.PublishAsync(Some.Envelope(stream: "C", watts: 7000));
        Assert.Equal(epoch, (await stream.NextAsync("envelope")).LastEventId.Split('.')[0]);
        Assert.True((await stream.NextAsync("effective")).Read<EffectiveTimeline>().Incomplete);
        Assert.True((await stream.NextAsync("heartbeat")).Read<Heartbeat>().Incomplete);

        await hub.PublishAsync(Some.Envelope(stream: "A", revision: 2, watts: 2000));
        await stream.NextAsync("envelope");
        Assert.Null((await stream.NextAsync("effective")).Read<EffectiveTimeline>().Incomplete);
        Assert.Equal("2000", await hub.ImportLimitAsync());
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task A_publication_hides_no_missing_stream_before_anybody_was_asked_for_it(Dialect dialect)
    {
        await using var hub = await HubUnderTest.StartAsync(dialect);
        await hub.PublishAsync([.. new[] { "site-1", "site-2" }.SelectMany(site => new[] { Some.Envelope(site, "A", watts: 2000), Some.Envelope(site, "B", watts: 9000) })]);
        await hub.RestartDamagedAsync("DELETE FROM live WHERE stream_key LIKE '%A'");

        // Asked for those of the other site just now: nobody is asked again for a minute.
        using var client = hub.Controller;
        using var other = await client.GetAsync("/v1/sites/site-2/envelopes");
        await HubUnderTest.DemandProblemAsync(other, ErrorClass.Unavailable);
        var damage = hub.App.App.Services.GetRequiredService<DamagedSites>();
        await Until.HoldsAsync(() => !damage.HasNew);
        await hub.PublishAsync(Some.Envelope(stream: "B", revision: 2, watts: 8000));
        await DemandDamagedAsync(client);

        await hub.RestartAsync();
        using var after = hub.Controller;
        await DemandDamagedAsync(after);
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task A_store_of_an_older_version_has_no_proofs_and_is_served(Dialect dialect)
    {
        await using var hub = await HubUnderTest.StartAsync(dialect);
        await hub.PublishAsync(Some.Envelope(watts: 1234));
        await hub.RestartDamagedAsync("UPDATE live SET proof = NULL");
        Assert.Equal("1234", await hub.ImportLimitAsync());
    }

    private static async Task DemandUnknownAsync(HubUnderTest hub, string name = "site site-1 openadr A")
    {
        using var client = hub.Controller;
        foreach (var path in new[] { "effective/now/importLimitW", "effective", "envelopes", "stream" })
        {
            using var answer = await client.GetAsync($"/v1/sites/site-1/{path}");
            var problem = await HubUnderTest.DemandProblemAsync(answer, ErrorClass.Unavailable);
            Assert.Contains("damaged", problem.Detail, StringComparison.Ordinal);
        }

        using var ready = await Until.HoldsAsync(() => client.GetAsync("/health/ready"), answer => answer.StatusCode == HttpStatusCode.OK);
        var checks = JsonSerializer.Deserialize<HealthAnswer>(await ready.Content.ReadAsByteArrayAsync(), ContractJson.Options)!.Checks;
        Assert.Contains($"site-1: {name}", Assert.Single(checks, check => check.Name == "content").Detail, StringComparison.Ordinal);

        // Another epoch begins of itself: what is published before it does not count as said again.
        var damage = hub.App.App.Services.GetRequiredService<DamagedSites>();
        await Until.HoldsAsync(() => !damage.HasNew);
    }

    private static async Task DemandDamagedAsync(HttpClient client)
    {
        using var answer = await client.GetAsync("/v1/sites/site-1/effective/now/importLimitW");
        Assert.Contains("damaged", (await HubUnderTest.DemandProblemAsync(answer, ErrorClass.Unavailable)).Detail, StringComparison.Ordinal);
    }

    private static async Task<PublisherAnswer> HelloAsync(HubUnderTest hub, string epoch, string? restated)
    {
        using var client = hub.Publisher;
        using var answer = await client.PostAsync(
            "/v1/publishers", HubUnderTest.Json(new PublisherHello { Source = "/gridservices/openadr/1", Epoch = epoch, Head = 0, RestatedEpoch = restated }));
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return await HubUnderTest.ReadAsync<PublisherAnswer>(answer);
    }

    private static void Flip(string file, string from, string to)
    {
        var bytes = File.ReadAllBytes(file);
        var at = bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(from));
        Assert.True(at > 0, $"{from} is not in the file.");
        while (at >= 0)
        {
            Encoding.UTF8.GetBytes(to).CopyTo(bytes, at);
            at = bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(from));
        }

        File.WriteAllBytes(file, bytes);
    }

    private static TheoryData<Dialect, string> On(params string[] damages)
    {
        var cases = new TheoryData<Dialect, string>();
        foreach (var damage in damages)
        {
            cases.Add(Dialect.Sqlite, damage);
            cases.Add(Dialect.PostgreSql, damage);
        }

        return cases;
    }
}
