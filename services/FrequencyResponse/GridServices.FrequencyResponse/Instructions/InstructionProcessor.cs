using System.Globalization;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Outages;
using GridServices.Wire;
using NodaTime;
using static GridServices.FrequencyResponse.Instructions.InstructionRefusal;

namespace GridServices.FrequencyResponse.Instructions;

/// <summary>Decides what becomes of instructions and ceases. Pure: the same state, message and instant give the same answer.</summary>
/// <remarks>
/// <code>
/// (1) known?   the same id and sequence: the same answer again, nothing is done; a lower sequence is refused
/// (2) judge    size, direction, times, window, other instructions, repeats
/// (3) plan     from when to when, by which ramp; the plan's power is a function of time alone
/// </code>
/// </remarks>
public static class InstructionProcessor
{
    /// <summary>Most instructions of a contract that are remembered.</summary>
    public const int MostRemembered = 5_000;

    /// <summary>How long what has ended is remembered.</summary>
    public static readonly Duration Remembered = Duration.FromDays(7);

    /// <summary>Takes one command.</summary>
    /// <param name="rules">Of the contract.</param>
    /// <param name="state">What came of the command before; <see cref="InstructionState.None"/> at the start.</param>
    /// <param name="command">What arrived.</param>
    /// <param name="now">The wall clock.</param>
    public static InstructionOutcome Process(InstructionRules rules, InstructionState state, InstructionCommand command, Instant now)
    {
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(state);
        var kept = Prune(rules, state, now);
        var (next, answer) = command switch
        {
            InstructionCommand.Instruct i => Instruct(rules, kept, i.Instruction, now),
            InstructionCommand.Cease c => Cease(rules, kept, c, now),
            _ => (kept, null),
        };
        return new InstructionOutcome(next, PowerAt(rules, next, now), answer);
    }

    /// <summary>Power that the instructions ask for at an instant, W, + = raise the frequency; never above what is left of the contracted quantity.</summary>
    public static double PowerAt(InstructionRules rules, InstructionState state, Instant at)
    {
        ArgumentNullException.ThrowIfNull(rules);
        var most = DeclaredOutages.AvailableAt(rules.Outages, rules.QuantityW, at);
        return Math.Clamp(OrderAt(state, at).WattsAt(Nanos.Unix(at)), -most, most);
    }

    /// <summary>What runs at an instant, or else comes next; <c>default</c> where nothing does.</summary>
    public static InstructedOrder OrderAt(InstructionState state, Instant at)
    {
        ArgumentNullException.ThrowIfNull(state);
        InstructionPlan? first = null;
        foreach (var entry in state.Entries)
        {
            if (entry.Plan is { Runs: true } plan && plan.FinishesAt > at && (first is null || plan.StartsAt < first.StartsAt))
            {
                first = plan;
            }
        }

        return first?.Order ?? default;
    }

    private static (InstructionState State, InstructionAnswer Answer) Instruct(InstructionRules rules, InstructionState state, GridInstruction instruction, Instant now)
    {
        var known = state.Find(instruction.Id);

        // :: Step 1: known?
        if (known is not null && instruction.Sequence <= known.Sequence)
        {
            return (state, Again(known, instruction, instruction.Sequence));
        }

        if (known is null && state.Entries.Count >= MostRemembered)
        {
            return (state, new InstructionAnswer(TooManyRemembered, $"{MostRemembered} instructions within {Remembered.Days} days are remembered; send no more to this contract"));
        }

        // :: Step 2 and 3: judge, plan
        var (plan, refusal) = InstructionPlanner.Plan(rules, state, known?.Plan, instruction, now);
        var entry = new InstructionEntry
        {
            Id = instruction.Id,
            Sequence = instruction.Sequence,
            ReceivedAt = now,
            Said = instruction,
            Answer = refusal ?? new InstructionAnswer(null, Describe(plan!)),
            Plan = plan ?? known?.Plan,
        };
        return (state.With(entry), entry.Answer);
    }

