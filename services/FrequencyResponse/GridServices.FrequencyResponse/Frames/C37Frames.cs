using System.Buffers.Binary;

namespace GridServices.FrequencyResponse.Frames;

/// <summary>Kinds of IEEE C37.118.2 frames, bits 6..4 of the second sync byte.</summary>
public enum C37Kind
{
    Data = 0, Header = 1, Configuration1 = 2, Configuration2 = 3, Command = 4, Configuration3 = 5,
}

/// <summary>Commands to a phasor measurement unit.</summary>
public enum C37Command : ushort
{
    StopData = 1, StartData = 2, SendConfiguration2 = 5,
}

/// <summary>
/// IEEE C37.118.2 over TCP or UDP, as far as a frequency needs it: configuration 2, data frames, commands. Big-endian, CRC-CCITT at the end.
/// </summary>
public static class C37Frames
{
    /// <summary>Sync, size, id, second of century, fraction.</summary>
    public const int HeadSize = 14;

    /// <summary>The size member has 16 bits.</summary>
    public const int MaxSize = 65_535;

    /// <summary>Most units of one configuration; a concentrator has tens.</summary>
    public const int MaxUnits = 256;

    private const byte Sync = 0xAA;

    /// <summary>Checks the frame as a whole: sync, version 1 or 2, size, checksum.</summary>
    public static FrameFault Check(ReadOnlySpan<byte> frame, out C37Kind kind)
    {
        kind = default;
        if (frame.Length < HeadSize + 2)
        {
            return FrameFault.Short;
        }

        if (frame[0] != Sync || (frame[1] & 0x80) != 0)
        {
            return FrameFault.NotOurs;
        }

        if ((frame[1] & 0x0F) is not (1 or 2))
        {
            return FrameFault.Version;
        }

        kind = (C37Kind)(frame[1] >> 4);
        if (BinaryPrimitives.ReadUInt16BigEndian(frame[2..]) != frame.Length)
        {
            return FrameFault.Length;
        }

        return Checksums.CrcCcitt(frame[..^2]) == BinaryPrimitives.ReadUInt16BigEndian(frame[^2..]) ? FrameFault.None : FrameFault.Checksum;
    }

    /// <summary>A command frame; 18 bytes.</summary>
    public static int WriteCommand(Span<byte> into, ushort idCode, C37Command command, uint secondOfCentury)
    {
        WriteHead(into, C37Kind.Command, 18, idCode, secondOfCentury, 0);
        BinaryPrimitives.WriteUInt16BigEndian(into[14..], (ushort)command);
        return Seal(into, 18);
    }

    /// <summary>Reads a configuration 2 frame; the fault is None when <paramref name="configuration"/> is there.</summary>
    public static FrameFault TryReadConfiguration(ReadOnlySpan<byte> frame, out C37Configuration? configuration)
    {
        configuration = null;
        var fault = Check(frame, out var kind);
        return fault != FrameFault.None ? fault : kind != C37Kind.Configuration2 ? FrameFault.NotOurs : C37Configuration.TryParse(frame, out configuration);
    }

    /// <summary>Reads the frequency of one unit out of a data frame; allocates nothing.</summary>
    public static FrameFault TryReadData(ReadOnlySpan<byte> frame, C37Configuration configuration, int unit, out C37Sample sample)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        sample = default;
        var fault = Check(frame, out var kind);
        if (fault != FrameFault.None)
        {
            return fault;
        }

        if (kind != C37Kind.Data)
        {
            return FrameFault.NotOurs;
        }

        if (BinaryPrimitives.ReadUInt16BigEndian(frame[4..]) != configuration.IdCode || unit < 0 || unit >= configuration.Units.Count)
        {
            return FrameFault.Unconfigured;
        }

        if (frame.Length != configuration.DataFrameSize)
        {
            return FrameFault.Length;
        }

        sample = C37Sample.Read(frame, configuration, configuration.Units[unit]);
        return FrameFault.None;
    }

    internal static void WriteHead(Span<byte> into, C37Kind kind, int size, ushort idCode, uint secondOfCentury, uint fraction)
    {
        into[0] = Sync;
        into[1] = (byte)(((int)kind << 4) | 2);
        BinaryPrimitives.WriteUInt16BigEndian(into[2..], (ushort)size);
        BinaryPrimitives.WriteUInt16BigEndian(into[4..], idCode);
        BinaryPrimitives.WriteUInt32BigEndian(into[6..], secondOfCentury);
        BinaryPrimitives.WriteUInt32BigEndian(into[10..], fraction);
    }

    internal static int Seal(Span<byte> into, int size)
    {
        BinaryPrimitives.WriteUInt16BigEndian(into[(size - 2)..], Checksums.CrcCcitt(into[..(size - 2)]));
        return size;
    }
}
