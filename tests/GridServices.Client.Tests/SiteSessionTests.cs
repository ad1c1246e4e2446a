using System.Collections.Concurrent;
using System.Text.Json;
using GridServices.Client.Tests.Hub;
using GridServices.Contracts;
using GridServices.Testing;
using NodaTime;
using static GridServices.Client.Tests.Samples;

namespace GridServices.Client.Tests;

/// <summary>The whole SDK against a scripted hub, with a clock that the test moves.</summary>
public sealed class SiteSessionTests
{
    [Fact]
    public async Task Obeys_acknowledges_and_reports()
    {
        await using var hub = await FakeHub.StartAsync();
        hub.Plays(FakeHub.Snapshot(Set(1, Envelope(Dr, 1, 60_000, Holds()))) + FakeHub.Change(2, Envelope(Dr, 2, 30_000, Holds())), cut: false);
        using var session = new SiteSession(new() { Hub = hub.Options() }, clock: new FakeClock(T0));
        session.Report(new Reading { At = T0, NetPowerW = 1 });
        await RunUntilAsync(session, () => session.Limits.Site.ImportLimitW?.Value == 30_000 && ReadReceipts(hub).Count() >= 6 && hub.Posts.Any(p => p.What is "telemetry"));
        Assert.Equal(
            [(1, ReceiptState.Received), (1, ReceiptState.Accepted), (1, ReceiptState.Started), (2, ReceiptState.Received), (2, ReceiptState.Accepted), (2, ReceiptState.Started)],
            ReadReceipts(hub).Select(r => (r.Revision, r.State)));
        Assert.Equal(SitePhase.Controlled, session.Limits.Phase);
    }

    [Fact]
    public async Task Holds_over_a_restart_without_the_hub_and_says_so()
    {
        var folder = TestFolders.Create();
        var file = Path.Combine(folder, "held.json");
        var init = new FailsafeOptions { InitLimits = new Limits { ImportLimitW = 1 } };
        HubClientOptions nowhere;
        await using (var hub = await FakeHub.StartAsync())
        {
            nowhere = hub.Options();
            hub.Plays(FakeHub.Snapshot(Set(1, Envelope(Dr, 1, 60_000, Holds()))), cut: false);
            using var session = new SiteSession(new() { Hub = nowhere, StateFile = file, Failsafe = init }, clock: new FakeClock(T0));
            Assert.Equal(1, session.Limits.Site.ImportLimitW?.Value);
            await RunUntilAsync(session, () => File.Exists(file));
        }

        using var again = new SiteSession(new() { Hub = nowhere, StateFile = file, Failsafe = init }, clock: new FakeClock(T0));
        Assert.Equal((60_000, SitePhase.Init), (again.Limits.Site.ImportLimitW?.Value, again.Limits.Phase));
        TestFolders.Remove(folder);
    }

