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
        await RunUntilAsync(session, () => session.Limits.Site.ImportLimitW?.Value == 30_000 && Receipts(hub).Count() >= 6 && hub.Posts.Any(p => p.What is "telemetry"));
        Assert.Equal(
            [(1, ReceiptState.Received), (1, ReceiptState.Accepted), (1, ReceiptState.Started), (2, ReceiptState.Received), (2, ReceiptState.Accepted), (2, ReceiptState.Started)],
            Receipts(hub).Select(r => (r.Revision, r.State)));
        Assert.Equal(SitePhase.Controlled, session.Limits.Phase);
    }

    [Fact]
    public async Task Holds_over_a_restart_without_the_hub_and_says_so()
    {
        var folder = TestFolders.Make();
        var file = Path.Combine(folder, "held.json");
        var init = new FailsafeOptions { InitLimits = new Limits { ImportLimitW = 1 } };
        await using (var hub = await FakeHub.StartAsync())
        {
            hub.Plays(FakeHub.Snapshot(Set(1, Envelope(Dr, 1, 60_000, Holds()))), cut: false);
            using var session = new SiteSession(new() { Hub = hub.Options(), StateFile = file, Failsafe = init }, clock: new FakeClock(T0));
            Assert.Equal(1, session.Limits.Site.ImportLimitW?.Value);
            await RunUntilAsync(session, () => File.Exists(file));
        }

        var nowhere = new HubClientOptions { Hub = new("http://127.0.0.1:9"), Token = "t", SiteId = Site };
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
        var phases = new List<SitePhase>();
        using var session = new SiteSession(new() { Hub = hub.Options(idleMs: 600_000) }, clock: new FakeClock(time), time: time);
        session.LimitsChanged += limits => phases.Add(limits.Phase);
        using var stop = Until.Deadline();
        var running = session.RunAsync(stop.Token);
        await UntilAsync(() => session.Limits.Phase == SitePhase.Controlled);
        time.Advance(Duration.FromSeconds(121));
        Assert.Equal((4_200, SitePhase.Failsafe), (session.Limits.Site.ImportLimitW?.Value, session.Limits.Phase));

        // The silent line is given up, the next one brings snapshot and heartbeat; the set is fetched once more, after the heartbeat.
        time.Advance(Duration.FromSeconds(600));
        await time.UntilWaitingAsync(2);
        await UntilAsync(() =>
        {
            time.Advance(Duration.FromMilliseconds(20));
            return session.Limits.Phase == SitePhase.Controlled;
        });
        Assert.Equal(60_000, session.Limits.Site.ImportLimitW?.Value);
        Assert.Equal([SitePhase.Controlled, SitePhase.Failsafe, SitePhase.Failsafe, SitePhase.Controlled], phases.Where((p, i) => i == 0 || p != phases[i - 1] || p == SitePhase.Failsafe).Take(4));
        Assert.Equal(["", ""], hub.Openings);
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task A_state_file_that_is_damaged_is_told_and_not_used()
    {
        var folder = TestFolders.Make();
        var file = Path.Combine(folder, "held.json");
        await File.WriteAllTextAsync(file, "{\"siteId\":");
        using var session = new SiteSession(new() { Hub = new() { Hub = new("http://127.0.0.1:9"), Token = "t", SiteId = Site }, StateFile = file });
        var notices = new List<string>();
        session.Notice += notices.Add;
        await RunUntilAsync(session, () => notices.Count > 0);
        Assert.Contains("can't be used", notices[0], StringComparison.Ordinal);
        TestFolders.Remove(folder);
    }

    private static IEnumerable<Receipt> Receipts(FakeHub hub) =>
        hub.Posts.Where(p => p.What is "receipts").SelectMany(p => JsonSerializer.Deserialize<Receipt[]>(p.Body, ContractJson.Options)!);

    private static async Task RunUntilAsync(SiteSession session, Func<bool> reached)
    {
        using var stop = Until.Deadline();
        var running = session.RunAsync(stop.Token);
        await UntilAsync(reached);
        await stop.CancelAsync();
        await running;
    }

    private static Task UntilAsync(Func<bool> reached) => Until.HoldsAsync(reached);
}
