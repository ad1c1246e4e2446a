using FsCheck;
using FsCheck.Fluent;
using GridServices.Adapters.Lines;
using GridServices.Adapters.Ocpp;
using GridServices.Adapters.Schedules;
using NodaTime;
using static GridServices.Adapters.Tests.Some;

namespace GridServices.Adapters.Tests.Ocpp;

/// <summary>
/// Whatever is lost, refused or late, and with clocks that are wrong by the margin: nothing that is sent raises what the stations may do together above the limit,
/// what is believed of a station is never less than what it does, and once all answer they keep the limit.
/// </summary>
public sealed class StationPlannerProperties
{
    private static readonly Duration Margin = Duration.FromSeconds(2);
    private static readonly ScheduleRules Schedule = new() { ValidFor = Duration.FromMinutes(15), Margin = Margin, MostEntries = 12 };

    /// <summary>What becomes of a profile that is sent.</summary>
    private enum Fate
    {
        Accepted,
        Refused,
        NotSent,
        TakenButNotAnswered,
        LostOnTheWay,
        AnsweredLate,

        /// <summary>The answer comes after those to later ones.</summary>
        AnsweredAfterOthers,
    }

    /// <summary>What a start anew finds.</summary>
    private enum Restart
    {
        None,

        /// <summary>Nothing was kept.</summary>
        Blank,

        /// <summary>What stations may be doing was kept; answers under way are lost.</summary>
        Kept,
    }

    private static readonly Fate[] Unanswered = [Fate.TakenButNotAnswered, Fate.LostOnTheWay, Fate.AnsweredLate, Fate.AnsweredAfterOthers];

    [Fact]
    public void No_message_loosens_and_all_is_kept_once_all_answer() =>
        Prop.ForAll(Stories.ToArbitrary(), story => Holds(story.Stations, story.Steps)).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void Nor_where_nobody_answers_for_long() =>
        Prop.ForAll(SilentStories.ToArbitrary(), story => Holds(story.Stations, story.Steps)).Check(Config.QuickThrowOnFailure.WithMaxTest(40));

    private static bool Holds(ChargingStation[] stations, (SiteView View, Duration Later, Fate[] Fates, Restart Restart)[] steps)
    {
        var world = new World(stations);
        var at = Duration.Zero;
        foreach (var (view, later, fates, restart) in steps)
        {
            at += later;
            var now = Shifted(view, at);
            world.Start(restart);

            world.Round(now, fates, Believed);
        }

        var last = Shifted(steps[^1].View, at);
        for (var round = 0; round < 8; round++)
        {
            world.Round(last, [Fate.Accepted], Believed);
        }

        Assert.Equal(0, world.Round(last, [Fate.Accepted], Believed));
        Kept(world, last);
        return true;
    }

    [Fact]
    public void Who_does_not_answer_counts_with_what_it_was_told_or_with_all_it_can_draw()
    {
        ChargingStation[] stations = [.. new[] { "a", "b", "c" }.Select(id => new ChargingStation { Id = id, MaxA = 16, HighestVolts = 230 })];
        var cap = PowerCurve.Constant(Now, 30_000);
        var unknown = PowerCurve.Constant(Now, stations[0].MaxW);
        var told = PowerCurve.Constant(Now, 4_140);
        Assert.Equal([9_660, 9_660, 9_660], Watts(unknown, answers: true));
        Assert.Equal([9_660, 8_970, 8_970], Watts(unknown, answers: false));
        Assert.Equal([7_590, 11_040, 11_040], Watts(told, answers: false));

        IEnumerable<long> Watts(PowerCurve first, bool answers) => StationPlanner.Targets(
            [new(stations[0], first, answers), new(stations[1], unknown, true), new(stations[2], unknown, true)], cap, Margin, 24).Select(t => t.At(Now));
    }

    [Fact]
    public void Nobody_gets_more_before_another_has_surely_got_less()
    {
        ChargingStation[] stations = [.. new[] { "a", "b" }.Select(id => new ChargingStation { Id = id, MaxA = 32, HighestVolts = 230 })];
        var (all, none) = (PowerCurve.Constant(Now, stations[0].MaxW), PowerCurve.Constant(Now, 0));
        var cap = PowerCurve.Constant(Now, 22_080);
        Assert.Equal([11_040, 0], StationPlanner.Targets([new(stations[0], all, true), new(stations[1], none, true)], cap, Margin, 24).Select(t => t.At(Now)));
        var half = PowerCurve.Constant(Now, 11_040);
        Assert.Equal([11_040, 11_040], StationPlanner.Targets([new(stations[0], half, true), new(stations[1], none, true)], cap, Margin, 24).Select(t => t.At(Now)));
    }

    // What the stations may do together by what is known of them stays below the limit, or below what it was.
    private static void Believed(SiteView view, PowerCurve[] before, PowerCurve[] after)
    {
        foreach (var at in Probes(view, [.. before, .. after]))
        {
            var (was, becomes, allowed) = (before.Sum(c => c.At(at)), after.Sum(c => c.At(at)), Allowed(view, Quantity.ConsumptionW, at));
            Assert.True(allowed is null || becomes <= Math.Max(was, allowed.Value), $"{at}: {was} W becomes {becomes} W, allowed are {allowed} W");
        }
    }

