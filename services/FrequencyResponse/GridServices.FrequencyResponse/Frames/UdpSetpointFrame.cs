using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace GridServices.FrequencyResponse.Frames;

/// <summary>What a set-point frame says beside the powers.</summary>
[Flags]
public enum SetpointMarks : byte
{
    None = 0,

    /// <summary>At least one service asks for power.</summary>
    Responding = 1,

    /// <summary>The measurement is lost: the powers are those of the fail-safe ladder.</summary>
    FailSafe = 2,

    /// <summary>Let go: the device goes by its own default.</summary>
    DeviceDefault = 4,
}

/// <summary>Head of a UDP datagram with the set-points of up to 170 assets; it fits an Ethernet frame.</summary>
/// <remarks>
/// Byte order as in <see cref="UdpSampleFrame"/>: <c>47 53 50 31</c> ("GSP1") big-endian, reversed little-endian.
/// <code>
/// offset size
///   0     4   magic 0x47535031
///   4     1   version, 1
///   5     1   marks: 1 responding, 2 fail-safe, 4 device default
///   6     2   count n, 0..170
///   8     4   sequence, +1 per frame, wraps
///  12     4   valid for, ms; a device that hears nothing newer goes by its own default then
///  16     8   lease token: never follow a lower one than was followed before
///  24     8   decided at, nanoseconds since 1970 UTC
///  32    8n   per asset: 4 its number, 4 watts signed, + = injection
/// 32+8n   4   CRC-32 of everything before
/// </code>
/// </remarks>
[StructLayout(LayoutKind.Auto)]
public readonly record struct UdpSetpointFrame(uint Sequence, SetpointMarks Marks, uint ValidForMs, long LeaseToken, long DecidedUnixNanos, int Count)
{
    public const int MaxCount = 170;
    public const int HeadSize = 32;
    public const int MaxSize = HeadSize + (8 * MaxCount) + 4;

    private const uint Magic = 0x47535031;
    private const byte Version = 1;

    /// <summary>Bytes of a frame with so many assets.</summary>
    public static int GetSize(int count) => HeadSize + (8 * count) + 4;

    /// <summary>Writes head, set-points and checksum; numbers and watts have the same length, at most 170. <see cref="Count"/> is taken from them.</summary>
    public int Write(Span<byte> into, ReadOnlySpan<uint> assets, ReadOnlySpan<int> watts, bool bigEndian = false)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(assets.Length, MaxCount, nameof(assets));
        ArgumentOutOfRangeException.ThrowIfNotEqual(watts.Length, assets.Length, nameof(watts));
        var frame = into[..GetSize(assets.Length)];
        var order = new ByteOrder(bigEndian);
        order.WriteUInt32(frame, Magic);
        frame[4] = Version;
        frame[5] = (byte)Marks;
        order.WriteUInt16(frame[6..], (ushort)assets.Length);
        order.WriteUInt32(frame[8..], Sequence);
        order.WriteUInt32(frame[12..], ValidForMs);
        order.WriteInt64(frame[16..], LeaseToken);
        order.WriteInt64(frame[24..], DecidedUnixNanos);
        for (var i = 0; i < assets.Length; i++)
        {
            order.WriteUInt32(frame[(HeadSize + (8 * i))..], assets[i]);
            order.WriteInt32(frame[(HeadSize + (8 * i) + 4)..], watts[i]);
        }

        order.WriteUInt32(frame[^4..], Checksums.Crc32(frame[..^4]));
        return frame.Length;
    }

    /// <summary>Reads a whole datagram's head; <see cref="TrySetpoint"/> gives the powers. It never throws.</summary>
    public static FrameFault TryRead(ReadOnlySpan<byte> datagram, out UdpSetpointFrame frame)
    {
        frame = default;
        if (datagram.Length < GetSize(0))
        {
            return FrameFault.Short;
        }

        var bigEndian = BinaryPrimitives.ReadUInt32BigEndian(datagram) == Magic;
        if (!bigEndian && BinaryPrimitives.ReadUInt32LittleEndian(datagram) != Magic)
        {
            return FrameFault.NotOurs;
        }

        if (datagram[4] != Version)
        {
            return FrameFault.Version;
        }

        var order = new ByteOrder(bigEndian);
        var count = order.ReadUInt16(datagram[6..]);
        if (count > MaxCount || datagram.Length != GetSize(count))
        {
            return FrameFault.Length;
        }

        if (order.ReadUInt32(datagram[^4..]) != Checksums.Crc32(datagram[..^4]))
        {
            return FrameFault.Checksum;
        }

        frame = new UdpSetpointFrame(
            order.ReadUInt32(datagram[8..]), (SetpointMarks)datagram[5], order.ReadUInt32(datagram[12..]),
            order.ReadInt64(datagram[16..]), order.ReadInt64(datagram[24..]), count);
        return FrameFault.None;
    }

    /// <summary>The power of one asset in a datagram that <see cref="TryRead"/> took; false where the asset is not in it.</summary>
    public static bool TrySetpoint(ReadOnlySpan<byte> datagram, uint asset, out int watts)
    {
        watts = 0;
        if (TryRead(datagram, out var frame) != FrameFault.None)
        {
            return false;
        }

        var order = new ByteOrder(BinaryPrimitives.ReadUInt32BigEndian(datagram) == Magic);
        for (var i = 0; i < frame.Count; i++)
        {
            var entry = datagram[(HeadSize + (8 * i))..];
            if (order.ReadUInt32(entry) == asset)
            {
                watts = order.ReadInt32(entry[4..]);
                return true;
            }
        }

        return false;
    }
}
