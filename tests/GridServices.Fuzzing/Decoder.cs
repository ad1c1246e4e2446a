namespace GridServices.Fuzzing;

/// <summary>What the bytes of a decoder are made of, and so how they are changed.</summary>
internal enum InputForm
{
    Xml,
    Json,
    Csv,
    Bytes,
}

/// <summary>Something that reads what comes from outside.</summary>
/// <param name="Name">For the command line.</param>
/// <param name="Form">What its inputs are made of.</param>
/// <param name="Samples">Inputs to begin with.</param>
/// <param name="Read">Reads an input: true where it was taken, false where it was refused in the decoder's own way. Throws <see cref="RoundTripException"/> where what was read is not what is written of it.</param>
internal sealed record Decoder(string Name, InputForm Form, Func<IReadOnlyList<byte[]>> Samples, Func<byte[], bool> Read)
{
    /// <summary>Makes checksums and lengths fit again; null: there are none.</summary>
    public Func<byte[], byte[]>? Seal { get; init; }
}

/// <summary>What was read, written and read again is something else.</summary>
internal sealed class RoundTripException(string text) : Exception(text);
