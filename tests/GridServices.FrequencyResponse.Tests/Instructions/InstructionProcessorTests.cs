using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Instructions;
using GridServices.FrequencyResponse.Outages;
using NodaTime;
using static GridServices.FrequencyResponse.Instructions.InstructionRefusal;

namespace GridServices.FrequencyResponse.Tests.Instructions;

/// <summary>Each rule of an instruction, told by a life of one or two of them.</summary>
public sealed class InstructionProcessorTests
{
    private static readonly Instant T0 = ControllerRig.Noon;

    private static readonly InstructionRules Rules = new()
    {
        QuantityW = 1_000_000,
        Direction = ResponseDirection.Raise,
        Windows = [new Interval(T0, T0 + Duration.FromHours(2))],
        FullActivation = Duration.FromSeconds(60),
        Ramp = Duration.FromSeconds(40),
        MinActivation = Duration.FromSeconds(120),
        MaxActivation = Duration.FromSeconds(900),
        Recovery = Duration.FromSeconds(180),
        MostActivations = 2,
        RepeatWindow = Duration.FromSeconds(3600),
        LeastW = 100_000,
    };

    [Fact]
    public void It_ramps_up_holds_and_ramps_down()
    {
        var book = new Book();
        Assert.Null(book.Instruct(Create("a", 1, 1_000_000, 10, 310), 0).Refusal);
        Assert.Equal(
            [0d, 0, 500_000, 1_000_000, 1_000_000, 500_000, 0],
            new double[] { 0, 10, 30, 50, 310, 330, 350 }.Select(book.At));
        Assert.Equal(InstructionPhase.Accepted, book.Phase("a", 9));
        Assert.Equal(InstructionPhase.Running, book.Phase("a", 10));
        Assert.Equal(InstructionPhase.Running, book.Phase("a", 349));
        Assert.Equal(InstructionPhase.Ended, book.Phase("a", 351));
    }

    [Fact]
    public void Without_an_end_it_ends_with_the_longest_activation()
    {
        var book = new Book();
        book.Instruct(Create("a", 1, 1_000_000, 0, null), 0);
        Assert.Equal(1_000_000, book.At(900));
        Assert.Equal(0, book.At(940));
        Assert.Equal(InstructionEnd.MaximumActivation, book.Plan("a").EndsBy);
    }

    [Fact]
    public void With_the_window_it_ends_at_the_latest()
    {
        var book = new Book();
        book.Instruct(Create("a", 1, 1_000_000, 7000, null), 6990);
        Assert.Equal((T0 + Duration.FromHours(2), InstructionEnd.WindowEnd), (book.Plan("a").EndsAt, book.Plan("a").EndsBy));
    }

    [Theory]
    [InlineData(50, 120, InstructionEnd.MinimumActivation)]
    [InlineData(400, 400, InstructionEnd.Ceased)]
    public void A_cease_ends_it_but_not_before_the_shortest_activation(double ceasedAt, double endsAt, InstructionEnd by)
    {
        var book = new Book();
        book.Instruct(Create("a", 1, 1_000_000, 0, null), 0);
        Assert.Null(book.Cease("a", 2, ceasedAt).Refusal);
        Assert.Equal((T0 + Duration.FromSeconds(endsAt), by), (book.Plan("a").EndsAt, book.Plan("a").EndsBy));
        Assert.Equal(0, book.At(endsAt + 40));
        Assert.Equal(Ended, book.Instruct(Create("a", 3, 500_000, 0, null), ceasedAt + 1).Refusal);
    }

    [Fact]
    public void What_arrives_late_is_over_no_later_than_in_time()
    {
        var book = new Book();
        Assert.Null(book.Instruct(Create("a", 1, 1_000_000, 0, null), 90).Refusal);
        Assert.Equal((T0 + Duration.FromSeconds(90), T0 + Duration.FromSeconds(900)), (book.Plan("a").StartsAt, book.Plan("a").EndsAt));

        // A change of what runs leaves its start as it was first stated.
        Assert.Null(book.Instruct(Create("a", 2, 500_000, 60, null), 95).Refusal);
        Assert.Equal(T0 + Duration.FromSeconds(900), book.Plan("a").EndsAt);
        Assert.Null(book.Instruct(Create("a", 3, 600_000, 90, 100), 96).Refusal);
        Assert.Equal((T0 + Duration.FromSeconds(120), InstructionEnd.MinimumActivation), (book.Plan("a").EndsAt, book.Plan("a").EndsBy));
    }

