using System.Globalization;
using GridServices.FrequencyResponse.Catalog;
using NodaTime;
using static GridServices.FrequencyResponse.Instructions.InstructionRefusal;

namespace GridServices.FrequencyResponse.Instructions;

/// <summary>Whether an instruction can be followed, and how.</summary>
internal static class InstructionPlanner
{
    /// <param name="rules">Of the contract.</param>
    /// <param name="state">With all others.</param>
    /// <param name="running">What is done for the same instruction so far.</param>
    /// <param name="instruction">What it says now.</param>
    /// <param name="now">When.</param>
    /// <returns>One of the two.</returns>
    internal static (InstructionPlan? Plan, InstructionAnswer? Refusal) Plan(InstructionRules rules, InstructionState state, InstructionPlan? running, GridInstruction instruction, Instant now)
    {
        if (Size(rules, instruction) is { } wrong)
        {
            return (null, wrong);
        }

        if (running is not null && (running.CeasedAt is not null || now >= running.EndsAt))
        {
            return No(Ended, $"it ended at {running.EndsAt}; a new instruction has an id of its own");
        }

        // Once it delivers, its start stands; a change goes from the power that there is.
        var begun = running is not null && now >= running.StartsAt;
        var start = begun ? running!.StartsAt : Instant.Max(instruction.Start, now);

        // What arrives late delivers from now, and is over no later for it: both lengths count from the start that was stated.
        var counted = begun ? running!.CountsFrom : Instant.Min(instruction.Start, start);
        if (instruction.End <= instruction.Start)
        {
            return No(WrongTimes, "its end must be after its start");
        }

        // An old message that arrives late must not begin anything.
        if (!begun && (instruction.End <= now || instruction.Start + rules.MaxActivation <= now))
        {
            return No(Over, $"it was over when it arrived, at {now}");
        }

        if (Window(rules, start) is not { } window || counted + rules.MinActivation > window.End)
        {
            return (null, Outside(rules, instruction, start, counted + rules.MinActivation));
        }

        var (end, by) = End(rules, instruction, counted, window.End, begun ? now : start);
        var from = begun ? now : start;

        // Without an end only its shortest activation is sure; what is declared for later caps it then.
        var (left, span) = rules.LeastLeft(from, instruction.End is null ? Instant.Min(end, Instant.Max(from, counted + rules.MinActivation)) : end);
        var endsSooner = begun && instruction.PowerW == running!.Instruction.PowerW && end <= running.EndsAt;
        if (!endsSooner && Declared(rules, instruction, left, span) is { } beyond)
        {
            return (null, beyond);
        }

        var ramp = endsSooner ? running!.Order.RampWPerS : rules.RampWPerS(left);
        var plan = Planned(rules, running, begun ? instruction with { Start = counted } : instruction, start, end, by, now, begun, ramp);
        return Others(rules, state, plan) is { } refusal ? (null, refusal) : (plan, null);
    }

    private static InstructionAnswer? Size(InstructionRules rules, GridInstruction instruction)
    {
        var way = instruction.PowerW > 0 ? ResponseDirection.Raise : ResponseDirection.Lower;
        return instruction.PowerW == 0 || (rules.Outages.Count == 0 && Math.Abs((decimal)instruction.PowerW) < rules.LeastW)
                ? BelowLeast(instruction, rules.LeastW)
            : instruction.Direction != way
                ? new InstructionAnswer(
                    WrongDirection, string.Create(CultureInfo.InvariantCulture, $"{instruction.PowerW} W goes the other way than its direction: + raises the frequency, - lowers it"))
            : rules.Direction != ResponseDirection.Both && rules.Direction != way
                ? new InstructionAnswer(WrongDirection, rules.Direction == ResponseDirection.Raise ? "the service only raises the frequency" : "the service only lowers the frequency")
            : Math.Abs((decimal)instruction.PowerW) > rules.QuantityW
                ? new InstructionAnswer(AboveContracted, string.Create(CultureInfo.InvariantCulture, $"{instruction.PowerW} W; contracted are {rules.QuantityW} W"))
            : null;
    }

    private static InstructionAnswer Outside(InstructionRules rules, GridInstruction instruction, Instant start, Instant least)
    {
        var (left, span) = rules.LeastLeft(start, least);
        return new InstructionAnswer(
            OutsideWindow,
            left <= 0 ? Left(rules, instruction, left, span) : $"no contracted window holds {start} and the shortest activation of {rules.MinActivation.TotalSeconds:0.###} s after it");
    }

