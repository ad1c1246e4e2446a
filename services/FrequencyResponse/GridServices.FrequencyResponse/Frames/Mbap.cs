using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace GridServices.FrequencyResponse.Frames;

/// <summary>The head of a Modbus TCP message: transaction, protocol 0, length, unit; seven bytes, then the PDU.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Mbap(ushort Transaction, byte Unit, int PduLength)
{
    public const int Size = 7;

    /// <summary>Largest message: head and PDU.</summary>
    public const int MaxMessage = Size + ModbusPdu.MaxSize;

    /// <summary>Writes the head in front of a PDU of so many bytes; gives the length of the whole message.</summary>
    public int Write(Span<byte> into)
    {
        BinaryPrimitives.WriteUInt16BigEndian(into, Transaction);
        BinaryPrimitives.WriteUInt16BigEndian(into[2..], 0);
        BinaryPrimitives.WriteUInt16BigEndian(into[4..], (ushort)(PduLength + 1));
        into[6] = Unit;
        return Size + PduLength;
    }

    /// <summary>Reads the head. A stream with a fault here is beyond repair: close the connection. Short = read on.</summary>
    public static FrameFault TryRead(ReadOnlySpan<byte> bytes, out Mbap head)
    {
        head = default;
        if (bytes.Length < Size)
        {
            return FrameFault.Short;
        }

        if (BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]) != 0)
        {
            return FrameFault.NotOurs;
        }

        var length = BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]);
        if (length is < 2 or > ModbusPdu.MaxSize + 1)
        {
            return FrameFault.Length;
        }

        head = new Mbap(BinaryPrimitives.ReadUInt16BigEndian(bytes), bytes[6], length - 1);
        return FrameFault.None;
    }
}
