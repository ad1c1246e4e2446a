using System.Text.Json.Serialization;
using GridServices.FrequencyResponse.Catalog;
using NodaTime;

namespace GridServices.FrequencyResponse.Instructions;

/// <summary>What a grid operator tells a contracted service to deliver: how much, from when, until when.</summary>
/// <remarks>Of several messages with one <see cref="Id"/> the one of the highest <see cref="Sequence"/> counts.</remarks>
public sealed record GridInstruction
{
    /// <summary>The operator's name for it, its own within the contract.</summary>
    public required string Id { get; init; }

    /// <summary>Rises with every message about this instruction, a cease included; ≥ 0.</summary>
    public required long Sequence { get; init; }

    /// <summary>Raise or lower; says the same as the sign of <see cref="PowerW"/>, so that a wrong sign is found.</summary>
    public required ResponseDirection Direction { get; init; }

    /// <summary>Change from the baseline, W, + = raise the frequency (inject more, import less), − = lower it.</summary>
    public required long PowerW { get; init; }

    /// <summary>Start of delivery, inclusive; in the past = at once.</summary>
    public required Instant Start { get; init; }

    /// <summary>End of delivery, exclusive: then it ramps down. Null = until a cease, or the longest activation of the service.</summary>
    public Instant? End { get; init; }
}

/// <summary>What happens to a contract's instructions; one at a time.</summary>
public abstract record InstructionCommand
{
    private InstructionCommand()
    {
    }

    /// <summary>An instruction arrived, or a changed one of the same id with a higher sequence.</summary>
    public sealed record Instruct(GridInstruction Instruction) : InstructionCommand;

    /// <summary>End it now, as soon as the service's rules let it.</summary>
    public sealed record Cease(string Id, long Sequence) : InstructionCommand;

    /// <summary>Nothing but time passed.</summary>
    public sealed record Tick : InstructionCommand;
}

/// <summary>Why an instruction is not followed.</summary>
public enum InstructionRefusal
{
    /// <summary>Its start is in no contracted window, or the shortest activation would not fit into it.</summary>
    OutsideWindow,

    /// <summary>More than was contracted.</summary>
    AboveContracted,

    /// <summary>Less than the least that the service delivers.</summary>
    BelowMinimum,

    /// <summary>The service does not move the frequency that way, or direction and sign disagree.</summary>
    WrongDirection,

    /// <summary>Its end does not lie after its start.</summary>
    WrongTimes,

    /// <summary>It would begin before the recovery time after another one is over, or leave another one no recovery time.</summary>
    Recovery,

    /// <summary>Another instruction runs at that time.</summary>
    Overlap,

    /// <summary>As many activations as the service allows have begun within its span.</summary>
    TooManyActivations,

    /// <summary>It was over before it arrived.</summary>
    Over,

    /// <summary>A message of this instruction with a higher sequence was here before.</summary>
    LowerSequence,

    /// <summary>A message of the same sequence said something else.</summary>
    SequenceConflict,

    /// <summary>It has ended, or was ceased; a new one has an id of its own.</summary>
    Ended,

    /// <summary>More instructions within a week than are remembered: told apart from a late duplicate, none of them could be.</summary>
    TooManyRemembered,
}

/// <summary>Where an instruction stands.</summary>
public enum InstructionPhase
{
    /// <summary>It waits for its start.</summary>
    Accepted,

    /// <summary>Delivering, its ramps included.</summary>
    Running,

    /// <summary>Its power is 0 again, or it was ceased before it began.</summary>
    Ended,
    Refused,
}

/// <summary>Why the delivery ends when it does.</summary>
public enum InstructionEnd
{
    /// <summary>As it said itself.</summary>
    AsInstructed,
    Ceased,

    /// <summary>Ceased, or said to end, before the shortest activation was over: then it ends with that.</summary>
    MinimumActivation,
    MaximumActivation,
    WindowEnd,
    ContractEnded,
}

/// <summary>What is answered to a message.</summary>
/// <param name="Refusal">Null = accepted.</param>
/// <param name="Detail">For people: what was done, or what is wrong and what would do.</param>
/// <param name="Repeated">The same message was here before; nothing was done again.</param>
public sealed record InstructionAnswer(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] InstructionRefusal? Refusal, string Detail, bool Repeated = false);
