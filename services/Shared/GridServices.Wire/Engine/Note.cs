using GridServices.Contracts;

namespace GridServices.Wire.Engine;

/// <summary>Something people should know.</summary>
/// <typeparam name="TKind">The protocol's kinds of notes.</typeparam>
/// <param name="Level">How much it matters.</param>
/// <param name="Kind">What it is about.</param>
/// <param name="Class">The error class, where it is about something refused or doubtful.</param>
/// <param name="About">The event, mRID or href it is about; null where it is about none.</param>
/// <param name="Text">One line: what, where, and how to fix it.</param>
public sealed record Note<TKind>(NoteLevel Level, TKind Kind, ErrorClass? Class, string? About, string Text)
    where TKind : struct, Enum;

/// <summary>How much a note matters.</summary>
public enum NoteLevel
{
    Information,
    Warning,

    /// <summary>A person must do something.</summary>
    Alarm,
}
