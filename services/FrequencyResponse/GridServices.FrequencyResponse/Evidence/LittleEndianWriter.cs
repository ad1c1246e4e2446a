using System.Buffers.Binary;

namespace GridServices.FrequencyResponse.Evidence;

/// <summary>Writes numbers one after another, little-endian; doubles by their bits, so that NaN stays the same NaN.</summary>
internal ref struct LittleEndianWriter(Span<byte> into)
{
    private readonly Span<byte> _into = into;

    public int Length { get; private set; }

    public void Byte(byte value) => _into[Length++] = value;

    public void UInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_into[Length..], value);
        Length += 2;
    }

    public void UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_into[Length..], value);
        Length += 4;
    }

    public void Int64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_into[Length..], value);
        Length += 8;
    }

    public void Double(double value) => Int64(BitConverter.DoubleToInt64Bits(value));

    public void Bytes(ReadOnlySpan<byte> value)
    {
        value.CopyTo(_into[Length..]);
        Length += value.Length;
    }
}
