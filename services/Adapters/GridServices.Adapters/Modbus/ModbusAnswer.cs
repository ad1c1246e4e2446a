using System.Buffers.Binary;

namespace GridServices.Adapters.Modbus;

/// <summary>
/// Modbus TCP, the server's side, for reading alone: function 3 (holding registers) and 4 (input registers). Everything else is refused
/// by the exceptions of the protocol; what is no Modbus frame ends the connection.
/// </summary>
public static class ModbusAnswer
{
    /// <summary>Transaction (2), protocol (2), length (2).</summary>
    public const int PrefixBytes = 6;

    private const int UnitAndFunction = 2;
    private const int LongestBody = 254;
    private const int ReadRequestBody = 6;
    private const int MostRegisters = 125;
    private const byte ExceptionFlag = 0x80;
    private const byte IllegalFunction = 1, IllegalAddress = 2, IllegalValue = 3;

    /// <summary>How many bytes follow the prefix; null: it is no Modbus.</summary>
    public static int? BodyLength(ReadOnlySpan<byte> prefix)
    {
        var length = BinaryPrimitives.ReadUInt16BigEndian(prefix[4..]);
        return BinaryPrimitives.ReadUInt16BigEndian(prefix[2..]) == 0 && length is >= UnitAndFunction and <= LongestBody ? length : null;
    }

    /// <summary>The answer to a whole frame.</summary>
    /// <param name="prefix">One that <see cref="BodyLength"/> accepts.</param>
    /// <param name="body">The bytes after it: unit, function, data.</param>
    /// <param name="registers">What may be read, from address 0 on.</param>
    public static byte[] Create(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> body, ReadOnlySpan<ushort> registers)
    {
        var function = body[1];
        if (function is not (3 or 4))
        {
            return Refusal(prefix, body, IllegalFunction);
        }

        if (body.Length != ReadRequestBody || BinaryPrimitives.ReadUInt16BigEndian(body[4..]) is not (>= 1 and <= MostRegisters and var count))
        {
            return Refusal(prefix, body, IllegalValue);
        }

        var first = BinaryPrimitives.ReadUInt16BigEndian(body[2..]);
        return first + count > registers.Length ? Refusal(prefix, body, IllegalAddress) : Registers(prefix, body, registers.Slice(first, count));
    }

    /// <summary>True for a request that <see cref="Create"/> answers with all registers that hold limits: who sent it has been told. Who reads some of them knows nothing of the others.</summary>
    /// <param name="body">The bytes after the prefix.</param>
    public static bool ReadsLimits(ReadOnlySpan<byte> body)
    {
        if (body.Length != ReadRequestBody || body[1] is not (3 or 4))
        {
            return false;
        }

        var (first, count) = (BinaryPrimitives.ReadUInt16BigEndian(body[2..]), BinaryPrimitives.ReadUInt16BigEndian(body[4..]));
        return first + count <= RegisterMap.Count && first <= RegisterMap.FirstLimit && first + count > RegisterMap.LastLimit;
    }

    private static byte[] Registers(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> body, ReadOnlySpan<ushort> registers)
    {
        var data = new byte[1 + (registers.Length * sizeof(ushort))];
        data[0] = (byte)(registers.Length * sizeof(ushort));
        for (var i = 0; i < registers.Length; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(1 + (i * sizeof(ushort))), registers[i]);
        }

        return Frame(prefix, body[0], body[1], data);
    }

    private static byte[] Refusal(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> body, byte why) => Frame(prefix, body[0], (byte)(body[1] | ExceptionFlag), [why]);

    private static byte[] Frame(ReadOnlySpan<byte> prefix, byte unit, byte function, ReadOnlySpan<byte> data)
    {
        var frame = new byte[PrefixBytes + UnitAndFunction + data.Length];
        prefix[..4].CopyTo(frame);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(4), (ushort)(UnitAndFunction + data.Length));
        (frame[6], frame[7]) = (unit, function);
        data.CopyTo(frame.AsSpan(8));
        return frame;
    }
}