    [Fact]
    public async Task Falls_safe_when_the_line_dies_and_comes_back_by_heartbeat_and_set()
    {
        var time = new ManualTimeProvider(T0);
        var envelope = Envelope(Fcr, 1, 60_000, Falls(120, 4_200, 0));
        await using var hub = await FakeHub.StartAsync();
        hub.Set = Set(1, envelope).Set;
        hub.Plays(FakeHub.Snapshot(Set(1, envelope)), cut: false).Plays(FakeHub.Snapshot(Set(1, envelope)) + FakeHub.Beat(1), cut: false);
        var phases = new ConcurrentQueue<SitePhase>();
        using var session = new SiteSession(new() { Hub = hub.Options(idleMs: 600_000) }, clock: new FakeClock(time), time: time);
        session.LimitsChanged += limits => phases.Enqueue(limits.Phase);
        using var stop = Until.Deadline();
        var running = session.RunAsync(stop.Token);
        await UntilAsync(() => phases.LastOrDefault() == SitePhase.Controlled);
        time.Advance(Duration.FromSeconds(121));
        Assert.Equal((4_200, SitePhase.Failsafe), (session.Limits.Site.ImportLimitW?.Value, session.Limits.Phase));
        await UntilAsync(() => phases.LastOrDefault() == SitePhase.Failsafe);

        // The silent line is given up, the next one brings snapshot and heartbeat; the set is fetched once more, after the heartbeat.
        time.Advance(Duration.FromSeconds(600));
        await time.UntilWaitingAsync(2);
        await UntilAsync(() =>
        {
            time.Advance(Duration.FromMilliseconds(20));
            return phases.LastOrDefault() == SitePhase.Controlled && session.Limits.Phase == SitePhase.Controlled;
        });
        Assert.Equal(60_000, session.Limits.Site.ImportLimitW?.Value);
        Assert.Equal([SitePhase.Controlled, SitePhase.Failsafe, SitePhase.Controlled], phases.Where((p, i) => i == 0 || p != phases.ElementAt(i - 1)).SkipWhile(p => p == SitePhase.Init));
        Assert.Equal(["", ""], hub.Openings);
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task A_state_file_that_is_damaged_is_told_and_not_used()
    {
        var folder = TestFolders.Create();
        var file = Path.Combine(folder, "held.json");
        await File.WriteAllTextAsync(file, "{\"siteId\":");
        using var session = new SiteSession(new() { Hub = new() { Hub = new("http://127.0.0.1:9"), Token = "t", SiteId = Site }, StateFile = file });
        var notices = new ConcurrentQueue<string>();
        session.Notice += notices.Enqueue;
        await RunUntilAsync(session, () => !notices.IsEmpty);
        Assert.Contains("can't be used", notices.First(), StringComparison.Ordinal);
        TestFolders.Remove(folder);
    }

    internal static IEnumerable<Receipt> ReadReceipts(FakeHub hub) =>
        hub.Posts.Where(p => p.What is "receipts").SelectMany(p => JsonSerializer.Deserialize<Receipt[]>(p.Body, ContractJson.Options)!);

    [Fact]
    public async Task Limits_fall_safe_by_themselves_after_the_session_has_ended()
    {
        var time = new ManualTimeProvider(T0);
        await using var hub = await FakeHub.StartAsync();
        hub.Plays(FakeHub.Snapshot(Set(1, Envelope(Fcr, 1, 9_000, Falls(120, 1_500)))), cut: false);
        using var session = new SiteSession(new() { Hub = hub.Options(idleMs: 600_000) }, clock: new FakeClock(time), time: time);
        await RunUntilAsync(session, () => session.Limits.Phase == SitePhase.Controlled);
        Assert.Equal(9_000, session.Limits.Site.ImportLimitW?.Value);
        time.Advance(Duration.FromSeconds(120));
        Assert.Equal((1_500, SitePhase.Failsafe), (session.Limits.Site.ImportLimitW?.Value, session.Limits.Phase));
    }

    [Theory]
    [InlineData(3_600)]
    [InlineData(-3_600)]
    public async Task Schedules_follow_the_hubs_clock_and_a_wrong_one_is_told(int machineAheadS)
    {
        var hubTime = new ManualTimeProvider(T0);
        var machine = new ManualTimeProvider(T0 + Duration.FromSeconds(machineAheadS));
        await using var hub = await FakeHub.StartAsync();
        hub.Plays(FakeHub.Snapshot(Set(1, Envelope(Dr, 1, 8_000, Holds(), fromS: -600, untilS: 600))) + FakeHub.Beat(1), cut: false);
        using var session = new SiteSession(new() { Hub = hub.Options(idleMs: 600_000) }, clock: new FakeClock(machine), time: machine);
        var notices = new ConcurrentQueue<string>();
        session.Notice += notices.Enqueue;
        await RunUntilAsync(session, () => notices.Any(n => n.Contains("3600 s", StringComparison.Ordinal)));
        Assert.Equal(8_000, session.Limits.Site.ImportLimitW?.Value);
        Assert.Equal((T0, Duration.FromSeconds(machineAheadS)), (session.Limits.At, session.Limits.ClockAhead));
        Assert.Contains(notices, n => n.Contains(machineAheadS > 0 ? "ahead of the hub's" : "behind the hub's", StringComparison.Ordinal));
        machine.Advance(Duration.FromSeconds(600));
        hubTime.Advance(Duration.FromSeconds(600));
        Assert.Null(session.Limits.Site.ImportLimitW);
    }

    [Fact]
    public async Task A_hub_that_lost_its_store_takes_no_limit_away()
    {
        await using var hub = await FakeHub.StartAsync();
        hub.Plays(FakeHub.Snapshot(Set(7, Envelope(Dr, 5, 5_000, Holds()))))
            .Plays(FakeHub.Snapshot(Incomplete("F", 0)), cut: false);
        hub.Set = Incomplete("F", 0).Set;
        using var session = new SiteSession(new() { Hub = hub.Options() }, clock: new FakeClock(T0));
        var notices = new ConcurrentQueue<string>();
        session.Notice += notices.Enqueue;
        await RunUntilAsync(session, () => session.Limits.WaitingFor is not null && notices.Any(n => n.Contains("kept in force", StringComparison.Ordinal)));
        Assert.Equal((5_000, SitePhase.Holding), (session.Limits.Site.ImportLimitW?.Value, session.Limits.Phase));
        Assert.Equal(["/gridservices/openadr/1"], session.Limits.WaitingFor!.Value);
        Assert.Contains(notices, n => n.Contains("another history", StringComparison.Ordinal));
        Assert.DoesNotContain(ReadReceipts(hub), r => r.State == ReceiptState.Completed);
    }

    [Fact]
    public async Task A_limit_that_ends_without_a_withdrawal_is_told()
    {
        await using var hub = await FakeHub.StartAsync();
        hub.Plays(FakeHub.Snapshot(Set(7, Envelope(Dr, 5, 5_000, Holds()), Envelope(Fcr, 1, 6_000, Holds()))))
            .Plays(FakeHub.Snapshot(Complete("F", 1, Envelope(Dr, 1, 70_000, Holds()))), cut: false);
        using var session = new SiteSession(new() { Hub = hub.Options() }, clock: new FakeClock(T0));
        var notices = new ConcurrentQueue<string>();
        session.Notice += notices.Enqueue;
        await RunUntilAsync(session, () => notices.Any(n => n.Contains("the limits end: frequency/FCR-D of Site s1 (revision 1)", StringComparison.Ordinal)));
        Assert.Contains("the hub began another history (F after E)", notices);
    }

    [Fact]
    public async Task A_hub_whose_store_was_set_back_in_one_epoch_is_shown_the_cursor_it_lost()
    {
        await using var hub = await FakeHub.StartAsync();
        hub.Plays(FakeHub.Snapshot(Set(7, Envelope(Dr, 5, 1_000, Holds())))).Plays(FakeHub.Snapshot(Set(3, Envelope(Dr, 3, 5_000, Holds()))), cut: false);
        using var session = new SiteSession(new() { Hub = hub.Options() }, clock: new FakeClock(T0));
        var notices = new ConcurrentQueue<string>();
        session.Notice += notices.Enqueue;
        await RunUntilAsync(session, () => hub.SetQueries.Any(q => q.Contains("since=E.7", StringComparison.Ordinal)) && notices.Any(n => n.Contains("set back", StringComparison.Ordinal)));
        Assert.Equal(1_000, session.Limits.Site.ImportLimitW?.Value);
    }

    [Fact]
    public async Task A_lost_cursor_is_shown_again_where_the_hub_could_not_answer()
    {
        await using var hub = await FakeHub.StartAsync();
        hub.Plays(FakeHub.Snapshot(Set(7, Envelope(Dr, 5, 1_000, Holds())))).Plays(FakeHub.Snapshot(Set(3, Envelope(Dr, 3, 5_000, Holds()))) + FakeHub.Beat(3) + FakeHub.Beat(3), cut: false);
        hub.FailsNextQuery(503);
        using var session = new SiteSession(new() { Hub = hub.Options() }, clock: new FakeClock(T0));
        await RunUntilAsync(session, () => hub.SetQueries.Count(q => q.Contains("since=E.7", StringComparison.Ordinal)) >= 2);
    }

    [Fact]
    public async Task After_a_restart_the_hub_is_shown_what_was_held_before_it_states_the_set()
    {
        var folder = TestFolders.Create();
        await using var hub = await FakeHub.StartAsync();
        var options = new SiteSessionOptions { Hub = hub.Options(), StateFile = Path.Combine(folder, "held.json") };
        new HeldSetFile(options.StateFile).Write(new HeldSet { SiteId = Site, Cursor = "E.7", Envelopes = [Envelope(Dr, 5, 1_000, Holds())], Hub = options.Hub.Hub.Authority });
        hub.Plays(FakeHub.Snapshot(Set(8, Envelope(Dr, 6, 2_000, Holds()))), cut: false);
        using var session = new SiteSession(options, clock: new FakeClock(T0));
        await RunUntilAsync(session, () => session.Limits.Site.ImportLimitW?.Value == 2_000);
        Assert.Contains("since=E.7", hub.SetQueries.First(), StringComparison.Ordinal);
        Assert.Equal("", hub.Openings.First());
        TestFolders.Remove(folder);
    }

    // Another port is another hub. A limit that may be another hub's is tighter than none, and looser, it may be, than what is configured.
    [Theory]
    [InlineData("demo.example", 1L, 1L)]
    [InlineData("127.0.0.1:10", 1L, 1L)]
    [InlineData("127.0.0.1:10", null, 60_000L)]
    [InlineData("127.0.0.1:9", 1L, 60_000L)]
    public void Limits_of_another_hub_are_obeyed_only_where_there_are_none_to_begin_with(string statedBy, long? initW, long heldW)
    {
        var folder = TestFolders.Create();
        var file = Path.Combine(folder, "held.json");
        new HeldSetFile(file).Write(new HeldSet { SiteId = Site, Cursor = "E.7", Envelopes = [Envelope(Dr, 5, 60_000, Holds())], Hub = statedBy });
        var init = new FailsafeOptions { InitLimits = initW is null ? null : new Limits { ImportLimitW = initW } };
        using var session = new SiteSession(new() { Hub = new() { Hub = new("http://127.0.0.1:9"), Token = "t", SiteId = Site }, StateFile = file, Failsafe = init }, clock: new FakeClock(T0));
        Assert.Equal((heldW, SitePhase.Init), (session.Limits.Site.ImportLimitW?.Value, session.Limits.Phase));
        TestFolders.Remove(folder);
    }

    [Fact]
    public async Task A_clock_that_is_put_right_is_written_down_without_another_publication()
    {
        var folder = TestFolders.Create();
        var file = new HeldSetFile(Path.Combine(folder, "held.json"));
        var (time, wall) = (new ManualTimeProvider(T0), new FakeClock(T0 - Duration.FromHours(1)));
        await using var hub = await FakeHub.StartAsync();
        hub.Plays(FakeHub.Snapshot(Set(1, Envelope(Dr, 1, 8_000, Holds()))) + FakeHub.Beat(1) + FakeHub.Beat(1), cut: false);
        using var session = new SiteSession(new() { Hub = hub.Options(idleMs: 600_000), StateFile = Path.Combine(folder, "held.json") }, clock: wall, time: time);
        using var stop = Until.Deadline();
        var running = session.RunAsync(stop.Token);
        await UntilAsync(() => file.Read()?.ClockAheadMs == -3_600_000);
        wall.Advance(Duration.FromHours(1));
        await UntilAsync(() =>
        {
            time.Advance(Duration.FromMilliseconds(10));
            return file.Read() is { ClockAheadMs: null };
        });
        await stop.CancelAsync();
        await running;
        TestFolders.Remove(folder);
    }

    internal static async Task RunUntilAsync(SiteSession session, Func<bool> reached)
    {
        using var stop = Until.Deadline();
        var running = session.RunAsync(stop.Token);
        await UntilAsync(reached);
        await stop.CancelAsync();
        await running;
    }

    internal static Task UntilAsync(Func<bool> reached) => Until.HoldsAsync(reached);
}