    [Theory]
    [InlineData(90, 120)]
    [InlineData(300, 300)]
    public void An_instruction_and_its_cease_that_were_handed_out_late_deliver_the_rest_of_the_shortest_activation_at_most(double at, double endsAt)
    {
        var book = new Book();
        book.Instruct(Create("a", 1, 1_000_000, 0, null), at);
        Assert.Null(book.Cease("a", 2, at).Refusal);
        Assert.Equal(T0 + Duration.FromSeconds(endsAt), book.Plan("a").EndsAt);
        Assert.Equal(0, book.At(endsAt + 40));
    }

    [Fact]
    public void Ceased_before_it_begins_it_never_begins_and_costs_no_recovery()
    {
        var book = new Book();
        book.Instruct(Create("a", 1, 1_000_000, 100, null), 0);
        Assert.Null(book.Cease("a", 2, 50).Refusal);
        Assert.Equal(0, book.At(200));
        Assert.Equal(InstructionPhase.Ended, book.Phase("a", 60));
        Assert.Null(book.Instruct(Create("b", 1, 1_000_000, 100, null), 60).Refusal);
    }

    [Fact]
    public void A_cease_that_overtakes_its_instruction_keeps_it_from_running()
    {
        var book = new Book();
        Assert.Null(book.Cease("a", 2, 0).Refusal);
        Assert.Equal(LowerSequence, book.Instruct(Create("a", 1, 1_000_000, 10, null), 1).Refusal);
        Assert.Equal(0, book.At(100));
    }

    [Fact]
    public void A_change_goes_on_from_the_power_that_there_is()
    {
        var book = new Book();
        book.Instruct(Create("a", 1, 1_000_000, 0, null), 0);
        Assert.Null(book.Instruct(Create("a", 2, 200_000, 0, null), 20).Refusal);
        Assert.Equal([500_000d, 250_000, 200_000], new double[] { 20, 30, 60 }.Select(book.At));
        Assert.Equal(T0 + Duration.FromSeconds(900), book.Plan("a").EndsAt);
    }

    [Fact]
    public void A_refused_change_leaves_it_as_it_was()
    {
        var book = new Book();
        book.Instruct(Create("a", 1, 1_000_000, 0, null), 0);
        Assert.Equal(AboveContracted, book.Instruct(Create("a", 2, 2_000_000, 0, null), 20).Refusal);
        Assert.Equal(1_000_000, book.At(100));
    }

    [Fact]
    public void The_same_message_again_is_answered_and_not_done_again()
    {
        var book = new Book();
        var first = book.Instruct(Create("a", 1, 1_000_000, 0, 300), 0);
        var state = book.State;
        Assert.Equal(first with { Repeated = true }, book.Instruct(Create("a", 1, 1_000_000, 0, 300), 100));
        Assert.Equal(SequenceConflict, book.Instruct(Create("a", 1, 900_000, 0, 300), 100).Refusal);
        Assert.Same(state, book.State);
        book.Cease("a", 2, 200);
        Assert.True(book.Cease("a", 2, 400).Repeated);
        Assert.Equal(T0 + Duration.FromSeconds(200), book.Plan("a").EndsAt);
    }

