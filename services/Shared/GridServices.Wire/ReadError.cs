using GridServices.Contracts;

namespace GridServices.Wire;

/// <summary>Why a received text was not taken.</summary>
/// <param name="Class">The error class, as on every other surface.</param>
/// <param name="Path">Where: element names without prefixes, 1-based index where a name repeats, e.g. <c>/oadrPayload/…/oadrEvent[2]/eiEvent</c>; <c>/</c> = the document.</param>
/// <param name="Detail">What is wrong there and how to fix it; one line, foreign text shortened and made printable.</param>
public sealed record ReadError(ErrorClass Class, string Path, string Detail)
{
    /// <summary>True where the text has the right form but denotes nothing, such as 30 February.</summary>
    public bool DenotesNothing { get; init; }

    public override string ToString() => $"{Path}: {Detail}";
}
