using GridServices.Contracts;

namespace GridServices.Wire;

/// <summary>
/// Carries a <see cref="Refusal"/> from the depth of a codec to its door, where it becomes a value. It never leaves a codec.
/// </summary>
public sealed class WireFormatException(ReadError refusal) : Exception(refusal?.ToString())
{
    public WireFormatException(ErrorClass error, string path, string detail)
        : this(new ReadError(error, path, detail))
    {
    }

    public ReadError Refusal { get; } = refusal!;
}
