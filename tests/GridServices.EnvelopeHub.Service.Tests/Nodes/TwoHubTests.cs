using System.Globalization;
using System.Net;
using GridServices.Contracts;
using GridServices.EnvelopeHub.Service.Nodes;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Npgsql;

namespace GridServices.EnvelopeHub.Tests.Nodes;

/// <summary>A controller or publisher may reach any instance; each test has a site of its own.</summary>
public sealed class TwoHubTests(TwoHubs hubs) : IClassFixture<TwoHubs>
{
    [Fact]
    public async Task What_is_published_to_either_reaches_the_subscribers_of_both_in_the_order_of_the_site()
    {
        await using var atA = await TwoHubs.SubscribeAsync(hubs.A, "order");
        await using var atB = await TwoHubs.SubscribeAsync(hubs.B, "order");
        for (var revision = 1; revision <= 20; revision++)
        {
            var taken = await TwoHubs.PublishAsync(hubs.All[revision % 2], Some.Envelope("order", revision: revision, watts: revision));
            Assert.Equal(PublishStatus.Accepted, Assert.Single(taken).Status);
        }

        var seenAtA = await ReadUntilAsync(atA, 20);
        var seenAtB = await ReadUntilAsync(atB, 20);
        Assert.Equal(Enumerable.Range(1, 20).Select(n => (long)n), seenAtA.Select(change => change.Revision));
        Assert.Equal(seenAtA, seenAtB);
        await TwoHubs.UntilLimitAsync(hubs.A, "order", 20);
        await TwoHubs.UntilLimitAsync(hubs.B, "order", 20);
        Assert.Equal(20, (await UntilMergedAsync(atA, 20)).Targets[0].Segments[0].Limits.ImportLimitW!.Value);
        Assert.Equal(20, (await UntilMergedAsync(atB, 20)).Targets[0].Segments[0].Limits.ImportLimitW!.Value);
    }