    [Theory]
    [InlineData(1_000_001, 10, null, AboveContracted)]
    [InlineData(99_999, 10, null, BelowMinimum)]
    [InlineData(0, 10, null, BelowMinimum)]
    [InlineData(-500_000, 10, null, WrongDirection)]
    [InlineData(500_000, -10, null, OutsideWindow)]
    [InlineData(500_000, 7100, null, OutsideWindow)]
    [InlineData(500_000, 7200, null, OutsideWindow)]
    [InlineData(500_000, 10, 10, WrongTimes)]
    [InlineData(500_000, -400, -301, Over)]
    public void What_can_not_be_followed_is_refused_by_name(long watts, int start, int? end, InstructionRefusal why)
    {
        var book = new Book();
        Assert.Equal(why, book.Instruct(Create("a", 1, watts, start, end), -300).Refusal);
        Assert.Equal(InstructionPhase.Refused, book.Phase("a", 0));
        Assert.Equal(0, book.At(100));
    }

    /// <summary>400 kW are left from minute 10 to 20, nothing from minute 40 to 50.</summary>
    [Theory]
    [InlineData(1_000_000, 0, 300, 600, null)]
    [InlineData(1_000_000, 0, 300, 601, AboveContracted)]
    [InlineData(1_000_000, 0, 300, null, null)]
    [InlineData(1_000_000, 0, 481, null, AboveContracted)]
    [InlineData(400_000, 0, 300, null, null)]
    [InlineData(1_000_000, 700, 1200, 1500, null)]
    [InlineData(1_000_000, 700, 1100, 1500, AboveContracted)]
    [InlineData(99_999, 700, 1100, 1500, BelowMinimum)]
    [InlineData(1_000_000, 0, 2290, null, OutsideWindow)]
    [InlineData(1_000_000, 0, 2280, null, null)]
    [InlineData(1_000_000, 2500, 3000, null, null)]
    public void It_is_judged_with_the_least_that_is_left_while_it_delivers(long watts, double told, double start, int? end, InstructionRefusal? why)
    {
        Assert.Equal(why, new Book(WithOutages).Instruct(Create("a", 1, watts, start, end), told).Refusal);
    }

    [Fact]
    public void Without_an_end_it_is_given_as_far_as_there_is_anything_left_and_may_always_end_sooner()
    {
        var book = new Book(WithOutages);
        Assert.Null(book.Instruct(Create("a", 1, 1_000_000, 300, null), 0).Refusal);
        Assert.Equal([1_000_000d, 400_000], new double[] { 500, 700 }.Select(book.At));

        // A change that only ends it sooner asks for nothing more; one for longer, or for more, is judged.
        Assert.Equal(AboveContracted, book.Instruct(Create("a", 2, 900_000, 300, 900), 700).Refusal);
        Assert.Null(book.Instruct(Create("a", 3, 1_000_000, 300, 900), 700).Refusal);
        Assert.Equal(T0 + Duration.FromSeconds(900), book.Plan("a").EndsAt);
        Assert.Equal(AboveContracted, book.Instruct(Create("a", 4, 1_000_000, 300, 1000), 710).Refusal);
    }

    [Fact]
    public void The_refusal_says_what_is_contracted_what_is_left_and_until_when()
    {
        var book = new Book(WithOutages);
        Assert.Contains("contracted are 1000000 W, of which 400000 W are left from 2027-01-15T12:10:00Z until 2027-01-15T12:20:00Z", book.Instruct(Create("a", 1, 900_000, 700, 1000), 0).Detail, StringComparison.Ordinal);
        Assert.Contains("of which 0 W are left from", book.Instruct(Create("b", 1, 900_000, 2500, 2800), 0).Detail, StringComparison.Ordinal);
        Assert.Contains("no contracted window holds", book.Instruct(Create("c", 1, 900_000, 9000, 9300), 0).Detail, StringComparison.Ordinal);

        // What is declared after it was accepted caps it while that lasts.
        Assert.Null(new Book().Instruct(Create("d", 1, 1_000_000, 300, null), 0).Refusal);
        var state = InstructionProcessor.Process(Rules, InstructionState.None, new InstructionCommand.Instruct(Create("d", 1, 1_000_000, 300, null)), T0).State;
        Assert.Equal([1_000_000d, 400_000], new[] { 500, 700 }.Select(s => InstructionProcessor.PowerAt(WithOutages, state, T0 + Duration.FromSeconds(s))));
    }

