using GridServices.Contracts;
using GridServices.Testing;
using NodaTime;
using static GridServices.Client.Tests.Samples;

namespace GridServices.Client.Tests.Hub;

/// <summary>Against a hub that cuts, lies and falls silent, over a real socket.</summary>
public sealed class HubClientTests
{
    private static readonly Envelope First = Envelope(Dr, 1, 60_000, null), Second = Envelope(Dr, 2, 30_000, null);

    [Fact]
    public async Task States_the_set_then_its_changes_and_heartbeats()
    {
        await using var hub = await FakeHub.StartAsync();
        hub.Plays(FakeHub.Snapshot(Set(1, First)) + FakeHub.Change(2, Second) + FakeHub.Beat(2), cut: false);
        var heard = await HearAsync(hub, 4);
        Assert.Collection(
            heard,
            m => Assert.True(Assert.IsType<LinkChanged>(m).Up),
            m => Assert.Equal(60_000, Assert.Single(Assert.IsType<SetStated>(m).Set.Envelopes).Segments[0].Limits.ImportLimitW),
            m => Assert.Equal(2, Assert.IsType<ChangeStated>(m).Publication.Revision),
            m => Assert.IsType<HeartbeatHeard>(m));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Resumes_from_its_cursor_after_a_cut(bool abort)
    {
        await using var hub = await FakeHub.StartAsync();
        hub.Plays(FakeHub.Snapshot(Set(1, First)), abort: abort).Plays(FakeHub.Change(2, Second), cut: false);
        var heard = await HearAsync(hub, 5);
        Assert.IsType<ChangeStated>(heard[^1]);
        Assert.Equal(["", "E.1"], hub.Openings);
        Assert.Equal(0, hub.SetsAsked);
    }

    [Fact]
    public async Task Takes_the_snapshot_that_answers_a_stale_cursor()
    {
        await using var hub = await FakeHub.StartAsync();
        hub.Plays(FakeHub.Snapshot(Set(1, First))).Plays(FakeHub.Snapshot(Set(900, Second)), cut: false);
        var heard = await HearAsync(hub, 5);
        Assert.Equal(900, Assert.IsType<SetStated>(heard[^1]).Cursor.Sequence);
    }

    [Theory]
    [InlineData("event: snapshot\nid: E.1\ndata: {\"siteId\":\n\n")]
    [InlineData("event: envelope\nid: E.2\ndata: {\"specversion\":\"1.0\"}\n\n")]
    [InlineData("event: envelope\nid: nonsense\ndata: {}\n\n")]
    [InlineData("event: heartbeat\ndata: null\n\n")]
    [InlineData("event: heartbeat\ndata: []\n\n")]
    public async Task Garbage_is_no_half_limit_and_the_whole_set_is_wanted_after_it(string garbage)
    {
        await using var hub = await FakeHub.StartAsync();
        hub.Plays(FakeHub.Snapshot(Set(1, First)) + garbage, cut: false).Plays(FakeHub.Snapshot(Set(2, Second)), cut: false);
        var heard = await HearAsync(hub, 5);
        Assert.Contains(heard, m => m is LinkChanged { Up: false, Detail: not null });
        Assert.Equal(2, Assert.IsType<SetStated>(heard[^1]).Cursor.Sequence);
        Assert.Equal(["", ""], hub.Openings);
    }

    [Fact]
    public async Task A_set_with_an_unsound_envelope_is_not_taken()
    {
        await using var hub = await FakeHub.StartAsync();
        hub.Plays(FakeHub.Snapshot(Set(1, Envelope(Dr, 1, -5, null))), cut: false).Plays(FakeHub.Snapshot(Set(2, First)), cut: false);
        var heard = await HearAsync(hub, 4);
        Assert.Contains("importLimitW", Assert.IsType<LinkChanged>(heard[1]).Detail, StringComparison.Ordinal);
        Assert.Equal(2, Assert.IsType<SetStated>(heard[3]).Cursor.Sequence);
    }

    [Fact]
    public void Options_do_not_show_the_token() => Assert.DoesNotContain("secret", new HubClientOptions { Hub = new("http://h"), Token = "secret", SiteId = Site }.ToString(), StringComparison.Ordinal);

    [Fact]
    public async Task An_event_without_end_is_cut()
    {
        await using var hub = await FakeHub.StartAsync();
        hub.Plays("data: " + new string('x', 200_000), cut: false).Plays(FakeHub.Snapshot(Set(1)), cut: false);
        var heard = await HearAsync(hub, 4);
        Assert.Contains("more than 100000 bytes", Assert.IsType<LinkChanged>(heard[1]).Detail, StringComparison.Ordinal);
        Assert.IsType<SetStated>(heard[^1]);
    }

    [Fact]
    public async Task A_missing_sequence_is_fetched_before_the_change_is_shown()
    {
        await using var hub = await FakeHub.StartAsync();
        hub.Set = Set(5, Second).Set;
        hub.Plays(FakeHub.Snapshot(Set(1, First)) + FakeHub.Change(5, Second), cut: false);
        var heard = await HearAsync(hub, 4);
        Assert.Equal(5, Assert.IsType<SetStated>(heard[2]).Cursor.Sequence);
        Assert.IsType<ChangeStated>(heard[3]);
        Assert.Equal(1, hub.SetsAsked);
    }

    [Fact]
    public async Task A_heartbeat_that_knows_more_fetches_the_set()
    {
        await using var hub = await FakeHub.StartAsync();
        hub.Set = Set(3, Second).Set;
        hub.Plays(FakeHub.Snapshot(Set(1, First)) + FakeHub.Beat(3) + FakeHub.Beat(3), cut: false);
        var heard = await HearAsync(hub, 5);
        Assert.Equal(3, Assert.IsType<SetStated>(heard[2]).Cursor.Sequence);
        Assert.Equal(1, hub.SetsAsked);
    }

    [Fact]
    public async Task A_silent_line_is_given_up_and_opened_anew()
    {
        await using var hub = await FakeHub.StartAsync();
        hub.Plays(FakeHub.Snapshot(Set(1)), cut: false).Plays(FakeHub.Beat(1), cut: false);

        // An opening counts as silence too: on a busy machine the first one alone takes a second.
        var heard = await HearAsync(hub, 5, idleMs: 5_000);
        Assert.Equal("the hub fell silent", Assert.IsType<LinkChanged>(heard[2]).Detail);
        Assert.Equal(["", "E.1"], hub.Openings);
    }

    [Theory]
    [InlineData(503, "E.1")]
    [InlineData(401, "E.1")]
    [InlineData(410, "")]
    [InlineData(200, "")]
    public async Task A_refused_opening_is_tried_again_with_or_without_the_cursor(int status, string third)
    {
        await using var hub = await FakeHub.StartAsync();
        hub.Plays(FakeHub.Snapshot(Set(1))).Plays("{\"type\":\"t\",\"title\":\"Gone\",\"status\":410,\"detail\":\"no\"}", status: status, contentType: "application/json").Plays(FakeHub.Beat(1), cut: false);
        await HearAsync(hub, 6);
        Assert.Equal(["", "E.1", third], hub.Openings);
    }

    [Fact]
    public async Task Unknown_events_are_passed_over()
    {
        await using var hub = await FakeHub.StartAsync();
        hub.Plays("event: weather\ndata: sunny\n\n: a comment\n\n" + FakeHub.Snapshot(Set(1)), cut: false);
        Assert.IsType<SetStated>((await HearAsync(hub, 2))[1]);
    }

    [Fact]
    public async Task An_unchanged_timeline_is_not_sent_twice()
    {
        await using var hub = await FakeHub.StartAsync();
        using var client = new HubClient(hub.Options());
        var first = await client.GetEffectiveAsync(T0, At(60));
        Assert.NotNull(first.Timeline);
        var second = await client.GetEffectiveAsync(etag: first.ETag);
        Assert.Null(second.Timeline);
        Assert.Equal(first.ETag, second.ETag);
    }

    [Fact]
    public async Task A_refusal_says_why()
    {
        await using var hub = await FakeHub.StartAsync();
        using var client = new HubClient(hub.Options());
        hub.RefusesNextPost(ErrorClass.SemanticNumber);
        var refused = await Assert.ThrowsAsync<HubTalkException>(() => client.SendAsync([new Receipt { EnvelopeId = Guid.NewGuid(), Revision = 1, State = ReceiptState.Received, At = T0 }]));
        Assert.False(refused.IsPassing);
    }

    [Fact]
    public void Waits_double_up_to_the_longest_with_a_fifth_of_jitter()
    {
        var backoff = new Backoff(Duration.FromSeconds(1), Duration.FromSeconds(30), 0.2);
        Assert.Equal([1, 2, 4, 8, 16, 30, 30], Enumerable.Range(1, 7).Select(n => Math.Round(backoff.After(n, 0.5).TotalSeconds, 6)));
        Assert.Equal(0.8, backoff.After(1, 0).TotalSeconds, 6);
        Assert.Equal(1.2, backoff.After(1, 1).TotalSeconds, 6);
        Assert.Equal(30, backoff.After(int.MaxValue, 0.5).TotalSeconds, 6);
    }

    private static async Task<List<HubMessage>> HearAsync(FakeHub hub, int count, int idleMs = 120_000)
    {
        using var client = new HubClient(hub.Options(idleMs));
        using var patience = Until.Deadline();
        var heard = new List<HubMessage>();
        Cursor? cursor = null;
        await foreach (var message in client.SubscribeAsync(() => cursor, patience.Token))
        {
            cursor = message switch { SetStated s => s.Cursor, ChangeStated c => c.Cursor, _ => cursor };
            heard.Add(message);
            if (heard.Count == count)
            {
                break;
            }
        }

        return heard;
    }
}
