using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Instructions;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Mqtt;

/// <summary>An instruction or a cease, as it comes over MQTT.</summary>
public sealed record InstructionMessage
{
    /// <summary>The operator's name for it.</summary>
    public required string InstructionId { get; init; }

    /// <summary>Rises with every message about this instruction, a cease included; ≥ 0.</summary>
    public required long Sequence { get; init; }

    /// <summary>True: end it; then nothing more is said.</summary>
    public bool Cease { get; init; }

    /// <summary>raise or lower; must agree with the sign of the power.</summary>
    public ResponseDirection? Direction { get; init; }

    /// <summary>Change from the baseline, W, + = raise the frequency; or <see cref="PowerMw"/>.</summary>
    public long? PowerW { get; init; }

    /// <summary>MW, + = raise the frequency; or <see cref="PowerW"/>.</summary>
    public decimal? PowerMw { get; init; }

    /// <summary>Start of delivery, inclusive. A broker may hand a message out late, so that "now" is not said.</summary>
    public Instant? From { get; init; }

    /// <summary>End of delivery, exclusive; absent = until a cease, or the longest activation.</summary>
    public Instant? Until { get; init; }

    /// <returns>The message as far as it could be read, and what is wrong with it; null = nothing is.</returns>
    internal static (InstructionMessage? Message, string? Fault) Read(ReadOnlyMemory<byte> payload) =>
        StrictJson.Read<InstructionMessage>(payload, out var faults) is { } message
            ? (message, message.Fault())
            : (null, string.Join("; ", faults.Select(f => SafeText.Line($"{f.Pointer} {f.Detail}".Trim()))));

    /// <summary>As the contract's book takes it.</summary>
    internal InstructionCommand Command() => Cease
        ? new InstructionCommand.Cease(InstructionId, Sequence)
        : new InstructionCommand.Instruct(new GridInstruction
        {
            Id = InstructionId,
            Sequence = Sequence,
            Direction = Direction!.Value,
            PowerW = PowerW ?? (long)decimal.Truncate(PowerMw!.Value * 1_000_000m),
            Start = From!.Value,
            End = Until,
        });

    private string? Fault() =>
        !Identifiers.IsSafe(InstructionId) ? "/instructionId has 1 to 128 of A-Z a-z 0-9 . _ : ~ - and begins with a letter, digit or _"
        : Sequence < 0 ? "/sequence is 0 or more"
        : Cease ? (Direction, PowerW, PowerMw, From, Until) == default ? null : "a cease says instructionId, sequence and cease only"
        : Direction is null ? "/direction is missing: raise or lower"
        : PowerW is null == PowerMw is null || (PowerMw is { } mw && Math.Abs(mw) >= 1_000_000m) ? "write either powerW (W) or powerMw (MW), + raises the frequency"
        : From is null ? "/from is missing: over MQTT a start is always stated, since a broker may hand a message out late"
        : null;
}
