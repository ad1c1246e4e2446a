using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Instructions;
using NodaTime;

namespace GridServices.FrequencyResponse.Tests.Instructions;

/// <summary>What holds whatever is sent, in whatever order and however often.</summary>
public sealed class InstructionPropertyTests
{
    private const int Runs = 300;
    private const double Step = 5;
    private static readonly Instant T0 = ControllerRig.Noon;

    [Fact]
    public void Power_stays_within_the_contract_and_the_ramp_and_no_activation_outlasts_the_longest()
    {
        var delivered = 0;
        for (var seed = 0; seed < Runs; seed++)
        {
            var draw = new Random(seed);
            var rules = Rules(draw);
            var (state, last, begun) = (InstructionState.None, 0d, -1d);
            for (double at = 0; at < 7200; at += Step)
            {
                var outcome = InstructionProcessor.Process(rules, state, draw.Next(6) == 0 ? Message(draw, at) : new InstructionCommand.Tick(), T0 + Duration.FromSeconds(at));
                (state, var power) = (outcome.State, outcome.PowerW);
                Assert.InRange(power, rules.Direction == ResponseDirection.Raise ? 0 : -rules.QuantityW, rules.Direction == ResponseDirection.Lower ? 0 : rules.QuantityW);
                Assert.InRange(Math.Abs(power - last), 0, (rules.RampWPerS(rules.QuantityW) * Step) + 1e-3);

                // Power that stands without a pause: no longer than the longest activation and its ramp down.
                begun = Math.Abs(power) < 1e-6 ? -1 : begun < 0 ? at - Step : begun;
                Assert.True(begun < 0 || at - begun <= (rules.MaxActivation + rules.Ramp).TotalSeconds + (2 * Step) || rules.Recovery < Duration.FromSeconds(Step), $"seed {seed}: since {begun}, now {at}");
                delivered += begun >= 0 ? 1 : 0;
                last = power;
            }
        }

        Assert.True(delivered > 10_000, $"only {delivered} steps delivered anything");
    }

    [Fact]
    public void Duplicates_at_once_or_late_change_nothing()
    {
        for (var seed = 0; seed < Runs; seed++)
        {
            var draw = new Random(seed);
            var rules = Rules(draw);
            var (once, twice) = (InstructionState.None, InstructionState.None);
            var sent = new List<InstructionCommand>();
            for (double at = 0; at < 3600; at += 30)
            {
                var now = T0 + Duration.FromSeconds(at);
                var message = Message(draw, at);
                once = InstructionProcessor.Process(rules, once, message, now).State;
                twice = InstructionProcessor.Process(rules, twice, message, now).State;
                sent.Add(message);
                for (var i = 0; i < 3; i++)
                {
                    var outcome = InstructionProcessor.Process(rules, twice, sent[draw.Next(sent.Count)], now);
                    Assert.True(outcome.Answer!.Repeated || outcome.Answer.Refusal is InstructionRefusal.LowerSequence or InstructionRefusal.SequenceConflict);
                    twice = outcome.State;
                }
            }

            Assert.Equal(once, twice);
        }
    }

    [Fact]
    public void In_whatever_order_the_messages_of_an_instruction_come_the_last_one_counts()
    {
        for (var seed = 0; seed < Runs; seed++)
        {
            var draw = new Random(seed);
            var rules = Rules(draw) with { MinActivation = Duration.Zero };
            InstructionCommand[] messages = [Told(draw, "a", 1), Told(draw, "a", 2), draw.Next(2) == 0 ? new InstructionCommand.Cease("a", 3) : Told(draw, "a", 3)];
            var inOrder = messages.Aggregate(InstructionState.None, (s, m) => InstructionProcessor.Process(rules, s, m, T0).State);
            draw.Shuffle(messages);
            var shuffled = messages.Aggregate(InstructionState.None, (s, m) => InstructionProcessor.Process(rules, s, m, T0).State);
            for (double at = 0; at < 3600; at += 60)
            {
                var (a, b) = (InstructionProcessor.PowerAt(rules, inOrder, T0 + Duration.FromSeconds(at)), InstructionProcessor.PowerAt(rules, shuffled, T0 + Duration.FromSeconds(at)));
                Assert.Equal(a, b);
            }
        }

        static InstructionCommand Told(Random draw, string id, long sequence) => new InstructionCommand.Instruct(Instruction(id, sequence, draw.Next(1, 10) * 100_000, 60 + draw.Next(600), null));
    }

    private static InstructionRules Rules(Random draw) => new()
    {
        QuantityW = 1_000_000,
        Direction = (ResponseDirection)draw.Next(3),
        Windows = [new Interval(T0, T0 + Duration.FromSeconds(3000)), new Interval(T0 + Duration.FromSeconds(3600), T0 + Duration.FromSeconds(7200))],
        FullActivation = Duration.FromSeconds(120),
        Ramp = Duration.FromSeconds(draw.Next(10, 120)),
        MinActivation = Duration.FromSeconds(draw.Next(300)),
        MaxActivation = Duration.FromSeconds(300 + draw.Next(600)),
        Recovery = Duration.FromSeconds(draw.Next(0, 120)),
        MostActivations = draw.Next(4),
        RepeatWindow = Duration.FromSeconds(draw.Next(1800)),
    };

    private static InstructionCommand Message(Random draw, double at)
    {
        var id = $"i{draw.Next(12)}";
        return draw.Next(4) == 0
            ? new InstructionCommand.Cease(id, draw.Next(5))
            : new InstructionCommand.Instruct(Instruction(id, draw.Next(5), draw.Next(-12, 13) * 100_000, at + draw.Next(-200, 400), draw.Next(2) == 0 ? null : at + draw.Next(-100, 1500)));
    }

    private static GridInstruction Instruction(string id, long sequence, long watts, double start, double? end) => new()
    {
        Id = id,
        Sequence = sequence,
        Direction = watts < 0 ? ResponseDirection.Lower : ResponseDirection.Raise,
        PowerW = watts,
        Start = T0 + Duration.FromSeconds(start),
        End = end is { } stated ? T0 + Duration.FromSeconds(stated) : null,
    };
}
