using GridServices.Contracts;
using GridServices.OpenAdr.Codec;

namespace GridServices.OpenAdr.Events;

/// <summary>Why an event isn't taken.</summary>
/// <param name="Class">The error class.</param>
/// <param name="Code">The code of the eventResponse (profile section 8.7).</param>
/// <param name="Text">One line for the response and for people.</param>
internal sealed record EventFault(ErrorClass Class, int Code, string Text)
{
    public static EventFault Create(ErrorClass error, string text) => new(error, OadrCodes.GetCode(error), text);
}
