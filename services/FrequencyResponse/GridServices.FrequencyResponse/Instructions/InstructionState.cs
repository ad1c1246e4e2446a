using System.Text.Json.Serialization;
using GridServices.Wire;
using NodaTime;

namespace GridServices.FrequencyResponse.Instructions;

/// <summary>The instructions of one contract: those that run or wait, and those of the last week, by which a late duplicate is known.</summary>
/// <remarks>Immutable; in the order in which their first message came.</remarks>
public sealed record InstructionState
{
    public static InstructionState None { get; } = new();

    public ValueList<InstructionEntry> Entries { get; init; } = [];

    /// <summary>What runs at an instant, or else comes next.</summary>
    public InstructionEntry? CurrentAt(Instant now) =>
        Entries.Where(e => e.PhaseAt(now) is InstructionPhase.Running or InstructionPhase.Accepted).MinBy(e => e.Plan!.StartsAt);

    public InstructionEntry? Find(string id)
    {
        foreach (var entry in Entries)
        {
            if (entry.Id == id)
            {
                return entry;
            }
        }

        return null;
    }

    internal InstructionState With(InstructionEntry entry)
    {
        var known = Find(entry.Id);
        return new InstructionState
        {
            Entries = known is null ? [.. Entries, entry] : Entries.Select(e => ReferenceEquals(e, known) ? entry : e).ToValueList(),
        };
    }
}

/// <summary>Everything known of one instruction.</summary>
public sealed record InstructionEntry
{
    public required string Id { get; init; }

    /// <summary>The highest that came.</summary>
    public required long Sequence { get; init; }

    /// <summary>When the message of that sequence came.</summary>
    public required Instant ReceivedAt { get; init; }

    /// <summary>The instruction of that sequence; null where it was a cease.</summary>
    public GridInstruction? Said { get; init; }

    /// <summary>What that sequence was answered.</summary>
    public required InstructionAnswer Answer { get; init; }

    /// <summary>What is done; null where nothing of it was ever accepted.</summary>
    public InstructionPlan? Plan { get; init; }

    /// <summary>Where it stands at an instant.</summary>
    public InstructionPhase PhaseAt(Instant now) =>
        Plan is null ? (Answer.Refusal is null ? InstructionPhase.Ended : InstructionPhase.Refused)
        : Plan.EndsAt <= Plan.StartsAt || now >= Plan.FinishesAt ? InstructionPhase.Ended
        : now < Plan.StartsAt ? InstructionPhase.Accepted
        : InstructionPhase.Running;
}

/// <summary>What is delivered for an accepted instruction.</summary>
public sealed record InstructionPlan
{
    public required GridInstruction Instruction { get; init; }

    /// <summary>Begin of the delivery: as instructed, or when it arrived.</summary>
    public required Instant StartsAt { get; init; }

    /// <summary>Full delivery is due by then.</summary>
    public required Instant FullBy { get; init; }

    /// <summary>Begin of the ramp down at the latest; a cease brings it forward. Equal to <see cref="StartsAt"/> = ceased before it began.</summary>
    public required Instant EndsAt { get; init; }

    /// <summary>What <see cref="EndsAt"/> follows from.</summary>
    public required InstructionEnd EndsBy { get; init; }

    /// <summary>The power over time.</summary>
    public required InstructedOrder Order { get; init; }

    public Instant? CeasedAt { get; init; }

    /// <summary>When the power is 0 again.</summary>
    [JsonIgnore]
    public Instant FinishesAt => Instant.FromUnixTimeTicks((Order.FinishUnix + 99) / 100);

    /// <summary>The shortest and the longest activation count from here: the stated start, also of an instruction that arrived after it.</summary>
    [JsonIgnore]
    internal Instant CountsFrom => Instant.Min(StartsAt, Instruction.Start);

    internal bool Runs => EndsAt > StartsAt;

    /// <summary>The same, ended with its contract: at once, whatever the rules.</summary>
    public InstructionPlan Withdrawn(Instant now) => Ending(Instant.Max(StartsAt, Instant.Min(EndsAt, now)), InstructionEnd.ContractEnded, now);

    internal InstructionPlan Ending(Instant at, InstructionEnd by, Instant now) =>
        this with { EndsAt = at, EndsBy = by, CeasedAt = now, Order = Order with { EndUnix = Nanos.Unix(at) } };
}
