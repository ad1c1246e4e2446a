using System.Collections.Concurrent;
using GridServices.Client.Tests.Hub;
using GridServices.Contracts;
using GridServices.Testing;
using NodaTime;
using static GridServices.Client.Tests.Samples;
using static GridServices.Client.Tests.SiteSessionTests;

namespace GridServices.Client.Tests;

/// <summary>What a session owes its handlers, and what their faults may not do.</summary>
public sealed class SiteSessionHandlerTests
{
    [Fact]
    public async Task Handlers_that_never_return_hold_up_neither_obedience_nor_other_handlers_nor_the_end()
    {
        await using var hub = await FakeHub.StartAsync();
        hub.Plays(FakeHub.Snapshot(Set(1, Envelope(Dr, 1, 60_000, Holds()))) + FakeHub.Change(2, Envelope(Dr, 2, 30_000, Holds())), cut: false);
        using var session = new SiteSession(new() { Hub = hub.Options() }, clock: new FakeClock(T0));
        using var never = new ManualResetEventSlim();
        var seen = new ConcurrentQueue<long?>();
        session.MessageReceived += _ => never.Wait();
        session.LimitsChanged += _ => never.Wait();
        session.LimitsChanged += limits => seen.Enqueue(limits.Site.ImportLimitW?.Value);

        await RunUntilAsync(session, () => session.Limits.Site.ImportLimitW?.Value == 30_000 && seen.LastOrDefault() == 30_000);
        never.Set();
    }

