using GridServices.Contracts;
using GridServices.FrequencyResponse.Instructions;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Mqtt;

/// <summary>What is published for a message: it is on disk, or it is not followed and why.</summary>
public sealed record Acknowledgement
{
    public required string ContractId { get; init; }

    /// <summary>Absent where it could not be read.</summary>
    public string? InstructionId { get; init; }

    public long? Sequence { get; init; }

    /// <summary>False: see <see cref="Refusal"/>; what ran before runs on.</summary>
    public required bool Accepted { get; init; }

    /// <summary>The same message was here before; nothing was done again.</summary>
    public bool Repeated { get; init; }

    /// <summary>As over HTTP, or malformed, notRunning or notTaken.</summary>
    public string? Refusal { get; init; }

    /// <summary>For people.</summary>
    public required string Detail { get; init; }

    /// <summary>Begin of the delivery.</summary>
    public Instant? StartsAt { get; init; }

    /// <summary>Full delivery is due by then.</summary>
    public Instant? FullBy { get; init; }

    /// <summary>Begin of the ramp down, as things stand.</summary>
    public Instant? EndsAt { get; init; }

    /// <summary>When this was said.</summary>
    public required Instant At { get; init; }

    internal static Acknowledgement Create(string contract, InstructionMessage message, InstructionOutcome outcome, Instant now)
    {
        var (answer, plan) = (outcome.Answer!, outcome.State.Find(message.InstructionId)?.Plan);
        return new Acknowledgement
        {
            ContractId = contract,
            InstructionId = message.InstructionId,
            Sequence = message.Sequence,
            Accepted = answer.Refusal is null,
            Repeated = answer.Repeated,
            Refusal = answer.Refusal is { } refusal ? EnumNames<InstructionRefusal>.GetName(refusal) : null,
            Detail = answer.Detail,
            StartsAt = plan?.StartsAt,
            FullBy = plan?.FullBy,
            EndsAt = plan?.EndsAt,
            At = now,
        };
    }

    internal static Acknowledgement No(string contract, string refusal, string detail, Instant now, InstructionMessage? message = null) => new()
    {
        ContractId = contract,
        InstructionId = message?.InstructionId,
        Sequence = message?.Sequence,
        Accepted = false,
        Refusal = refusal,
        Detail = detail,
        At = now,
    };
}
