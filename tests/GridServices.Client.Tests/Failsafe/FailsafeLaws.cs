using FsCheck;
using FsCheck.Fluent;
using NodaTime;
using static GridServices.Client.Tests.Samples;

namespace GridServices.Client.Tests.FailsafeMachines;

/// <summary>What holds whatever comes in whatever order. The model beside it keeps only times of hearing.</summary>
public sealed class FailsafeLaws
{
    private const int StaleAfterS = 60, MinDurationS = 200;
    private const long FailsafeW = 4_200;

    /// <summary>One thing that happens, so many seconds after the one before.</summary>
    public sealed record Happening(int AfterS, int Kind, int Number);

    private static readonly Arbitrary<Happening[]> Histories = (
        from after in Gen.Choose(0, 90)
        from kind in Gen.Choose(0, 7)
        from number in Gen.Choose(0, 60)
        select new Happening(after, kind, number)).ArrayOf().Resize(60).ToArbitrary();

    [Fact]
    public void While_stale_the_site_is_never_allowed_more_than_fail_safe() => Hold((model, before, after) =>
        !model.Stale || after.Limits.Site.ImportLimitW?.Value <= FailsafeW);

    [Fact]
    public void Fail_safe_never_ends_before_its_shortest_stay() => Hold((model, before, after) =>
        !(before.InFailsafe && !after.InFailsafe) || model.SinceEntry >= Duration.FromSeconds(MinDurationS));

    [Fact]
    public void Fail_safe_never_ends_without_a_heartbeat_and_then_a_statement_since_it_began() => Hold((model, before, after) =>
        !(before.InFailsafe && !after.InFailsafe) || model.HeartbeatThenStatement);

    [Fact]
    public void While_in_fail_safe_the_site_is_never_allowed_more_than_fail_safe() => Hold((model, before, after) =>
        !after.InFailsafe || after.Limits.Site.ImportLimitW?.Value <= FailsafeW);

    [Fact]
    public void Fail_safe_ends_once_all_its_conditions_are_met() => Hold((model, before, after) =>
        !(after.InFailsafe && !model.Stale && model.HeartbeatThenStatement && model.SinceEntry >= Duration.FromSeconds(MinDurationS)));

    [Fact]
    public void Looking_changes_nothing() => Hold((model, before, after) => FailsafeMachine.Tick(after.State, model.Now) is var again
        && FailsafeMachine.LimitsAt(again, model.Now).SaysSameAs(after.Limits));

    [Fact]
    public void A_state_written_and_read_back_is_never_looser() => Hold((model, before, after) =>
    {
        var restarted = FailsafeMachine.LimitsAt(FailsafeMachine.Start(Site, after.State.ToPersist(model.Now), new(), model.Now), model.Now);
        return !after.State.Contacted || after.State.Set.Envelopes.IsEmpty || restarted.Site.ImportLimitW?.Value <= FailsafeW;
    });

    private static void Hold(Func<Model, Seen, Seen, bool> law) => Prop.ForAll(Histories, history =>
    {
        var model = new Model();
        var state = FailsafeMachine.Start(Site, null, new(), model.Now);
        var before = Seen.From(state, model.Now);
        foreach (var happening in history)
        {
            // Second by second, so that no boundary is stepped over.
            for (var s = 0; s < happening.AfterS; s++)
            {
                model.Now += Duration.FromSeconds(1);
                state = FailsafeMachine.Tick(state, model.Now);
                var ticked = Seen.From(state, model.Now);
                model.Look(before, ticked);
                if (!law(model, before, ticked))
                {
                    return false;
                }

                model.After(ticked);
                before = ticked;
            }

            state = model.Apply(state, happening);
            var after = Seen.From(state, model.Now);
            model.Look(before, after);
            if (!law(model, before, after))
            {
                return false;
            }

            model.After(after);
            before = after;
        }

        return true;
    }).QuickCheckThrowOnFailure();

    private sealed record Seen(SiteHolding State, SiteLimits Limits, bool InFailsafe)
    {
        public static Seen From(SiteHolding state, Moment now) => new(state, FailsafeMachine.LimitsAt(state, now), !state.Failsafes.IsEmpty);
    }

    /// <summary>An independent account of the same history for one stream.</summary>
    private sealed class Model
    {
        private long sequence;
        private bool contacted;
        private Duration? heardAt, lostAt, enteredAt, beatAt;
        private bool statementAfterBeat;

        public Moment Now { get; set; } = new(T0, Duration.Zero);

        public bool Stale => contacted && (Now.Monotonic - heardAt >= Duration.FromSeconds(StaleAfterS) || Now.Monotonic - lostAt >= Duration.FromSeconds(StaleAfterS));

        public Duration SinceEntry => Now.Monotonic - (enteredAt ?? Now.Monotonic);

        public bool HeartbeatThenStatement => beatAt is not null && statementAfterBeat;

        public SiteHolding Apply(SiteHolding state, Happening h)
        {
            // Silence up to now comes first, as in the machine.
            NoteStale();
            var envelope = Envelope(Fcr, sequence + 1, 10_000 + (1000 * h.Number), Falls(StaleAfterS, FailsafeW, MinDurationS));
            switch (h.Kind)
            {
                case 0 or 1:
                    Heard();
                    (contacted, statementAfterBeat) = (true, statementAfterBeat || beatAt is not null);
                    return FailsafeMachine.Apply(state, Set(++sequence, envelope), Now);
                case 2 when contacted:
                    Heard();
                    statementAfterBeat |= beatAt is not null;
                    return FailsafeMachine.Apply(state, Change(++sequence, envelope), Now);
                case 3 or 4:
                    Heard();
                    lostAt = null;
                    beatAt ??= enteredAt is null ? null : Now.Monotonic;
                    return FailsafeMachine.Apply(state, Beat(sequence, Site, Ok(Fcr)), Now);

                // Late, or not named at all: as alive as it was before, and after a loss not alive.
                case 6:
                    Heard();
                    beatAt ??= enteredAt is null || lostAt is not null ? null : Now.Monotonic;
                    return FailsafeMachine.Apply(state, h.Number % 2 == 0 ? Beat(sequence) : Beat(sequence, Site, Stale(Fcr)), Now);
                case 5:
                    Heard();
                    lostAt ??= Now.Monotonic;
                    (beatAt, statementAfterBeat) = (null, false);
                    return FailsafeMachine.Apply(state, Beat(sequence, Site, Lost(Fcr)), Now);
                default:
                    return FailsafeMachine.Apply(state, Beat(sequence, "another-site"), Now);
            }
        }

        /// <summary>Notes the entry before the law looks.</summary>
        public void Look(Seen before, Seen after)
        {
            NoteStale();
            if (!before.InFailsafe && after.InFailsafe)
            {
                (enteredAt, beatAt, statementAfterBeat) = (Now.Monotonic, null, false);
            }
        }

        /// <summary>Forgets what ended, after the law looked.</summary>
        public void After(Seen after)
        {
            if (!after.InFailsafe)
            {
                (enteredAt, beatAt, statementAfterBeat) = (null, null, false);
            }
        }

        private void Heard() => heardAt = Now.Monotonic;

        private void NoteStale()
        {
            if (Stale)
            {
                (beatAt, statementAfterBeat) = (null, false);
            }
        }
    }
}
