using System.Net;
using GridServices.Contracts;
using GridServices.EnvelopeHub.Service.Retention;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace GridServices.EnvelopeHub.Tests.Streaming;

public sealed class StreamTests
{
    [Fact]
    public async Task The_current_set_is_always_stated_first_even_when_it_is_empty()
    {
        await using var hub = await HubUnderTest.StartAsync();
        await using var stream = await hub.SubscribeAsync();
        var first = (await stream.NextAsync())!;
        Assert.Equal("snapshot", first.Name);
        var snapshot = first.Read<SiteSnapshot>();
        Assert.Equal("0", snapshot.Sequence);
        Assert.Empty(snapshot.Envelopes);
        Assert.Equal(new Cursor(snapshot.Epoch, 0).ToString(), first.LastEventId);
    }

    [Fact]
    public async Task A_change_is_sent_and_then_the_timeline_that_it_makes()
    {
        await using var hub = await HubUnderTest.StartAsync();
        await using var stream = await hub.SubscribeAsync();
        await stream.NextAsync("snapshot");
        await hub.PublishAsync(Some.Envelope(watts: 4200));
        var change = await stream.NextAsync("envelope");
        Assert.Equal(1, change.Sequence);
        Assert.Equal(4200, change.Read<CloudEvent<Envelope>>().Data.Segments[0].Limits.ImportLimitW);
        var merged = (await stream.NextAsync("effective")).Read<EffectiveTimeline>();
        Assert.Equal("1", merged.Sequence);
        Assert.Equal(4200, merged.Targets[0].Segments[0].Limits.ImportLimitW!.Value);
    }

