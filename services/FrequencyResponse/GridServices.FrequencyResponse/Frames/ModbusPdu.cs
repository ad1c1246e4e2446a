using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace GridServices.FrequencyResponse.Frames;

/// <summary>The functions of Modbus that meters and inverters need.</summary>
public enum ModbusFunction : byte
{
    ReadHolding = 3, ReadInput = 4, WriteSingle = 6, WriteMultiple = 16,
}

/// <summary>Exception codes of an answer.</summary>
public enum ModbusException : byte
{
    None = 0, IllegalFunction = 1, IllegalAddress = 2, IllegalValue = 3, DeviceFailure = 4, Acknowledge = 5, DeviceBusy = 6, GatewayPath = 10, GatewayTarget = 11,
}

/// <summary>A request for registers: read <see cref="Count"/> of them, or write those in the PDU.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ModbusRequest(ModbusFunction Function, ushort Address, ushort Count);

/// <summary>Protocol data units of Modbus: function code and what follows, without the transport's head. Registers are big-endian.</summary>
public static class ModbusPdu
{
    public const int MaxSize = 253;

    /// <summary>Most registers of one read, and of one write.</summary>
    public const int MaxRead = 125;
    public const int MaxWrite = 123;

    public static int WriteRead(Span<byte> into, ModbusFunction function, ushort address, ushort count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, (ushort)MaxRead);
        into[0] = (byte)function;
        BinaryPrimitives.WriteUInt16BigEndian(into[1..], address);
        BinaryPrimitives.WriteUInt16BigEndian(into[3..], count);
        return 5;
    }

    public static int WriteSingle(Span<byte> into, ushort address, ushort value)
    {
        into[0] = (byte)ModbusFunction.WriteSingle;
        BinaryPrimitives.WriteUInt16BigEndian(into[1..], address);
        BinaryPrimitives.WriteUInt16BigEndian(into[3..], value);
        return 5;
    }

    public static int WriteMultiple(Span<byte> into, ushort address, ReadOnlySpan<ushort> values)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(values.Length, MaxWrite, nameof(values));
        into[0] = (byte)ModbusFunction.WriteMultiple;
        BinaryPrimitives.WriteUInt16BigEndian(into[1..], address);
        BinaryPrimitives.WriteUInt16BigEndian(into[3..], (ushort)values.Length);
        into[5] = (byte)(2 * values.Length);
        Registers(into[6..], values);
        return 6 + (2 * values.Length);
    }

    /// <summary>Reads the answer to a read. Never throws.</summary>
    /// <returns>None when <paramref name="registers"/> is filled; else what the device says, or DeviceFailure where it answers nonsense.</returns>
    public static ModbusException ReadRegisters(ReadOnlySpan<byte> pdu, ModbusFunction function, Span<ushort> registers)
    {
        if (pdu.Length >= 2 && pdu[0] == ((byte)function | 0x80))
        {
            return pdu[1] == 0 ? ModbusException.DeviceFailure : (ModbusException)pdu[1];
        }

        if (pdu.Length != 2 + (2 * registers.Length) || pdu[0] != (byte)function || pdu[1] != 2 * registers.Length)
        {
            return ModbusException.DeviceFailure;
        }

        for (var i = 0; i < registers.Length; i++)
        {
            registers[i] = BinaryPrimitives.ReadUInt16BigEndian(pdu[(2 + (2 * i))..]);
        }

        return ModbusException.None;
    }

    /// <summary>Reads the answer to a write. Never throws.</summary>
    public static ModbusException ReadWritten(ReadOnlySpan<byte> pdu, ModbusFunction function, ushort address)
    {
        if (pdu.Length >= 2 && pdu[0] == ((byte)function | 0x80))
        {
            return pdu[1] == 0 ? ModbusException.DeviceFailure : (ModbusException)pdu[1];
        }

        return pdu.Length == 5 && pdu[0] == (byte)function && BinaryPrimitives.ReadUInt16BigEndian(pdu[1..]) == address
            ? ModbusException.None
            : ModbusException.DeviceFailure;
    }

    /// <summary>A server reads a request. Never throws; values to write are taken out by <see cref="ValueAt"/>.</summary>
    public static ModbusException ReadRequest(ReadOnlySpan<byte> pdu, out ModbusRequest request)
    {
        request = default;
        if (pdu.Length == 0 || (ModbusFunction)pdu[0] is not (ModbusFunction.ReadHolding or ModbusFunction.ReadInput or ModbusFunction.WriteSingle or ModbusFunction.WriteMultiple))
        {
            return ModbusException.IllegalFunction;
        }

        if (pdu.Length < 5)
        {
            return ModbusException.IllegalValue;
        }

        var function = (ModbusFunction)pdu[0];
        var address = BinaryPrimitives.ReadUInt16BigEndian(pdu[1..]);
        var count = function == ModbusFunction.WriteSingle ? (ushort)1 : BinaryPrimitives.ReadUInt16BigEndian(pdu[3..]);
        var fits = function switch
        {
            ModbusFunction.WriteMultiple => count is > 0 and <= MaxWrite && pdu.Length == 6 + (2 * count) && pdu[5] == 2 * count,
            ModbusFunction.WriteSingle => pdu.Length == 5,
            _ => count is > 0 and <= MaxRead && pdu.Length == 5,
        };
        if (!fits)
        {
            return ModbusException.IllegalValue;
        }

        request = new ModbusRequest(function, address, count);
        return address + count <= 65_536 ? ModbusException.None : ModbusException.IllegalAddress;
    }

    /// <summary>The value at a place of a request to write.</summary>
    public static ushort ValueAt(ReadOnlySpan<byte> pdu, int index) =>
        BinaryPrimitives.ReadUInt16BigEndian(pdu[((ModbusFunction)pdu[0] == ModbusFunction.WriteMultiple ? 6 + (2 * index) : 3)..]);

    /// <summary>A server answers a read.</summary>
    public static int WriteRegisters(Span<byte> into, ModbusFunction function, ReadOnlySpan<ushort> registers)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(registers.Length, MaxRead, nameof(registers));
        into[0] = (byte)function;
        into[1] = (byte)(2 * registers.Length);
        Registers(into[2..], registers);
        return 2 + (2 * registers.Length);
    }

    /// <summary>A server answers a write: the head of the request again.</summary>
    public static int WriteWritten(Span<byte> into, ReadOnlySpan<byte> request)
    {
        request[..5].CopyTo(into);
        return 5;
    }

    public static int WriteException(Span<byte> into, byte function, ModbusException exception)
    {
        into[0] = (byte)(function | 0x80);
        into[1] = (byte)exception;
        return 2;
    }

    private static void Registers(Span<byte> into, ReadOnlySpan<ushort> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(into[(2 * i)..], values[i]);
        }
    }
}
