using FsCheck;
using FsCheck.Fluent;
using GridServices.Ieee2030Dot5.Events;
using GridServices.Ieee2030Dot5.Messages;

namespace GridServices.Ieee2030Dot5.Tests.Events;

/// <summary>
/// Random stories against brute force. Each step of <see cref="Utility"/> besides goes through storage and is taken twice, so that every one of
/// these is also a test of restart at every step and of idempotence.
/// </summary>
public sealed class ScheduleLawTests
{
    private static readonly Config Many = Config.QuickThrowOnFailure.WithMaxTest(60);

    [Fact]
    public void At_every_instant_holds_what_brute_force_finds_and_the_same_is_said() => Prop.ForAll(RandomStory.Any.ToArbitrary(), story =>
    {
        var oracle = new SecondBySecond(story);
        var utility = Start(story);
        for (var second = 0; second < RandomStory.Length; second++)
        {
            News(story, utility, second);
            var expected = oracle.Next(second, int.MaxValue);
            Assert.Equal(Format(expected), Format(utility));
        }

        Assert.Equal(oracle.Said.Order(StringComparer.Ordinal), utility.Said.Order(StringComparer.Ordinal));
        Assert.Equal(utility.Said.Count, utility.Responses.Select(r => (r.MRid, r.Status, r.Lfdi)).Distinct().Count());
        Assert.All(utility.Responses.GroupBy(r => r.MRid), r => Assert.Equal(ResponseStatus.Received, r.First().Status));
    }).Check(Many);

    [Fact]
    public void The_forecast_is_what_comes_when_nothing_new_is_heard() => Prop.ForAll(
        RandomStory.Any.ToArbitrary(), Gen.Choose(0, 60).ToArbitrary(), (story, silence) =>
        {
            var oracle = new SecondBySecond(story);
            var utility = Start(story);
            for (var second = 0; second <= silence; second++)
            {
                News(story, utility, second);
                _ = oracle.Next(second, silence);
            }

            for (var second = silence + 1; second < RandomStory.Length; second++)
            {
                var expected = oracle.Next(second, silence);
                Assert.All(StoryControl.All, mode => Assert.Equal(
                    expected.TryGetValue(mode, out var amount) ? amount : null, utility.Step.At(mode, Utility.At(second))?.Setting.Amount));
                Assert.Equal(Format(expected), Format(utility.Limits(second)));
            }
        }).Check(Many);

    [Fact]
    public void The_order_in_which_controls_arrive_before_they_begin_makes_no_difference() => Prop.ForAll(
        RandomStory.Any.ToArbitrary(), ArbMap.Default.ArbFor<int>(), (story, shuffle) =>
        {
            var early = story with { Controls = [.. story.Controls.Select(c => c with { HeardAt = 0, Start = c.Start + 10, Fate = EventState.Scheduled })] };
            var all = Start(early);
            News(early, all, 0);
            var one = Start(early);
            var random = new Random(shuffle);
            foreach (var (i, control) in early.Controls.OrderBy(_ => random.Next()).ToList().Index())
            {
                one.Add(RandomStory.Program(control.Program), control.Control());
                one.Read(i % 9);
            }

            one.Read(9);
            all.Read(9);
            return Enumerable.Range(9, RandomStory.Length).All(second => one.Limits(second) == all.Limits(second));
        }).Check(Many);

    [Fact]
    public void Looking_seldom_misses_nothing() => Prop.ForAll(RandomStory.Any.ToArbitrary(), story =>
    {
        var calm = story with { Controls = [.. story.Controls.Select(c => c with { HeardAt = 0, Fate = EventState.Scheduled })], RemovedAt = int.MaxValue };
        var (often, seldom) = (Start(calm), Start(calm));
        News(calm, often, 0);
        News(calm, seldom, 0);
        for (var second = 1; second < 120; second++)
        {
            often.Leap(second);
        }

        seldom.Leap(120);
        often.Leap(120);
        Assert.Equal(often.Said, seldom.Said);
        Assert.Equal(often.Limits(), seldom.Limits());
    }).Check(Many);

    private static Utility Start(RandomStory story)
    {
        var utility = new Utility();
        utility.Config = utility.Config with { Edition = story.Edition, Nameplate = new Nameplate() };
        for (var p = 0; p < 3; p++)
        {
            utility.Program(RandomStory.Program(p), (byte)story.Primacies[p]);
            var (mask, amount) = (story.DefaultMasks[p], RandomStory.DefaultAmount(p));
            long? Has(int mode) => (mask & (1 << mode)) != 0 ? amount : null;
            utility.Default(RandomStory.Program(p), Events.Say.Limits(Has(0), Has(1), Has(2)));
        }

        return utility;
    }

    private static void News(RandomStory story, Utility utility, int second)
    {
        if (story.RemovedAt == second)
        {
            utility.RemoveProgram(RandomStory.Program(2));
        }

        foreach (var control in story.Controls.Where(c => c.HeardAt == second && c.End > second && !(c.Program == 2 && story.RemovedAt <= second)))
        {
            utility.Add(RandomStory.Program(control.Program), control.Control());
        }

        foreach (var control in story.Controls.Where(c => c.FateAt == second && c.Fate != EventState.Scheduled))
        {
            utility.Mark(control.MRid, control.Fate);
        }

        if (second == 0 || story.RemovedAt == second || story.Controls.Any(c => c.HeardAt == second || c.FateAt == second))
        {
            utility.Read(second);
        }
        else
        {
            utility.Pass(second);
        }
    }

    private static string Format(Dictionary<ControlMode, int> holds) => string.Join(',', StoryControl.All.Select(m => holds.TryGetValue(m, out var amount) ? $"{amount}" : "-"));

    private static string Format(Utility utility) => Format(utility.Limits());

    private static string Format(Contracts.Limits limits) => string.Join(',', new[] { limits.ImportLimitW, limits.ExportLimitW, limits.GenerationLimitW }.Select(w => w is { } v ? $"{v}" : "-"));
}
