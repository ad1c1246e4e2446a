using GridServices.Contracts;

namespace GridServices.Wire;

/// <summary>Why a received text was not taken.</summary>
/// <param name="Class">The error class, as on every other surface.</param>
/// <param name="Path">Where: element names without prefixes, 1-based index where a name repeats, e.g. <c>/oadrPayload/…/oadrEvent[2]/eiEvent</c>; <c>/</c> = the document.</param>
/// <param name="Detail">What is wrong there and how to mend it; one line, foreign text shortened and made printable.</param>
public sealed record Refusal(ErrorClass Class, string Path, string Detail)
{
    public override string ToString() => $"{Path}: {Detail}";
}