    private static InstructionRules WithOutages
    {
        get
        {
            var of = InstructionRules.For(ControllerRig.Contract("GB-PQR", Rules.QuantityW) with { Windows = Rules.Windows }, [Declared(10, 20, 400_000), Declared(40, 50, 0)]);
            return Rules with { Windows = of.Windows, Outages = of.Outages };
        }
    }

    private static OutageStretch Declared(int from, int until, long watts) => new(T0 + Duration.FromMinutes(from), T0 + Duration.FromMinutes(until), watts, T0);

    [Fact]
    public void Direction_and_sign_must_say_the_same()
    {
        var book = new Book(Rules with { Direction = ResponseDirection.Both });
        Assert.Equal(WrongDirection, book.Instruct(Create("a", 1, 500_000, 0, null) with { Direction = ResponseDirection.Lower }, 0).Refusal);
        Assert.Null(book.Instruct(Create("b", 1, -500_000, 0, null), 0).Refusal);
        Assert.Equal(-500_000, book.At(60));
    }

    [Fact]
    public void Two_do_not_run_at_once_and_the_second_waits_for_the_recovery()
    {
        var book = new Book();
        book.Instruct(Create("a", 1, 1_000_000, 0, 300), 0);
        Assert.Equal(Overlap, book.Instruct(Create("b", 1, 500_000, 200, 400), 1).Refusal);
        Assert.Equal(Recovery, book.Instruct(Create("c", 1, 500_000, 519, 700), 1).Refusal);
        Assert.Null(book.Instruct(Create("d", 1, 500_000, 520, 700), 1).Refusal);
        Assert.Equal(TooManyActivations, book.Instruct(Create("e", 1, 500_000, 2000, 2200), 1).Refusal);
        Assert.Null(book.Instruct(Create("f", 1, 500_000, 3600, 3800), 1).Refusal);
    }

    [Fact]
    public void What_ended_a_week_ago_is_forgotten_and_its_late_duplicate_still_does_nothing()
    {
        var book = new Book(Rules with { Windows = [new Interval(T0, T0 + Duration.FromDays(30))] });
        book.Instruct(Create("a", 1, 1_000_000, 0, null), 0);
        book.Tick(8 * 86_400);
        Assert.Empty(book.State.Entries);
        Assert.Equal(Over, book.Instruct(Create("a", 1, 1_000_000, 0, null), 8 * 86_400).Refusal);
    }

    private static GridInstruction Create(string id, long sequence, long watts, double start, double? end) => new()
    {
        Id = id,
        Sequence = sequence,
        Direction = watts < 0 ? ResponseDirection.Lower : ResponseDirection.Raise,
        PowerW = watts,
        Start = T0 + Duration.FromSeconds(start),
        End = end is { } stated ? T0 + Duration.FromSeconds(stated) : null,
    };

    private sealed class Book(InstructionRules? rules = null)
    {
        private readonly InstructionRules _rules = rules ?? Rules;

        public InstructionState State { get; private set; } = InstructionState.None;

        public InstructionAnswer Instruct(GridInstruction instruction, double at) => Take(new InstructionCommand.Instruct(instruction), at)!;

        public InstructionAnswer Cease(string id, long sequence, double at) => Take(new InstructionCommand.Cease(id, sequence), at)!;

        public void Tick(double at) => Take(new InstructionCommand.Tick(), at);

        public double At(double seconds) => Math.Round(InstructionProcessor.PowerAt(_rules, State, T0 + Duration.FromSeconds(seconds)), 3);

        public InstructionPhase Phase(string id, double at) => State.Find(id)!.PhaseAt(T0 + Duration.FromSeconds(at));

        public InstructionPlan Plan(string id) => State.Find(id)!.Plan!;

        private InstructionAnswer? Take(InstructionCommand command, double at)
        {
            var outcome = InstructionProcessor.Process(_rules, State, command, T0 + Duration.FromSeconds(at));
            State = outcome.State;
            return outcome.Answer;
        }
    }
}
