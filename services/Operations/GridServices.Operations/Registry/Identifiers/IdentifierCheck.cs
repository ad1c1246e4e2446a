namespace GridServices.Operations.Registry.Identifiers;

/// <summary>How an identifier looks.</summary>
public enum IdentifierVerdict
{
    Valid,

    /// <summary>Odd, but utilities differ: it may be right. It is kept as typed.</summary>
    Warning,

    /// <summary>It cannot be what it is said to be.</summary>
    Error,
}

/// <summary>What a check found.</summary>
/// <param name="Verdict">Whether it may be used.</param>
/// <param name="Normal">The identifier without the blanks and dashes that people type; what is stored.</param>
/// <param name="Code">Stable word for texts in other languages, such as <c>nmi.checkDigit</c>; null where valid.</param>
/// <param name="Text">What is odd and what to do, in English; null where valid.</param>
public sealed record IdentifierCheck(IdentifierVerdict Verdict, string Normal, string? Code, string? Text)
{
    public bool MayBeUsed => Verdict != IdentifierVerdict.Error;

    internal static IdentifierCheck Valid(string normal) => new(IdentifierVerdict.Valid, normal, null, null);

    internal static IdentifierCheck Warn(string normal, string code, string text) => new(IdentifierVerdict.Warning, normal, code, text);

    internal static IdentifierCheck Error(string normal, string code, string text) => new(IdentifierVerdict.Error, normal, code, text);
}