    [Fact]
    public async Task A_handler_that_throws_is_told_and_called_again_until_it_returns()
    {
        await using var hub = await FakeHub.StartAsync();
        hub.Plays(FakeHub.Snapshot(Set(1, Envelope(Dr, 1, 60_000, Holds()))) + FakeHub.Change(2, Envelope(Dr, 2, 30_000, Holds())), cut: false);
        using var session = new SiteSession(new() { Hub = hub.Options() }, clock: new FakeClock(T0));
        var notices = new ConcurrentQueue<string>();
        var written = new ConcurrentQueue<long?>();
        var calls = 0;
        session.Notice += notices.Enqueue;
        session.LimitsChanged += limits =>
        {
            if (Interlocked.Increment(ref calls) <= 2)
            {
                throw new TimeoutException("the set-point could not be written");
            }

            written.Enqueue(limits.Site.ImportLimitW?.Value);
        };
        await RunUntilAsync(session, () => written.LastOrDefault() == 30_000
            && notices.Any(n => n.Contains("LimitsChanged handler failed", StringComparison.Ordinal) && n.Contains("the set-point could not be written", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Handlers_that_always_throw_stop_neither_obedience_nor_the_fall_to_safety()
    {
        var time = new ManualTimeProvider(T0);
        var envelope = Envelope(Fcr, 1, 9_000, Falls(120, 1_500, 0));
        await using var hub = await FakeHub.StartAsync();
        hub.Plays(FakeHub.Snapshot(Set(1, envelope)) + FakeHub.Change(2, envelope with { Revision = 2, EnvelopeId = Guid.NewGuid() }), cut: false);
        using var session = new SiteSession(new() { Hub = hub.Options(idleMs: 600_000) }, clock: new FakeClock(time), time: time);
        session.LimitsChanged += _ => throw new InvalidOperationException("handler");
        session.MessageReceived += _ => throw new InvalidOperationException("handler");
        session.Notice += _ => throw new InvalidOperationException("handler");
        using var stop = Until.Deadline();
        var running = session.RunAsync(stop.Token);
        await UntilAsync(() => session.Limits is { Phase: SitePhase.Controlled, Streams: [{ Key.Stream: var stream }] } && stream == Fcr);
        await UntilAsync(() => ReadReceipts(hub).Any(r => r.Revision == 2));
        time.Advance(Duration.FromSeconds(121));
        Assert.Equal((1_500, SitePhase.Failsafe), (session.Limits.Site.ImportLimitW?.Value, session.Limits.Phase));
        Assert.False(running.IsCompleted);
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Handlers_are_told_what_holds_at_the_beginning_although_nothing_changes()
    {
        var init = new FailsafeOptions { InitLimits = new Limits { ImportLimitW = 4_200 } };
        using var session = new SiteSession(new() { Hub = new() { Hub = new("http://127.0.0.1:9"), Token = "t", SiteId = Site }, Failsafe = init }, clock: new FakeClock(T0));
        var (first, later) = (new ConcurrentQueue<long?>(), new ConcurrentQueue<long?>());
        session.LimitsChanged += limits => first.Enqueue(limits.Site.ImportLimitW?.Value);
        using var stop = Until.Deadline();
        var running = session.RunAsync(stop.Token);
        await UntilAsync(() => !first.IsEmpty);
        session.LimitsChanged += limits => later.Enqueue(limits.Site.ImportLimitW?.Value);
        await UntilAsync(() => !later.IsEmpty);
        Assert.Equal([4_200L, 4_200L], [.. first, .. later]);
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Nothing_is_acknowledged_before_who_obeys_was_told()
    {
        await using var hub = await FakeHub.StartAsync();
        hub.Plays(FakeHub.Snapshot(Set(1, Envelope(Dr, 1, 60_000, Holds()))), cut: false);
        var (told, asked) = (false, 0);
        using var session = new SiteSession(new() { Hub = hub.Options(), Acknowledges = IsTold }, clock: new FakeClock(T0));
        using var stop = Until.Deadline();
        var running = session.RunAsync(stop.Token);

        // Asked a second time: what the first answer led to is in the queue, and receipts there go before telemetry.
        await UntilAsync(() => Volatile.Read(ref asked) >= 2);
        session.Report(new Reading { At = T0, NetPowerW = 1 });
        await UntilAsync(() => hub.Posts.Any(p => p.What is "telemetry"));
        Assert.Empty(ReadReceipts(hub));
        Volatile.Write(ref told, true);
        await UntilAsync(() => ReadReceipts(hub).Count() == 3);
        await stop.CancelAsync();
        await running;

        bool IsTold(SiteLimits limits)
        {
            var obeys = limits.Site.ImportLimitW?.Value == 60_000;
            Interlocked.Add(ref asked, obeys ? 1 : 0);
            return obeys && Volatile.Read(ref told);
        }
    }

    [Fact]
    public async Task Who_cannot_say_whether_anybody_was_told_acknowledges_nothing_and_obeys_all_the_same()
    {
        await using var hub = await FakeHub.StartAsync();
        hub.Plays(FakeHub.Snapshot(Set(1, Envelope(Dr, 1, 60_000, Holds()))), cut: false);
        using var session = new SiteSession(new() { Hub = hub.Options(), Acknowledges = _ => throw new InvalidOperationException("no broker") }, clock: new FakeClock(T0));
        var notices = new ConcurrentQueue<string>();
        session.Notice += notices.Enqueue;
        await RunUntilAsync(session, () => session.Limits.Site.ImportLimitW?.Value == 60_000 && notices.Any(n => n.Contains("no broker", StringComparison.Ordinal)));
        Assert.Empty(ReadReceipts(hub));
    }

    [Fact]
    public async Task Who_is_asked_may_wait_for_a_lock_that_is_held_around_calls_of_the_session()
    {
        await using var hub = await FakeHub.StartAsync();
        hub.Plays(FakeHub.Snapshot(Set(1, Envelope(Dr, 1, 60_000, Holds()))), cut: false);
        var mine = new Lock();
        using var asked = new ManualResetEventSlim();
        using var reported = new ManualResetEventSlim();
        using var session = new SiteSession(new() { Hub = hub.Options(), Acknowledges = IsTold }, clock: new FakeClock(T0));
        using var stop = Until.Deadline();
        var running = session.RunAsync(stop.Token);
        lock (mine)
        {
            // From here on whoever asks waits for us, and says so.
            asked.Wait(stop.Token);
            var report = new Thread(() =>
            {
                session.ReportShortfalls([]);
                reported.Set();
            });
            report.Start();
            Assert.True(reported.Wait(Until.Ceiling, stop.Token), "the session holds its lock while it asks");
        }

        await stop.CancelAsync();
        await running;

        bool IsTold(SiteLimits limits)
        {
            while (!mine.TryEnter(TimeSpan.FromMilliseconds(10)))
            {
                asked.Set();
            }

            mine.Exit();
            return true;
        }
    }
}