    /// <summary>Whether what is left while it delivers is enough.</summary>
    private static InstructionAnswer? Declared(InstructionRules rules, GridInstruction instruction, long left, Interval span)
    {
        var asked = Math.Abs((decimal)instruction.PowerW);
        return left <= 0 ? new InstructionAnswer(OutsideWindow, Left(rules, instruction, left, span))
            : asked > left ? new InstructionAnswer(AboveContracted, Left(rules, instruction, left, span))
            : asked < Math.Min(rules.LeastW, left) ? BelowLeast(instruction, Math.Min(rules.LeastW, left))
            : null;
    }

    private static string Left(InstructionRules rules, GridInstruction instruction, long left, Interval span) => string.Create(
        CultureInfo.InvariantCulture,
        $"{instruction.PowerW} W; contracted are {rules.QuantityW} W, of which {left} W are left from {span.Start} until {span.End}, as declared: ask for no more while that lasts");

    private static InstructionAnswer BelowLeast(GridInstruction instruction, long leastW) =>
        new(BelowMinimum, string.Create(CultureInfo.InvariantCulture, $"{instruction.PowerW} W; the service delivers {leastW} W or more"));

    private static Interval? Window(InstructionRules rules, Instant at)
    {
        foreach (var window in rules.Windows)
        {
            if (window.Contains(at))
            {
                return window;
            }
        }

        return null;
    }

    /// <summary>Its own end, held between the shortest and the longest activation and within the window; never before what is.</summary>
    private static (Instant At, InstructionEnd By) End(InstructionRules rules, GridInstruction instruction, Instant counted, Instant windowEnd, Instant earliest)
    {
        var (least, most) = (counted + rules.MinActivation, counted + rules.MaxActivation);
        var (end, by) = instruction.End is { } stated && stated <= most ? (stated, InstructionEnd.AsInstructed) : (most, InstructionEnd.MaximumActivation);
        (end, by) = end < least ? (least, InstructionEnd.MinimumActivation) : (end, by);
        (end, by) = end > windowEnd ? (windowEnd, InstructionEnd.WindowEnd) : (end, by);
        return (Instant.Max(end, earliest), by);
    }

    private static InstructionPlan Planned(
        InstructionRules rules, InstructionPlan? running, GridInstruction instruction, Instant start, Instant end, InstructionEnd by, Instant now, bool begun, double rampWPerS)
    {
        var anchor = begun ? now : start;
        return new InstructionPlan
        {
            Instruction = instruction,
            StartsAt = start,
            FullBy = (begun ? now : Instant.Max(instruction.Start, now + rules.Notice)) + rules.FullActivation,
            EndsAt = end,
            EndsBy = by,
            Order = new InstructedOrder
            {
                StartUnix = Nanos.Unix(start),
                AnchorUnix = Nanos.Unix(anchor),
                EndUnix = Nanos.Unix(end),
                AnchorW = begun ? running!.Order.WattsAt(Nanos.Unix(anchor)) : 0,
                TargetW = instruction.PowerW,
                RampWPerS = rampWPerS,
            },
        };
    }

    private static InstructionAnswer? Others(InstructionRules rules, InstructionState state, InstructionPlan plan)
    {
        var starts = new List<Instant> { plan.StartsAt };
        foreach (var entry in state.Entries)
        {
            if (entry.Plan is not { Runs: true } other || entry.Id == plan.Instruction.Id)
            {
                continue;
            }

            starts.Add(other.StartsAt);
            if (plan.StartsAt < other.FinishesAt && other.StartsAt < plan.FinishesAt)
            {
                return new InstructionAnswer(Overlap, $"{entry.Id} runs from {other.StartsAt} until {other.FinishesAt}; change that one, or start after it");
            }

            if (plan.StartsAt < other.FinishesAt + rules.Recovery && other.StartsAt < plan.FinishesAt + rules.Recovery)
            {
                return new InstructionAnswer(Recovery, $"{entry.Id} runs from {other.StartsAt} until {other.FinishesAt}; the service recovers for {rules.Recovery.TotalSeconds:0.###} s between two");
            }
        }

        return rules.MostActivations > 0 && starts.Any(s => starts.Count(o => o > s - rules.RepeatWindow && o <= s) > rules.MostActivations)
            ? new InstructionAnswer(TooManyActivations, $"{rules.MostActivations} activations may begin within {rules.RepeatWindow.TotalSeconds:0.###} s")
            : null;
    }

    private static (InstructionPlan? Plan, InstructionAnswer? Refusal) No(InstructionRefusal why, string detail) => (null, new InstructionAnswer(why, detail));
}
