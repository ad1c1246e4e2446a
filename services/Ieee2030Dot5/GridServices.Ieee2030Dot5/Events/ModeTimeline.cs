using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>One mode over time: pieces ascend and don't overlap; where there is none, nobody speaks of the mode.</summary>
public sealed record ModeTimeline(ControlMode Mode, ValueList<ModePiece> Pieces)
{
    public ModePiece? At(Instant instant) => Pieces.FirstOrDefault(p => p.From <= instant && (p.Until is null || instant < p.Until));
}

/// <summary>What holds over [From, Until).</summary>
public sealed record ModePiece
{
    public required Instant From { get; init; }

    /// <summary>Null: no end.</summary>
    public required Instant? Until { get; init; }

    public required ModeSetting Setting { get; init; }
    public required PieceSource Source { get; init; }

    /// <summary>Null for <see cref="PieceSource.Fallback"/>.</summary>
    public string? ProgramKey { get; init; }

    /// <summary>Of the control or the default.</summary>
    public string? MRid { get; init; }

    public byte? Primacy { get; init; }

    /// <summary>Holds over a short gap between two controls.</summary>
    public bool Bridged { get; init; }

    /// <summary>Hundredths of a second for the change into this piece; it wins over setGradW. Null: setGradW.</summary>
    public long? RampTms { get; init; }
}

/// <summary>Who speaks.</summary>
public enum PieceSource
{
    Control,
    Default,

    /// <summary>The site's own fallback.</summary>
    Fallback,
}
