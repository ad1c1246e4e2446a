using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace GridServices.FrequencyResponse.Frames;

/// <summary>Numbers in the byte order that a frame's first bytes tell.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct ByteOrder(bool bigEndian)
{
    public ushort ReadUInt16(ReadOnlySpan<byte> from) =>
        bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(from) : BinaryPrimitives.ReadUInt16LittleEndian(from);

    public uint ReadUInt32(ReadOnlySpan<byte> from) =>
        bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(from) : BinaryPrimitives.ReadUInt32LittleEndian(from);

    public long ReadInt64(ReadOnlySpan<byte> from) =>
        bigEndian ? BinaryPrimitives.ReadInt64BigEndian(from) : BinaryPrimitives.ReadInt64LittleEndian(from);

    public int ReadInt32(ReadOnlySpan<byte> from) =>
        bigEndian ? BinaryPrimitives.ReadInt32BigEndian(from) : BinaryPrimitives.ReadInt32LittleEndian(from);

    public void WriteUInt16(Span<byte> into, ushort value)
    {
        if (bigEndian)
        {
            BinaryPrimitives.WriteUInt16BigEndian(into, value);
        }
        else
        {
            BinaryPrimitives.WriteUInt16LittleEndian(into, value);
        }
    }

    public void WriteUInt32(Span<byte> into, uint value)
    {
        if (bigEndian)
        {
            BinaryPrimitives.WriteUInt32BigEndian(into, value);
        }
        else
        {
            BinaryPrimitives.WriteUInt32LittleEndian(into, value);
        }
    }

    public void WriteInt64(Span<byte> into, long value)
    {
        if (bigEndian)
        {
            BinaryPrimitives.WriteInt64BigEndian(into, value);
        }
        else
        {
            BinaryPrimitives.WriteInt64LittleEndian(into, value);
        }
    }

    public void WriteInt32(Span<byte> into, int value)
    {
        if (bigEndian)
        {
            BinaryPrimitives.WriteInt32BigEndian(into, value);
        }
        else
        {
            BinaryPrimitives.WriteInt32LittleEndian(into, value);
        }
    }
}