    [Fact]
    public async Task A_burst_of_changes_makes_one_timeline()
    {
        await using var hub = await HubUnderTest.StartAsync(Dialect.Sqlite, "--EnvelopeHub:EffectiveCoalescing=00:00:03");
        await using var stream = await hub.SubscribeAsync();
        await stream.NextAsync("heartbeat");
        await hub.PublishAsync([.. Enumerable.Range(1, 10).Select(revision => Some.Envelope(revision: revision, watts: revision))]);

        var names = new List<string>();
        while (names.Count == 0 || names[^1] != "effective")
        {
            names.Add((await stream.NextAsync())!.Name);
        }

        Assert.Equal(10, names.Count(name => name == "envelope"));
        Assert.Equal(1, names.Count(name => name == "effective"));
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task A_reconnect_gets_what_it_missed_and_no_snapshot_also_after_a_restart(Dialect dialect)
    {
        await using var hub = await HubUnderTest.StartAsync(dialect);
        await hub.PublishAsync(Some.Envelope(stream: "A"), Some.Envelope(stream: "B"));
        string cursor;
        await using (var stream = await hub.SubscribeAsync())
        {
            cursor = (await stream.NextAsync("snapshot")).LastEventId;
        }

        await hub.PublishAsync(Some.Envelope(stream: "A", revision: 2), Some.Envelope(stream: "C"));
        for (var start = 0; start < 2; start++)
        {
            await using (var again = await hub.SubscribeAsync(lastEventId: cursor))
            {
                Assert.Equal(("envelope", 3), Head(await again.NextAsync()));
                Assert.Equal(("envelope", 4), Head(await again.NextAsync()));
                Assert.Equal("effective", (await again.NextAsync())!.Name);
            }

            await using (var bySince = await hub.SubscribeAsync(query: $"?since={cursor}"))
            {
                Assert.Equal(("envelope", 3), Head(await bySince.NextAsync()));
            }

            await hub.RestartAsync();
        }
    }

    [Theory]
    [InlineData("0000000000000000.1")]
    [InlineData("garbage!")]
    [InlineData("-1")]
    [InlineData("99")]
    public async Task An_unknown_cursor_gets_a_snapshot(string cursor)
    {
        await using var hub = await HubUnderTest.StartAsync();
        await hub.PublishAsync(Some.Envelope());
        await using var stream = await hub.SubscribeAsync(lastEventId: cursor);
        Assert.Equal(("snapshot", 1), Head(await stream.NextAsync()));
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task A_cursor_older_than_the_log_gets_a_snapshot_on_the_stream_and_410_on_the_long_poll(Dialect dialect)
    {
        await using var hub = await HubUnderTest.StartAsync(dialect, "--EnvelopeHub:LogMaxPerSite=5");
        for (var revision = 1; revision <= 20; revision++)
        {
            await hub.PublishAsync(Some.Envelope(revision: revision), Some.Envelope(stream: "KEPT", revision: 1, id: new Guid("00000000-0000-7000-8000-000000000001")));
        }

        await hub.App.App.Services.GetRequiredService<LogTrimmer>().TrimAsync(TestContext.Current.CancellationToken);
        for (var start = 0; start < 2; start++)
        {
            using var client = hub.Controller;
            using (var gone = await client.GetAsync("/v1/sites/site-1/envelopes?since=15"))
            {
                await HubUnderTest.DemandProblemAsync(gone, ErrorClass.CursorGone);
            }

            using (var kept = await client.GetAsync("/v1/sites/site-1/envelopes?since=16"))
            {
                Assert.Equal("21", (await HubUnderTest.ReadAsync<SiteEnvelopes>(kept)).Sequence);
            }

            await using var stream = await hub.SubscribeAsync(lastEventId: "15");
            var snapshot = (await stream.NextAsync())!;
            Assert.Equal(("snapshot", 21), Head(snapshot));
            Assert.Equal(2, snapshot.Read<SiteSnapshot>().Envelopes.Count);
            await hub.RestartAsync();
        }
    }

    // reliability F22
    [Fact]
    public async Task Random_reconnects_lose_nothing_repeat_nothing_and_keep_the_order()
    {
        const int events = 400;
        await using var hub = await HubUnderTest.StartAsync(Dialect.Sqlite, "--EnvelopeHub:ReplayEvents=8", "--EnvelopeHub:HeartbeatInterval=00:00:00.100");
        var random = new Random(22);
        await using (var first = await hub.SubscribeAsync())
        {
            await first.NextAsync("snapshot");
        }

        var publishing = Task.Run(async () =>
        {
            for (var i = 1; i <= events; i++)
            {
                await hub.PublishAsync(Some.Envelope(stream: $"S{i % 7}", revision: i));
            }
        }, TestContext.Current.CancellationToken);

        var (cursor, seen, reconnects) = ("0", new List<long>(), 0);
        while (seen.Count < events)
        {
            await using var stream = await hub.SubscribeAsync(lastEventId: cursor);
            reconnects++;
            for (var left = random.Next(0, 12); left > 0 && seen.Count < events; left--)
            {
                var next = (await stream.NextAsync())!;
                Assert.NotEqual("snapshot", next.Name);
                if (next.Name == "envelope")
                {
                    seen.Add(next.Sequence);
                    cursor = stream.LastEventId;
                }
            }
        }

        await publishing;
        Assert.Equal(Enumerable.Range(1, events).Select(n => (long)n), seen);
        Assert.True(reconnects > 20, $"{reconnects}");
    }

    [Fact]
    public async Task Heartbeats_tell_the_last_sequence_and_each_upstream_and_leave_the_cursor()
    {
        await using var hub = await HubUnderTest.StartAsync(Dialect.Sqlite, "--EnvelopeHub:HeartbeatInterval=00:00:00.200");
        await hub.PublishAsync(Some.Envelope());
        await using var stream = await hub.SubscribeAsync();
        var first = await stream.NextAsync("heartbeat");
        Assert.Empty(first.Read<Heartbeat>().Upstreams);
        Assert.EndsWith(".1", first.LastEventId, StringComparison.Ordinal);

        await ReportAsync(hub, UpstreamStatus.Ok, Duration.FromHours(1));
        var ok = await UntilAsync(stream, beat => beat.Upstreams.Count > 0);
        Assert.Equal((UpstreamStatus.Ok, "openadr/PROG7"), (ok.Upstreams[0].Status, ok.Upstreams[0].Stream.ToString()));
        Assert.Equal("1", ok.Sequence);
        await ReportAsync(hub, UpstreamStatus.Ok, Duration.FromMilliseconds(1500));
        var silent = await UntilAsync(stream, beat => beat.Upstreams[0].Status == UpstreamStatus.Lost);
        Assert.Contains("not reported", silent.Upstreams[0].Detail, StringComparison.Ordinal);
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task A_link_that_was_lost_before_a_restart_of_the_hub_is_lost_after_it(Dialect dialect)
    {
        await using var hub = await HubUnderTest.StartAsync(dialect);
        await ReportAsync(hub, UpstreamStatus.Lost, Duration.FromMinutes(10));
        await hub.RestartAsync();
        await using var stream = await hub.SubscribeAsync();
        Assert.Equal(UpstreamStatus.Lost, Assert.Single((await stream.NextAsync("heartbeat")).Read<Heartbeat>().Upstreams).Status);
    }

    // The publisher's store was lost, or its link deleted: controllers still hold what it stood for.
    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task A_lost_link_that_is_left_out_of_the_next_report_is_lost_until_its_stream_is_withdrawn(Dialect dialect)
    {
        await using var hub = await HubUnderTest.StartAsync(dialect);
        await hub.PublishAsync(Some.Envelope());
        await ReportAsync(hub, UpstreamStatus.Lost, Duration.FromMinutes(10));
        await ReportAsync(hub, null, Duration.FromMinutes(10));
        await DemandLostAsync(hub);
        await ReportAsync(hub, null, Duration.FromMinutes(10));
        await DemandLostAsync(hub);
        await hub.RestartAsync();
        await DemandLostAsync(hub);

        await hub.PublishAsync(Some.Withdrawal());
        await ReportAsync(hub, null, Duration.FromMinutes(10));
        await using var stream = await hub.SubscribeAsync();
        Assert.Empty((await stream.NextAsync("heartbeat")).Read<Heartbeat>().Upstreams);
    }

    private static async Task DemandLostAsync(HubUnderTest hub)
    {
        await using var stream = await hub.SubscribeAsync();
        var line = Assert.Single((await stream.NextAsync("heartbeat")).Read<Heartbeat>().Upstreams);
        Assert.Equal((UpstreamStatus.Lost, Some.Evening), (line.Status, line.Since));
    }

    [Fact]
    public async Task A_changed_upstream_is_told_at_once()
    {
        await using var hub = await HubUnderTest.StartAsync(Dialect.Sqlite, "--EnvelopeHub:HeartbeatInterval=00:05:00");
        await using var stream = await hub.SubscribeAsync();
        await stream.NextAsync("heartbeat");
        await ReportAsync(hub, UpstreamStatus.Lost, Duration.FromMinutes(1));
        Assert.Equal(UpstreamStatus.Lost, (await UntilAsync(stream, beat => beat.Upstreams.Count > 0)).Upstreams[0].Status);
    }

    [Fact]
    public async Task A_token_that_is_taken_away_ends_its_streams()
    {
        await using var hub = await HubUnderTest.StartAsync(Dialect.Sqlite, "--EnvelopeHub:HeartbeatInterval=00:00:00.200");
        var token = await hub.App.AddTokenAsync("guest", Role.Controller, sites: ["site-1"]);
        await using var stream = await hub.SubscribeAsync(token: token);
        await stream.NextAsync("heartbeat");
        hub.Tokens.Remove("guest");
        var events = 0;
        while (await stream.NextAsync() is not null)
        {
            Assert.True(++events < 100, "the stream goes on");
        }
    }

    private static async Task ReportAsync(HubUnderTest hub, UpstreamStatus? status, Duration validFor)
    {
        using var client = hub.Publisher;
        var report = new UpstreamReport
        {
            Source = "/gridservices/openadr/1",
            ValidFor = validFor,
            Streams = status is { } said ? [new UpstreamStream { Stream = new StreamId("openadr", "PROG7"), Sites = ["site-1"], Status = said, Since = Some.Evening }] : [],
        };

        // One that waited for five seconds is refused as too old, and sent again.
        var answered = await Until.HoldsAsync(
            async () =>
            {
                using var answer = await client.PostAsync("/v1/upstream-health", HubUnderTest.Json(report));
                return answer.StatusCode;
            },
            code => code != HttpStatusCode.ServiceUnavailable);
        Assert.Equal(HttpStatusCode.NoContent, answered);
    }

    private static async Task<Heartbeat> UntilAsync(SseReader stream, Func<Heartbeat, bool> condition)
    {
        while (true)
        {
            var beat = (await stream.NextAsync("heartbeat")).Read<Heartbeat>();
            if (condition(beat))
            {
                return beat;
            }
        }
    }

    private static (string, long) Head(SseEvent? next) => (next!.Name, next.Sequence);
}
