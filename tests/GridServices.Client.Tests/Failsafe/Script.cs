using GridServices.Contracts;
using NodaTime;
using static GridServices.Client.Tests.Samples;

namespace GridServices.Client.Tests.FailsafeMachines;

/// <summary>A time-stepped script: what comes when, and what must hold then. Seconds count from T0.</summary>
internal sealed class Script
{
    private Moment now = new(T0, Duration.FromDays(3));
    private SiteHolding state;
    private Duration hubAhead = Duration.Zero;
    private ScriptRecord? record;

    private Script(SiteHolding state) => this.state = state;

    public SiteHolding State => state;

    public Moment Now => now;

    public static Script Start(HeldSet? persisted = null, FailsafeOptions? options = null, int atS = 0)
    {
        var script = new Script(null!) { now = new(Samples.At(atS), Duration.FromSeconds(7)) };
        script.state = FailsafeMachine.Start(Site, persisted, options ?? new(), script.now);
        script.record = ScriptRecord.Begin(persisted, options ?? new(), script.now, script.state);
        return script;
    }

    /// <summary>Moves both clocks to so many seconds after T0; time passes in one step, as after a suspended process.</summary>
    public Script At(int seconds)
    {
        now += Samples.At(seconds) - now.Wall;
        state = FailsafeMachine.Tick(state, now);
        record?.Add(null, now, state);
        return this;
    }

    /// <summary>Sets the wall clock alone, as an operator or NTP would.</summary>
    public Script WallClockJumps(Duration by)
    {
        now = now with { Wall = now.Wall + by };
        state = FailsafeMachine.Tick(state, now);
        record?.Add(null, now, state);
        return this;
    }

    /// <summary>The hub says something; its heartbeats carry its time, which is the script's, <see cref="hubAhead"/> apart from this machine's.</summary>
    public Script Hears(HubMessage message)
    {
        var heard = message is HeartbeatHeard beat ? new HeartbeatHeard(Timed(beat.Heartbeat)) : message;
        state = FailsafeMachine.Apply(state, heard, now);
        record?.Add(heard, now, state);
        return this;
    }

    /// <summary>From now on the hub's clock shows so much more than this machine's.</summary>
    public Script HubClockIsAhead(Duration by)
    {
        hubAhead = by;
        return this;
    }

    /// <summary>The streams kept in force although the hub no longer states them.</summary>
    public Script Retains(params string[] streams)
    {
        Assert.Equal(streams, state.Set.Retained.Select(e => $"{e.Stream} {e.Revision}"));
        return this;
    }

    private Heartbeat Timed(Heartbeat beat)
    {
        var by = now.Wall + hubAhead - beat.At;
        return beat with { At = beat.At + by, Upstreams = [.. beat.Upstreams.Select(u => u with { Since = u.Since + by })] };
    }

    public Script Allows(long? importW, SitePhase phase)
    {
        var limits = FailsafeMachine.LimitsAt(state, now);
        Assert.Equal(importW, limits.Site.ImportLimitW?.Value);
        Assert.Equal(phase, limits.Phase);
        return this;
    }

    public Script BoundBy(string service, string key)
    {
        var bound = FailsafeMachine.LimitsAt(state, now).Site.ImportLimitW!.BoundBy;
        Assert.Equal((service, key), (bound.Service, bound.Key));
        return this;
    }

    /// <summary>Whether what nobody states means "no limit".</summary>
    public Script Knows(bool all)
    {
        Assert.Equal(all, FailsafeMachine.LimitsAt(state, now).IsKnown);
        return this;
    }

    /// <summary>The most that may be drawn, with 4,200 W where nobody knows.</summary>
    public Script Most(long? importW)
    {
        Assert.Equal(importW, FailsafeMachine.LimitsAt(state, now).MostImportW(4_200));
        return this;
    }

    /// <summary>What may be drawn once nobody is heard any more.</summary>
    public Script WhenSilent(long? importW)
    {
        var silent = FailsafeMachine.LimitsAt(state, now).WhenSilent!.Targets.Single(t => t.Target.Kind == TargetKind.Site);
        Assert.Equal(importW, silent.Segments[0].Limits.ImportLimitW?.Value);
        return this;
    }

    public Script Asks(long? setpointW)
    {
        Assert.Equal(setpointW, FailsafeMachine.LimitsAt(state, now).Setpoint?.TargetW);
        return this;
    }

    public Script NeedsSet(bool wanted)
    {
        Assert.Equal(wanted, state.NeedsSet);
        return this;
    }

    public Script Restarts(out HeldSet written)
    {
        written = state.ToPersist(now);
        record?.Keep(written);
        return this;
    }
}
