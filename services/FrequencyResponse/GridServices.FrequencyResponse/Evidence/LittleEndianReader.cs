using System.Buffers.Binary;

namespace GridServices.FrequencyResponse.Evidence;

/// <summary>Reads numbers one after another; past the end it gives zeros and notes it.</summary>
internal ref struct LittleEndianReader(ReadOnlySpan<byte> from)
{
    private ReadOnlySpan<byte> _rest = from;

    /// <summary>True once more was asked for than there is.</summary>
    public bool Overrun { get; private set; }

    /// <summary>True when everything was read, and no more.</summary>
    public readonly bool Done => !Overrun && _rest.IsEmpty;

    public byte Byte() => Bytes(1) is { Length: 1 } bytes ? bytes[0] : (byte)0;

    public ushort UInt16() => Bytes(2) is { Length: 2 } bytes ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : (ushort)0;

    public uint UInt32() => Bytes(4) is { Length: 4 } bytes ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : 0;

    public long Int64() => Bytes(8) is { Length: 8 } bytes ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : 0;

    public double Double() => BitConverter.Int64BitsToDouble(Int64());

    public ReadOnlySpan<byte> Bytes(int count)
    {
        if (count > _rest.Length)
        {
            Overrun = true;
            _rest = default;
            return default;
        }

        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    public ReadOnlySpan<byte> Rest() => Bytes(_rest.Length);
}