    private static (InstructionState State, InstructionAnswer Answer) Cease(InstructionRules rules, InstructionState state, InstructionCommand.Cease cease, Instant now)
    {
        var known = state.Find(cease.Id);
        if (known is not null && cease.Sequence <= known.Sequence)
        {
            return (state, Again(known, null, cease.Sequence));
        }

        var (plan, answer) = known?.Plan is { } running ? Ceased(rules, running, now)
            : (null, new InstructionAnswer(null, "nothing of this instruction runs; one with a lower sequence that comes later is refused"));
        if (known is null && state.Entries.Count >= MostRemembered)
        {
            return (state, new InstructionAnswer(TooManyRemembered, $"no instruction {SafeText.Quote(cease.Id)} is known, and no more can be remembered"));
        }

        // Remembered also where the instruction never came: it may still come, late, and must not run then.
        return (state.With(new InstructionEntry { Id = cease.Id, Sequence = cease.Sequence, ReceivedAt = now, Answer = answer, Plan = plan ?? known?.Plan }), answer);
    }

    private static (InstructionPlan Plan, InstructionAnswer Answer) Ceased(InstructionRules rules, InstructionPlan plan, Instant now)
    {
        if (!plan.Runs || now >= plan.EndsAt)
        {
            return (plan, new InstructionAnswer(null, $"it ended at {plan.EndsAt}"));
        }

        if (now < plan.StartsAt)
        {
            return (plan.Ending(plan.StartsAt, InstructionEnd.Ceased, now), new InstructionAnswer(null, "ceased before it began: nothing is delivered"));
        }

        // A cease before the shortest activation is over ends with that; one that ends sooner by itself is left to it.
        var least = plan.CountsFrom + rules.MinActivation;
        var end = Instant.Min(plan.EndsAt, Instant.Max(now, least));
        var by = end == plan.EndsAt ? plan.EndsBy : end > now ? InstructionEnd.MinimumActivation : InstructionEnd.Ceased;
        return (plan.Ending(end, by, now), new InstructionAnswer(null, end > now ? $"it ends with the shortest activation, at {end}" : $"it ends now, at {end}"));
    }

    private static InstructionAnswer Again(InstructionEntry known, GridInstruction? instruction, long sequence) =>
        sequence < known.Sequence
            ? new InstructionAnswer(LowerSequence, string.Create(CultureInfo.InvariantCulture, $"sequence {known.Sequence} of this instruction was here before; {sequence} is too late"))
            : instruction == known.Said
            ? known.Answer with { Repeated = true }
            : new InstructionAnswer(SequenceConflict, string.Create(CultureInfo.InvariantCulture, $"sequence {sequence} of this instruction said something else; send a change with a higher one"));

    private static string Describe(InstructionPlan plan) => $"delivered from {plan.StartsAt}, in full by {plan.FullBy}, until {plan.EndsAt} at the latest";

    /// <summary>What ended so long ago that no rule and no late message can touch it any more.</summary>
    private static InstructionState Prune(InstructionRules rules, InstructionState state, Instant now)
    {
        var since = now - Duration.Max(Remembered, Duration.Max(rules.Recovery, rules.RepeatWindow));
        return state.Entries.Any(Old)
            ? new InstructionState { Entries = state.Entries.Where(e => !Old(e)).ToValueList() }
            : state;

        bool Old(InstructionEntry e) => e.ReceivedAt < since && (e.Plan is null || e.Plan.FinishesAt < since);
    }
}

/// <summary>What came of a command.</summary>
/// <param name="State">For the next one.</param>
/// <param name="PowerW">Wanted at this instant, W, + = raise the frequency.</param>
/// <param name="Answer">To whoever sent it; null for a tick.</param>
public sealed record InstructionOutcome(InstructionState State, double PowerW, InstructionAnswer? Answer);
