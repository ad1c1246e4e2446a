using System.Buffers.Binary;
using System.Text;
using GridServices.FrequencyResponse.Frames;
using GridServices.FrequencyResponse.Measurement;

namespace GridServices.Simulators.Grid.Meters;

/// <summary>Frames of a phasor measurement unit with one voltage phasor: polar, all numbers binary32 (C37.118.2, FORMAT 000B hex).</summary>
public static class C37Writer
{
    public const uint TimeBase = 1_000_000;
    private const int HeadSize = 14;

    /// <summary>Configuration 2.</summary>
    public static byte[] Configuration(ushort idCode, string station, double nominalHz, double framesPerSecond, long unixNanos)
    {
        var frame = new byte[HeadSize + 6 + 26 + 16 + 4 + 4 + 2 + 2];
        var at = Head(frame, C37Kind.Configuration2, idCode, unixNanos);
        at = UInt32(frame, at, TimeBase);
        at = UInt16(frame, at, 1);
        Encoding.ASCII.GetBytes(station.PadRight(16)[..16]).CopyTo(frame, at);
        at = UInt16(frame, at + 16, idCode);
        at = UInt16(frame, at, 0b1011);
        at = UInt16(frame, at, 1);
        at = UInt16(frame, at, 0);
        at = UInt16(frame, at, 0);
        Encoding.ASCII.GetBytes("V1".PadRight(16)).CopyTo(frame, at);
        at = UInt32(frame, at + 16, 100_000);
        at = UInt16(frame, at, (ushort)(nominalHz < 55 ? 1 : 0));
        at = UInt16(frame, at, 1);
        UInt16(frame, at, (ushort)Math.Round(framesPerSecond));
        return Sealed(frame);
    }

    /// <summary>A data frame of a sample.</summary>
    public static byte[] Data(ushort idCode, UdpSampleFrame sample, double nominalVolts)
    {
        var frame = new byte[HeadSize + 2 + 8 + 8 + 2];
        var at = Head(frame, C37Kind.Data, idCode, sample.SourceUnixNanos);
        at = UInt16(frame, at, (ushort)((sample.Quality & SampleQuality.Simulated) != SampleQuality.Good ? 0x8000 : 0));
        at = Single(frame, at, (float)(nominalVolts * sample.VoltagePu));
        at = Single(frame, at, 0);
        at = Single(frame, at, (float)sample.Hz);
        Single(frame, at, sample.RocofHzPerS);
        return Sealed(frame);
    }

    private static int Head(byte[] frame, C37Kind kind, ushort idCode, long unixNanos)
    {
        frame[0] = 0xAA;
        frame[1] = (byte)(((int)kind << 4) | 2);
        var at = UInt16(frame, 2, (ushort)frame.Length);
        at = UInt16(frame, at, idCode);
        at = UInt32(frame, at, (uint)(unixNanos / 1_000_000_000));
        return UInt32(frame, at, (uint)(unixNanos % 1_000_000_000 * TimeBase / 1_000_000_000));
    }

    private static byte[] Sealed(byte[] frame)
    {
        UInt16(frame, frame.Length - 2, Checksums.CrcCcitt(frame.AsSpan(0, frame.Length - 2)));
        return frame;
    }

    private static int UInt16(byte[] frame, int at, ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(at), value);
        return at + 2;
    }

    private static int UInt32(byte[] frame, int at, uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(at), value);
        return at + 4;
    }

    private static int Single(byte[] frame, int at, float value) => UInt32(frame, at, BitConverter.SingleToUInt32Bits(value));
}
