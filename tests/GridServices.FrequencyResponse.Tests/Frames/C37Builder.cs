using System.Buffers.Binary;
using System.Text;
using GridServices.FrequencyResponse.Frames;

namespace GridServices.FrequencyResponse.Tests.Frames;

/// <summary>Writes frames as a phasor measurement unit would, byte for byte by the layout of C37.118.2.</summary>
internal static class C37Builder
{
    public static readonly Unit Integer = new("PMU INT", Format: 0, Nominal: 50);
    public static readonly Unit Float = new("PMU FLOAT", Format: 0b1010, Nominal: 60);

    /// <summary>Two phasors, voltage and current, one analog, one digital word.</summary>
    public sealed record Unit(string Name, ushort Format, int Nominal);

    public static byte[] Configuration(Unit[] units)
    {
        var body = new List<byte>();
        UInt32(body, 1_000_000);
        UInt16(body, (ushort)units.Length);
        foreach (var unit in units)
        {
            body.AddRange(Encoding.ASCII.GetBytes(unit.Name.PadRight(16)));
            UInt16(body, 7);
            UInt16(body, unit.Format);
            UInt16(body, 2);
            UInt16(body, 1);
            UInt16(body, 1);
            body.AddRange(new byte[16 * (2 + 1 + 16)]);
            UInt32(body, 915_527);
            UInt32(body, (1 << 24) | 45_776);
            UInt32(body, 0);
            UInt32(body, 0);
            UInt16(body, (ushort)(unit.Nominal == 50 ? 1 : 0));
            UInt16(body, 3);
        }

        UInt16(body, 50);
        return Frame(C37Kind.Configuration2, body);
    }

    public static byte[] Data(Unit unit, ushort stat, short deviation, short rocof) => Data([(unit, stat, deviation, rocof)]);

    public static byte[] Data((Unit Unit, ushort Stat, double Frequency, double Rocof)[] units)
    {
        var body = new List<byte>();
        foreach (var (unit, stat, frequency, rocof) in units)
        {
            UInt16(body, stat);
            if ((unit.Format & 2) != 0)
            {
                Single(body, 230);
                Single(body, 0);
                Single(body, 1);
                Single(body, 0);
            }
            else
            {
                UInt16(body, 25);
                UInt16(body, 5);
                UInt16(body, 1);
                UInt16(body, 1);
            }

            if ((unit.Format & 8) != 0)
            {
                Single(body, (float)frequency);
                Single(body, (float)rocof);
            }
            else
            {
                UInt16(body, unchecked((ushort)(short)frequency));
                UInt16(body, unchecked((ushort)(short)rocof));
            }

            UInt16(body, 0);
            UInt16(body, 0);
        }

        return Frame(C37Kind.Data, body);
    }

    private static byte[] Frame(C37Kind kind, List<byte> body)
    {
        var frame = new byte[C37Frames.HeadSize + body.Count + 2];
        frame[0] = 0xAA;
        frame[1] = (byte)(((int)kind << 4) | 2);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)frame.Length);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(4), 7);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(6), 1_800_000_000);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(10), 500_000);
        body.CopyTo(frame, C37Frames.HeadSize);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(frame.Length - 2), Checksums.CrcCcitt(frame.AsSpan(0, frame.Length - 2)));
        return frame;
    }

    private static void UInt16(List<byte> body, ushort value) => body.AddRange([(byte)(value >> 8), (byte)(value & 0xFF)]);

    private static void UInt32(List<byte> body, uint value)
    {
        UInt16(body, (ushort)(value >> 16));
        UInt16(body, (ushort)(value & 0xFFFF));
    }

    private static void Single(List<byte> body, float value) => UInt32(body, BitConverter.SingleToUInt32Bits(value));
}
