using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Messages;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>Why a control is not carried out, and how the server is told.</summary>
/// <param name="Class">The error class.</param>
/// <param name="Status">Response status.</param>
/// <param name="Text">What is wrong and how to fix it.</param>
internal sealed record ControlFault(ErrorClass Class, byte Status, string Text)
{
    public static ControlFault Invalid(ErrorClass kind, string text) => new(kind, ResponseStatus.Invalid, text);

    // Behaviour rule 25: 251 in the 2023 edition is 252 in that of 2018.
    public static ControlFault NotSupported(ResponseEdition edition, string text) => new(
        ErrorClass.UnsupportedSignal,
        edition == ResponseEdition.Ieee2023 ? ResponseStatus.NotSupported2023 : ResponseStatus.RejectedInvalid2018,
        text);
}

/// <summary>What could be read, or why not. Exactly one of the two is there.</summary>
internal readonly record struct Checked<T>(T? Good, ControlFault? Fault)
    where T : class
{
    public static implicit operator Checked<T>(T good) => new(good, null);

    public static implicit operator Checked<T>(ControlFault fault) => new(null, fault);
}