    private static void Kept(World world, SiteView view)
    {
        PowerCurve[] wide = [.. world.Does.Select(c => c.Widened(Margin))];
        foreach (var at in Probes(view, wide))
        {
            Assert.True(IsWithin(wide.Sum(c => c.At(at)), Allowed(view, Quantity.ConsumptionW, at)), $"{at}: {wide.Sum(c => c.At(at))} W, allowed are {Allowed(view, Quantity.ConsumptionW, at)} W");
        }

        Assert.True(world.Does.Sum(c => c.At(view.At + Duration.FromDays(9))) <= Rules.FailsafeImportW);
    }

    private static IEnumerable<Instant> Probes(SiteView view, IEnumerable<PowerCurve> curves) => view.Segments.Select(s => s.From).Concat(PowerCurve.GetTurns(curves))
        .SelectMany(at => new[] { at - Duration.Epsilon, at }).Append(view.At).Where(at => at >= view.At).Distinct();

    private static SiteView Shifted(SiteView view, Duration by) => view with
    {
        At = view.At + by,
        Segments = [.. view.Segments.Select(s => s with { From = s.From + by, Until = s.Until + by })],
    };

    private static readonly Gen<(SiteView View, Duration Later, Fate[] Fates, Restart Restart)> Step =
        from view in Views.Generator
        from later in Gen.OneOf(Gen.Choose(0, 5_000), Gen.Choose(0, 900_000))
        from fates in Gen.Elements(Enum.GetValues<Fate>()).ArrayOf(5)
        from restart in Gen.Elements(Restart.None, Restart.None, Restart.None, Restart.None, Restart.None, Restart.None, Restart.None, Restart.None, Restart.Blank, Restart.Kept)
        select (view, Duration.FromMilliseconds(later), fates, restart);

    private static readonly Gen<(ChargingStation[] Stations, (SiteView View, Duration Later, Fate[] Fates, Restart Restart)[] Steps)> Stories =
        from stations in SomeStations.Any
        from count in Gen.Choose(1, 6)
        from steps in Step.ArrayOf(count)
        select (stations, steps);

    // So long without an answer that older profiles count together.
    private static readonly Gen<(ChargingStation[] Stations, (SiteView View, Duration Later, Fate[] Fates, Restart Restart)[] Steps)> SilentStories =
        from stations in SomeStations.Any
        from steps in Step.ArrayOf(14)
        from fates in Gen.Elements(Unanswered).ArrayOf(5).ArrayOf(14)
        select (stations, steps.Zip(fates, (step, silent) => (step.View, step.Later, silent, step.Restart)).ToArray());

    /// <summary>Stations as they are, and as the adapter knows them.</summary>
    private sealed class World(ChargingStation[] stations)
    {
        private readonly List<(int Station, long Number, int Rounds)> late = [];
        private StationRecord[] known = [.. stations.Select(s => new StationRecord(s))];
        private long number;

        public PowerCurve[] Does { get; } = [.. stations.Select(s => PowerCurve.Constant(Instant.FromUnixTimeSeconds(0), s.MaxW))];

        public void Start(Restart how)
        {
            if (how == Restart.Blank)
            {
                known = [.. stations.Select(s => new StationRecord(s))];
            }

            if (how != Restart.None)
            {
                late.Clear();
            }
        }

        /// <summary>Sends what is to be sent; how much that was.</summary>
        public int Round(SiteView view, Fate[] fates, Action<SiteView, PowerCurve[], PowerCurve[]> check)
        {
            foreach (var (station, earlier, _) in late.Where(l => l.Rounds == 0))
            {
                known[station] = known[station].Accepted(earlier);
            }

            var still = late.Where(l => l.Rounds > 0).Select(l => l with { Rounds = l.Rounds - 1 }).ToList();
            late.Clear();
            late.AddRange(still);
            var line = LimitLine.From(view, Quantity.ConsumptionW, Rules);
            var cap = StationPlanner.Cap(line, view.At, Schedule, Rules.FailsafeImportW, stations, 100);
            var targets = StationPlanner.Targets([.. known.Select((k, i) => new StationStatus(k.Station, k.MayDo, fates[i % fates.Length] != Fate.NotSent))], cap, Margin, 12);
            var sent = 0;
            for (var i = 0; i < targets.Count; i++)
            {
                Assert.True(targets[i].Points.Count <= 12 && targets[i].Points.All(p => stations[i].Step(p.Watts) == p.Watts));
                if (!targets[i].IsDoneBy(known[i].MayDo, view.At, Margin))
                {
                    Send(i, targets[i], fates[i % fates.Length], view, check);
                    sent++;
                }
            }

            return sent;
        }

        private void Send(int i, PowerCurve target, Fate fate, SiteView view, Action<SiteView, PowerCurve[], PowerCurve[]> check)
        {
            PowerCurve[] before = [.. known.Select(k => k.MayDo.Widened(Margin))];
            known[i] = known[i].Sent(++number, target);
            check(view, before, [.. known.Select(k => k.MayDo.Widened(Margin))]);
            if (fate is Fate.Accepted or Fate.TakenButNotAnswered or Fate.AnsweredLate or Fate.AnsweredAfterOthers)
            {
                Does[i] = target;
            }

            known[i] = fate switch
            {
                Fate.Accepted => known[i].Accepted(number),
                Fate.Refused or Fate.NotSent => known[i].Refused(number),
                _ => known[i],
            };
            if (fate is Fate.AnsweredLate or Fate.AnsweredAfterOthers)
            {
                late.Add((i, number, fate == Fate.AnsweredLate ? 0 : 2));
            }

            Assert.All(Probes(view, [Does[i], known[i].MayDo]), at => Assert.True(Does[i].At(at) <= known[i].MayDo.At(at)));
        }
    }
}
