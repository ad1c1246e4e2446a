using FsCheck;
using FsCheck.Fluent;
using GridServices.Ieee2030Dot5.Messages;

namespace GridServices.Ieee2030Dot5.Tests.Events;

public sealed class RandomisationTests
{
    [Fact]
    public void Offsets_lie_between_zero_and_the_value_sent_on_its_side() => Prop.ForAll(
        ArbMap.Default.ArbFor<ulong>(), Gen.Choose(-3_600, 3_600).Two().ToArbitrary(), (seed, spans) =>
        {
            var utility = new Utility { Seed = seed }.Program("P", 0);
            utility.Control("A", "P", 4_000, 5_000, Say.Both(10), spans.Item1, spans.Item2);
            utility.Read(0);
            var held = utility.State.Controls[0];
            return Math.Abs(held.StartOffsetS) <= Math.Abs(spans.Item1) && held.StartOffsetS * spans.Item1 >= 0
                && Math.Abs(held.DurationOffsetS) <= Math.Abs(spans.Item2) && held.DurationOffsetS * spans.Item2 >= 0
                && held.Start == Utility.At(4_000 + held.StartOffsetS) && held.End == held.Start.Plus(NodaTime.Duration.FromSeconds(5_000 + held.DurationOffsetS));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Every_second_of_the_span_is_drawn_by_some_seed()
    {
        var drawn = Enumerable.Range(0, 300).Select(seed =>
        {
            var utility = new Utility { Seed = (ulong)seed }.Program("P", 0);
            utility.Control("A", "P", 100, 100, Say.Both(10), randomizeStart: -7);
            return utility.Read(0).State.Controls[0].StartOffsetS;
        });
        Assert.Equal([-7L, -6, -5, -4, -3, -2, -1, 0], drawn.Distinct().Order());
    }

    [Fact]
    public void Chains_of_successive_controls_neither_overlap_nor_leave_a_gap() => Prop.ForAll(
        ArbMap.Default.ArbFor<ulong>(), Gen.Choose(-40, 40).Four().ListOf(6).ToArbitrary(), (seed, spans) =>
        {
            var utility = new Utility { Seed = seed }.Program("P", 0);
            utility.Default("P", Say.Both(100));
            foreach (var (i, span) in spans.Index())
            {
                utility.Control($"C{i}", "P", 100 + (i * 60), 60, Say.Both(i), span.Item1, span.Item2);
            }

            utility.Read(0);
            var held = utility.State.Controls.OrderBy(c => c.Content.StartS).ToList();
            return held.Zip(held.Skip(1)).All(p => p.First.End == p.Second.Start && p.First.Start < p.First.End);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_lengthened_control_pushes_the_next_one_back_rather_than_being_cut()
    {
        var utility = new Utility { Seed = 4 }.Program("P", 0);
        utility.Control("A", "P", 10, 60, Say.Both(10), randomizeDuration: 3_600);
        utility.Control("B", "P", 75, 60, Say.Both(20));
        utility.Read(0);
        var (a, b) = (utility.State.Controls[0], utility.State.Controls[1]);
        Assert.True(a.DurationOffsetS > 5, "the seed lengthens A beyond B's start");
        Assert.Equal(a.End, b.Start);
    }

    [Fact]
    public void Controls_of_other_modes_and_other_programs_are_not_moved()
    {
        var utility = new Utility { Seed = 4 }.Program("P", 0).Program("Q", 1);
        utility.Control("A", "P", 10, 60, Say.Limits(import: 10), randomizeDuration: 3_600);
        utility.Control("B", "P", 70, 60, Say.Limits(export: 20));
        utility.Control("C", "Q", 70, 60, Say.Limits(import: 20));
        utility.Read(0);
        Assert.Equal([Utility.At(70), Utility.At(70)], utility.State.Controls.Skip(1).Select(c => c.Start));
    }

    [Fact]
    public void What_was_drawn_stays_drawn_whatever_the_seed_is_later()
    {
        var utility = new Utility { Seed = 1 }.Program("P", 0);
        utility.Control("A", "P", 100, 1_000, Say.Both(10), 600, 600);
        var drawn = utility.Read(0).State.Controls[0];
        foreach (var at in new[] { 10, 20, 800 })
        {
            utility.Seed++;
            utility.Read(at);
            Assert.Equal((drawn.Start, drawn.End), (utility.State.Controls[0].Start, utility.State.Controls[0].End));
        }
    }

    [Fact]
    public void Cancelled_with_randomisation_ends_within_the_greater_span_and_is_answered_then() => Prop.ForAll(
        ArbMap.Default.ArbFor<ulong>(), seed =>
        {
            var utility = new Utility { Seed = seed }.Program("P", 0);
            utility.Control("A", "P", 0, 1_000, Say.Both(10), randomizeStart: -5, randomizeDuration: 60);
            utility.Read(0);
            utility.Mark("A", EventState.CancelledWithRandomization);
            utility.Read(100);
            var end = utility.State.Controls[0].Ending!.At;
            utility.Seed++;
            utility.Read(101).Pass(2_000);
            return end >= Utility.At(100) && end <= Utility.At(160) && utility.State.Controls[0].Ending!.At == end
                && utility.Responses.Select(r => (int)r.Status).SequenceEqual([1, 2, 6]) && utility.Responses[^1].At == end;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Cancelled_with_randomisation_before_its_start_it_ends_at_once()
    {
        var utility = new Utility().Program("P", 0);
        utility.Control("A", "P", 500, 1_000, Say.Both(10), 60, 60);
        utility.Read(0);
        utility.Mark("A", EventState.CancelledWithRandomization);
        utility.Read(100);
        Assert.Equal(["0 A 1", "100 A 6"], utility.Said);
    }

    [Fact]
    public void A_duration_shortened_to_nothing_lasts_a_second()
    {
        var utility = new Utility { Seed = 2 }.Program("P", 0);
        utility.Control("A", "P", 100, 5, Say.Both(10), randomizeDuration: -3_600);
        var held = utility.Read(0).State.Controls[0];
        Assert.True(held.DurationOffsetS < -5, "the seed shortens it beyond its length");
        Assert.Equal(Utility.At(101), held.End);
    }
}
