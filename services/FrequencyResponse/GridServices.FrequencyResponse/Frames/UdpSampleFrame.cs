using System.Buffers.Binary;
using System.Runtime.InteropServices;
using GridServices.FrequencyResponse.Measurement;

namespace GridServices.FrequencyResponse.Frames;

/// <summary>One frequency sample in one UDP datagram of 44 bytes.</summary>
/// <remarks>
/// The sender chooses the byte order; the first four bytes tell which: <c>47 53 46 31</c> ("GSF1") big-endian, <c>31 46 53 47</c> little-endian.
/// <code>
/// offset size
///   0     4   magic 0x47534631
///   4     1   version, 1
///   5     1   quality: 1 invalid, 2 clock not synchronised, 4 simulated, 8 estimated
///   6     2   source, the sender's number
///   8     4   sequence, +1 per frame, wraps
///  12     4   0
///  16     8   source time, nanoseconds since 1970 UTC; 0 = the sender has no clock
///  24     8   frequency, Hz, binary64; NaN = none measured
///  32     4   RoCoF, Hz/s, binary32; NaN = not given
///  36     4   lowest phase voltage, share of nominal, binary32; NaN = not given
///  40     4   CRC-32 (IEEE 802.3) of bytes 0..39
/// </code>
/// The checksum finds damage, not forgery: listen on a network of the plant only.
/// </remarks>
[StructLayout(LayoutKind.Auto)]
public readonly record struct UdpSampleFrame(
    ushort Source, uint Sequence, double Hz, float RocofHzPerS, float VoltagePu, long SourceUnixNanos, SampleQuality Quality)
{
    /// <summary>Bytes of a frame.</summary>
    public const int Size = 44;

    private const uint Magic = 0x47534631;
    private const int CrcAt = 40;
    private const byte Version = 1;
    private const SampleQuality Known = SampleQuality.Invalid | SampleQuality.ClockUnsynchronised | SampleQuality.Simulated | SampleQuality.Estimated;

    /// <summary>Writes the frame; 44 bytes.</summary>
    public int Write(Span<byte> into, bool bigEndian = false)
    {
        var frame = into[..Size];
        frame.Clear();
        frame[4] = Version;
        frame[5] = (byte)Quality;
        var order = new ByteOrder(bigEndian);
        order.WriteUInt32(frame, Magic);
        order.WriteUInt16(frame[6..], Source);
        order.WriteUInt32(frame[8..], Sequence);
        order.WriteInt64(frame[16..], SourceUnixNanos);
        order.WriteInt64(frame[24..], BitConverter.DoubleToInt64Bits(Hz));
        order.WriteUInt32(frame[32..], BitConverter.SingleToUInt32Bits(RocofHzPerS));
        order.WriteUInt32(frame[36..], BitConverter.SingleToUInt32Bits(VoltagePu));
        order.WriteUInt32(frame[CrcAt..], Checksums.Crc32(frame[..CrcAt]));
        return Size;
    }

    /// <summary>Reads a whole datagram. It never throws; whether the values can drive power is the gate's matter.</summary>
    public static FrameFault TryRead(ReadOnlySpan<byte> datagram, out UdpSampleFrame frame)
    {
        frame = default;
        if (datagram.Length != Size)
        {
            return datagram.Length < Size ? FrameFault.Short : FrameFault.Length;
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
        if (order.ReadUInt32(datagram[CrcAt..]) != Checksums.Crc32(datagram[..CrcAt]))
        {
            return FrameFault.Checksum;
        }

        if (((SampleQuality)datagram[5] & ~Known) != SampleQuality.Good || order.ReadUInt32(datagram[12..]) != 0)
        {
            return FrameFault.Content;
        }

        frame = new UdpSampleFrame(
            order.ReadUInt16(datagram[6..]),
            order.ReadUInt32(datagram[8..]),
            BitConverter.Int64BitsToDouble(order.ReadInt64(datagram[24..])),
            BitConverter.UInt32BitsToSingle(order.ReadUInt32(datagram[32..])),
            BitConverter.UInt32BitsToSingle(order.ReadUInt32(datagram[36..])),
            order.ReadInt64(datagram[16..]),
            (SampleQuality)datagram[5]);
        return FrameFault.None;
    }

    /// <summary>The sample as the controller takes it.</summary>
    /// <param name="receivedNanos">Arrival by the monotonic clock.</param>
    /// <param name="source">Index of the configured source that sends under this number.</param>
    public FrequencySample ToSample(long receivedNanos, byte source) =>
        new(Hz, RocofHzPerS, VoltagePu, receivedNanos, SourceUnixNanos, Quality, source);
}
