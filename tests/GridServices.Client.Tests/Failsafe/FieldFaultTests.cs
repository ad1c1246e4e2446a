using GridServices.Client.Tests.Hub;
using GridServices.Contracts;
using NodaTime;
using static GridServices.Client.Tests.Samples;

namespace GridServices.Client.Tests.FailsafeMachines;

/// <summary>What controllers in the field got wrong about limits and fail-safe, fault by fault.</summary>
public sealed class FieldFaultTests
{
    // evcc#25545: in fail-safe ten seconds after the start, with the control box well.
    [Fact]
    public void A_start_with_a_healthy_hub_does_not_fall_safe()
    {
        var script = Script.Start().Hears(Set(1, Envelope(Fcr, 1, 60_000, Falls(120)))).Hears(Beat(1));
        for (var s = 1; s <= 3_600; s++)
        {
            script = s % 15 == 0 ? script.At(s).Hears(Beat(1)) : script.At(s);
            script.Allows(60_000, SitePhase.Controlled);
        }
    }

    // evcc#29705, #32491: unlimited once the shortest stay was over, and on the connection that follows.
    [Fact]
    public void After_the_shortest_stay_the_site_is_unlimited_neither_without_contact_nor_on_a_bare_connection() =>
        Script.Start().Hears(Set(1, Envelope(Fcr, 1, null, Falls(120, 4_200, 7_200)))).At(120).At(7_321).Allows(4_200, SitePhase.Failsafe)
            .Hears(new LinkChanged(true, null, null)).Allows(4_200, SitePhase.Failsafe).Hears(Beat(1)).Allows(4_200, SitePhase.Failsafe);

    // evcc#32492: a limit without an end was taken as ended at once.
    [Fact]
    public void A_limit_without_an_end_does_not_end_when_the_hub_falls_silent_or_comes_back() =>
        Script.Start().Hears(Set(1, Envelope(Dr, 1, 30_000, Holds()))).At(1).Allows(30_000, SitePhase.Controlled)
            .At(600).Allows(30_000, SitePhase.Holding).Hears(Beat(1)).Hears(Set(1, Envelope(Dr, 1, 30_000, Holds()))).Allows(30_000, SitePhase.Controlled);

    // evcc#25545: a negative limit was accepted.
    [Fact]
    public async Task A_negative_limit_is_never_half_obeyed()
    {
        await using var hub = await FakeHub.StartAsync();
        hub.Plays(FakeHub.Snapshot(Set(1, Envelope(Dr, 1, 30_000, Holds()))) + FakeHub.Change(2, Envelope(Dr, 2, -5_000, Holds())), cut: false);
        using var session = new SiteSession(new() { Hub = hub.Options() }, clock: new Testing.FakeClock(T0));
        using var stop = Testing.Until.Deadline();
        var told = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        session.Notice += notice => told.TrySetResult(notice);
        var running = session.RunAsync(stop.Token);
        Assert.Contains("importLimitW", await told.Task, StringComparison.Ordinal);
        Assert.Equal(30_000, session.Limits.Site.ImportLimitW?.Value);
        await stop.CancelAsync();
        await running;
    }

    // evcc#31561, #21642: heartbeats of another session kept the limit of this one alive.
    [Fact]
    public void Heartbeats_of_another_site_or_another_history_keep_nothing_alive() =>
        Script.Start().Hears(Set(1, Envelope(Fcr, 1, 60_000, Falls(120))))
            .At(60).Hears(Beat(1, "another-site")).Hears(Beat(1).In("F")).At(120).Allows(4_200, SitePhase.Failsafe);

    // evcc#25268: an import limit kept the battery from discharging.
    [Fact]
    public void A_limit_in_one_direction_says_nothing_about_the_others()
    {
        var limits = FailsafeMachine.LimitsAt(Script.Start().Hears(Set(1, Envelope(Dr, 1, 0, Holds()))).State, new Moment(T0, Duration.FromDays(3)));
        Assert.Equal(0, limits.Site.ImportLimitW?.Value);
        Assert.Null(limits.Site.DischargeLimitW);
        Assert.Null(limits.Site.ExportLimitW);
    }

    // EVerest: an empty schedule meant 0 W.
    [Fact]
    public void A_schedule_without_statements_states_nothing() =>
        Script.Start().Hears(Set(1, Envelope(Dr, 1, null, Holds()) with { Segments = [] })).Allows(null, SitePhase.Controlled);

    // lbbrhzn/ocpp#160: after a restart the fuse's limit must come before anything else.
    [Fact]
    public void After_a_restart_with_nothing_kept_the_configured_limit_holds_until_the_hub_has_stated_the_set() =>
        Script.Start(options: new() { InitLimits = new Limits { ImportLimitW = 11_000 } }).Hears(new LinkChanged(true, null, null)).Hears(Beat(5))
            .Hears(Change(5, Envelope(Dr, 1, 60_000, Holds()))).Allows(11_000, SitePhase.Init);
}
