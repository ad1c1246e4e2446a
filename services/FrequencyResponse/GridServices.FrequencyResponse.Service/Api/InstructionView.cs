using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Instructions;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Api;

/// <summary>An instruction with where it stands. Powers in W, + = raise the frequency.</summary>
public sealed record InstructionView
{
    public required string InstructionId { get; init; }

    /// <summary>The highest that came, of an instruction or a cease.</summary>
    public required long Sequence { get; init; }
    public required InstructionPhase State { get; init; }

    /// <summary>What is followed, or was asked for where it is refused; absent where only a cease came.</summary>
    public ResponseDirection? Direction { get; init; }

    /// <summary>Change from the baseline, W, + = raise the frequency.</summary>
    public long? PowerW { get; init; }

    /// <summary>As instructed.</summary>
    public Instant? From { get; init; }

    /// <summary>As instructed; absent = until a cease.</summary>
    public Instant? Until { get; init; }
    public required Instant ReceivedAt { get; init; }

    /// <summary>Begin of the delivery.</summary>
    public Instant? StartsAt { get; init; }

    /// <summary>Full delivery is due by then.</summary>
    public Instant? FullBy { get; init; }

    /// <summary>Begin of the ramp down, as things stand.</summary>
    public Instant? EndsAt { get; init; }

    /// <summary>What that end follows from.</summary>
    public InstructionEnd? EndsBy { get; init; }

    /// <summary>When the power is 0 again.</summary>
    public Instant? FinishesAt { get; init; }
    public Instant? CeasedAt { get; init; }

    /// <summary>Why the message of this sequence is refused; what ran before it runs on.</summary>
    public InstructionRefusal? Refusal { get; init; }

    /// <summary>What was answered.</summary>
    public required string Detail { get; init; }

    /// <summary>The same message was here before; nothing was done again.</summary>
    public bool Repeated { get; init; }

    internal static InstructionView Create(InstructionEntry entry, Instant now)
    {
        var (plan, said) = (entry.Plan, entry.Plan?.Instruction ?? entry.Said);
        return new InstructionView
        {
            InstructionId = entry.Id,
            Sequence = entry.Sequence,
            State = entry.PhaseAt(now),
            Direction = said?.Direction,
            PowerW = said?.PowerW,
            From = said?.Start,
            Until = said?.End,
            ReceivedAt = entry.ReceivedAt,
            StartsAt = plan?.StartsAt,
            FullBy = plan?.FullBy,
            EndsAt = plan?.EndsAt,
            EndsBy = plan?.EndsBy,
            FinishesAt = plan?.FinishesAt,
            CeasedAt = plan?.CeasedAt,
            Refusal = entry.Answer.Refusal,
            Detail = entry.Answer.Detail,
        };
    }
}