    [Fact]
    public async Task Many_publishers_of_both_get_one_sequence_without_a_number_twice()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(async publisher =>
        {
            var sequences = new List<long>();
            for (var revision = 1; revision <= 10; revision++)
            {
                var result = Assert.Single(await TwoHubs.PublishAsync(hubs.All[(publisher + revision) % 2], Some.Envelope("many", $"S{publisher}", revision)));
                Assert.Equal(PublishStatus.Accepted, result.Status);
                sequences.Add(long.Parse(result.Sequence!, CultureInfo.InvariantCulture));
            }

            return sequences;
        }));

        Assert.All(answers, sequences => Assert.Equal(sequences.Order(), sequences));
        var given = answers.SelectMany(sequences => sequences).Order().ToList();
        Assert.Equal(80, given.Distinct().Count());
        var stored = await hubs.Place.SqlAsync("SELECT e.sequence FROM entry e JOIN site s ON s.id = e.site_id WHERE s.site = 'many' ORDER BY e.sequence");
        Assert.Equal(given, stored.Select(text => long.Parse(text, CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task A_cursor_of_one_is_gone_on_from_at_the_other()
    {
        await TwoHubs.PublishAsync(hubs.A, Some.Envelope("cursor", revision: 1));
        string cursor;
        await using (var atA = await TwoHubs.SubscribeAsync(hubs.A, "cursor"))
        {
            await atA.NextAsync("snapshot");
            await TwoHubs.PublishAsync(hubs.A, Some.Envelope("cursor", revision: 2));
            cursor = (await atA.NextAsync("envelope")).LastEventId;
        }

        // At once, and also where the other has not seen it yet.
        await using (var atB = await TwoHubs.SubscribeAsync(hubs.B, "cursor", cursor))
        {
            await TwoHubs.PublishAsync(hubs.A, Some.Envelope("cursor", revision: 3));
            Assert.Equal(3, (await NextChangeAsync(atB)).Revision);
        }

        using var client = TwoHubs.Client(hubs.B, hubs.B.Tokens.Controller);
        var changes = await HubUnderTest.ReadAsync<SiteEnvelopes>(await client.GetAsync(new Uri($"/v1/sites/cursor/envelopes?since={cursor}&wait=PT60S", UriKind.Relative)));
        Assert.Equal(3, Assert.Single(changes.Envelopes).Revision);
    }

    [Fact]
    public async Task Each_judges_by_what_the_other_has_stored()
    {
        var first = Some.Envelope("judge", revision: 3, watts: 1);
        Assert.Equal(PublishStatus.Accepted, Assert.Single(await TwoHubs.PublishAsync(hubs.A, first)).Status);

        // Nobody waits for B to have seen it.
        Assert.Equal(PublishStatus.Duplicate, Assert.Single(await TwoHubs.PublishAsync(hubs.B, first)).Status);
        var lower = Assert.Single(await TwoHubs.PublishAsync(hubs.B, Some.Envelope("judge", revision: 2, watts: 1)));
        Assert.Equal((PublishStatus.Stale, 3L), (lower.Status, lower.HeldRevision));
        var other = Assert.Single(await TwoHubs.PublishAsync(hubs.B, Some.Envelope("judge", revision: 3, watts: 2)));
        Assert.Equal((PublishStatus.Rejected, 3L), (other.Status, other.HeldRevision));
        Assert.Equal(PublishStatus.Accepted, Assert.Single(await TwoHubs.PublishAsync(hubs.B, Some.Envelope("judge", revision: 4, watts: 2))).Status);
        Assert.Equal(PublishStatus.Stale, Assert.Single(await TwoHubs.PublishAsync(hubs.A, first)).Status);
    }

    [Fact]
    public async Task Without_the_connection_that_hears_hints_it_arrives_all_the_same()
    {
        await using var atB = await TwoHubs.SubscribeAsync(hubs.B, "hints");
        await atB.NextAsync("snapshot");
        var listener = CommitHints.GetApplicationName(hubs.B.App.Services.GetRequiredService<CommitNotices>().Name);
        var ended = "0";
        for (var revision = 1; revision <= 3; revision++)
        {
            // One that was ended is listed until the server has come to its end.
            ended = await ListenerAsync(listener, ended);
            Assert.Equal("True", Assert.Single(await hubs.Place.SqlAsync($"SELECT pg_terminate_backend({ended})")));
            await TwoHubs.PublishAsync(hubs.A, Some.Envelope("hints", revision: revision));
            Assert.Equal(revision, (await NextChangeAsync(atB)).Revision);
        }

        await ListenerAsync(listener, ended);
    }

    // The commit of a third instance is open for long: nobody passes it, and it is seen as well once it is there.
    [Fact]
    public async Task A_commit_that_is_open_for_long_is_never_passed()
    {
        await TwoHubs.PublishAsync(hubs.A, Some.Envelope("open", revision: 1, watts: 1));
        await using var atB = await TwoHubs.SubscribeAsync(hubs.B, "open");
        await atB.NextAsync("snapshot");
        var seen = hubs.B.App.Services.GetRequiredService<StoreFreshness>();

        await using var source = NpgsqlDataSource.Create(hubs.Place.Options.PostgreSql!);
        await using var db = await source.OpenConnectionAsync();
        await using var tx = await db.BeginTransactionAsync();
        await SqlAsync(db, $"SET search_path TO \"{hubs.Place.Schema}\"");
        await SqlAsync(db, "UPDATE commit_count SET commits = commits + 1 WHERE writer = 'publications'");
        await SqlAsync(db, "INSERT INTO commit_news (commits, previous, node, sites, at) SELECT commits, commits - 1, 'third', 'default/open', 0 FROM commit_count WHERE writer = 'publications'");
        await SqlAsync(db, "UPDATE entry SET at = at WHERE site_id = (SELECT id FROM site WHERE site = 'open')");

        var later = TwoHubs.PublishAsync(hubs.A, Some.Envelope("open", revision: 2, watts: 2));
        await Until.HoldsAsync(
            async () => (await hubs.Place.SqlAsync("SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%commit_news%' AND pid <> pg_backend_pid()"))[0], found => found != "0");
        await seen.RefreshAsync(TestContext.Current.CancellationToken);
        Assert.False(later.IsCompleted);
        await tx.CommitAsync();

        Assert.Equal(PublishStatus.Accepted, Assert.Single(await later).Status);
        Assert.Equal(2, (await NextChangeAsync(atB)).Revision);
        await seen.RefreshAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Feedback_to_one_is_followed_at_the_other_and_its_cursor_holds_at_both()
    {
        await using var atB = await SseReader.OpenAsync(TwoHubs.Client(hubs.B, hubs.B.Tokens.Publisher), "/v1/feedback");
        await PostReadingAsync(hubs.A, 1);
        var first = await ReadingAsync(atB, 1);
        await PostReadingAsync(hubs.B, 2);
        await using var atA = await SseReader.OpenAsync(TwoHubs.Client(hubs.A, hubs.A.Tokens.Publisher), "/v1/feedback", first);
        await ReadingAsync(atA, 2);
        await ReadingAsync(atB, 2);
    }

    [Fact]
    public async Task A_line_that_is_lost_by_what_one_was_told_is_lost_at_the_other()
    {
        await TwoHubs.PublishAsync(hubs.A, Some.Envelope("line", "LINE"));
        await using var atB = await TwoHubs.SubscribeAsync(hubs.B, "line");
        await ReportAsync(hubs.A, UpstreamStatus.Ok);
        await UntilStatusAsync(atB, UpstreamStatus.Ok);
        await ReportAsync(hubs.A, UpstreamStatus.Lost);
        await UntilStatusAsync(atB, UpstreamStatus.Lost);

        // Left out at the other one, which was never told of it itself.
        await ReportAsync(hubs.B, null);
        await using var atA = await TwoHubs.SubscribeAsync(hubs.A, "line");
        await UntilStatusAsync(atA, UpstreamStatus.Lost);
        await UntilStatusAsync(atB, UpstreamStatus.Lost);
    }

    [Fact]
    public async Task A_report_on_lines_that_could_not_be_stored_is_not_answered_as_taken()
    {
        await hubs.Place.SqlAsync(
            """
            CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'full' USING ERRCODE = '53100'; END $$;
            CREATE TRIGGER full_disk BEFORE INSERT ON upstream_report FOR EACH ROW WHEN (NEW.source = '/gridservices/openadr/full') EXECUTE FUNCTION full_disk()
            """);
        using var client = TwoHubs.Client(hubs.A, hubs.A.Tokens.Publisher);
        var report = new UpstreamReport { Source = "/gridservices/openadr/full", ValidFor = Duration.FromHours(1), Streams = [] };
        using var answer = await client.PostAsync(new Uri("/v1/upstream-health", UriKind.Relative), HubUnderTest.Json(report));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        await hubs.Place.SqlAsync("DROP TRIGGER full_disk ON upstream_report; DROP FUNCTION full_disk");
    }

    [Fact]
    public async Task What_cannot_be_read_of_what_others_stored_stops_nothing()
    {
        await TwoHubs.PublishAsync(hubs.A, Some.Envelope("poison", "LINE", revision: 1, watts: 1));
        await TwoHubs.UntilLimitAsync(hubs.B, "poison", 1);
        await hubs.Place.SqlAsync(
            """
            UPDATE commit_count SET commits = commits + 1 WHERE writer = 'publications';
            INSERT INTO commit_news (commits, previous, node, sites, at) SELECT commits, commits - 1, 'third', 'no slash', 0 FROM commit_count WHERE writer = 'publications';
            UPDATE node_topic SET changes = changes + 1 WHERE topic = 'upstream';
            INSERT INTO upstream_report (tenant, source, report, at, change, node) SELECT 'default', '/newer', '{"status":"unheard-of"', 0, changes, 'third' FROM node_topic WHERE topic = 'upstream'
            """);
        foreach (var hub in hubs.All)
        {
            await hub.App.Services.GetRequiredService<StoreFreshness>().RefreshAsync(TestContext.Current.CancellationToken);
        }

        await TwoHubs.PublishAsync(hubs.A, Some.Envelope("poison", "LINE", revision: 2, watts: 2));
        await TwoHubs.UntilLimitAsync(hubs.B, "poison", 2);
        await hubs.Place.SqlAsync("DELETE FROM upstream_report WHERE source = '/newer'");
    }

    // The server ends a session that says nothing for a minute, and notices are its own words.
    [Fact]
    public async Task The_connection_that_hears_hints_all_the_time_says_something_as_well()
    {
        var listener = CommitHints.GetApplicationName(hubs.B.App.Services.GetRequiredService<CommitNotices>().Name);
        await ListenerAsync(listener, "0");
        var since = (await hubs.Place.SqlAsync("SELECT clock_timestamp()::text"))[0];
        await Until.HoldsAsync(
            async () =>
            {
                await hubs.Place.SqlAsync($"SELECT pg_notify('gridservices_hub_' || substr(md5('{hubs.Place.Schema}'), 1, 16), 'another')::text");
                return (await hubs.Place.SqlAsync($"SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = '{listener}' AND query = 'SELECT 1' AND query_start > '{since}'"))[0];
            },
            asked => asked != "0");
    }

    private Task<string> ListenerAsync(string name, string otherThan) => Until.HoldsAsync(
        async () => (await hubs.Place.SqlAsync($"SELECT COALESCE(MAX(pid), 0) FROM pg_stat_activity WHERE application_name = '{name}' AND pid <> {otherThan}"))[0], found => found != "0");

    private static async Task PostReadingAsync(Testing.ServiceApp hub, int watts)
    {
        using var client = TwoHubs.Client(hub, hub.Tokens.Controller);
        using var answer = await client.PostAsync(
            new Uri("/v1/sites/fed/telemetry", UriKind.Relative), HubUnderTest.Json<Reading[]>([new Reading { At = Instant.FromUtc(2026, 1, 1, 0, watts), NetPowerW = watts }]));
        Assert.Equal(PublishStatus.Accepted, Assert.Single((await HubUnderTest.ReadAsync<PublishAnswer>(answer)).Results).Status);
    }

    private static async Task<string> ReadingAsync(SseReader stream, int watts)
    {
        SseEvent item;
        do
        {
            item = await stream.NextAsync("feedback");
        }
        while (item.Read<FeedbackItem>() is not { SiteId: "fed", Reading.NetPowerW: { } power } || power != watts);
        return item.LastEventId;
    }

    private static async Task ReportAsync(Testing.ServiceApp hub, UpstreamStatus? status)
    {
        using var client = TwoHubs.Client(hub, hub.Tokens.Publisher);
        var report = new UpstreamReport
        {
            Source = "/gridservices/openadr/line",
            ValidFor = Duration.FromHours(1),
            Streams = status is null ? [] : [new UpstreamStream { Stream = new StreamId("openadr", "LINE"), Sites = ["line"], Status = status.Value, Since = Some.Evening }],
        };

        // One that waited for five seconds is asked for again.
        var answered = await Until.HoldsAsync(
            async () =>
            {
                using var answer = await client.PostAsync(new Uri("/v1/upstream-health", UriKind.Relative), HubUnderTest.Json(report));
                return answer.StatusCode;
            },
            told => told != HttpStatusCode.ServiceUnavailable);
        Assert.Equal(HttpStatusCode.NoContent, answered);
    }

    private static async Task UntilStatusAsync(SseReader stream, UpstreamStatus expected)
    {
        while ((await stream.NextAsync("heartbeat")).Read<Heartbeat>().Upstreams.SingleOrDefault()?.Status != expected)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }
    }

    private static async Task<EffectiveTimeline> UntilMergedAsync(SseReader stream, long watts)
    {
        while (true)
        {
            var merged = (await stream.NextAsync("effective")).Read<EffectiveTimeline>();
            if (merged.Targets.SelectMany(target => target.Segments).Any(segment => segment.Limits.ImportLimitW?.Value == watts))
            {
                return merged;
            }
        }
    }

    private static async Task<(long Sequence, long Revision)> NextChangeAsync(SseReader stream)
    {
        var change = await stream.NextAsync("envelope");
        return (change.Sequence, change.Read<CloudEvent<Envelope>>().Data.Revision);
    }

    private static async Task<List<(long Sequence, long Revision)>> ReadUntilAsync(SseReader stream, long revision)
    {
        var seen = new List<(long Sequence, long Revision)>();
        while (seen.Count == 0 || seen[^1].Revision < revision)
        {
            seen.Add(await NextChangeAsync(stream));
        }

        return seen;
    }

    private static async Task SqlAsync(NpgsqlConnection db, string sql)
    {
        await using var command = new NpgsqlCommand(sql, db);
        await command.ExecuteNonQueryAsync();
    }
}
