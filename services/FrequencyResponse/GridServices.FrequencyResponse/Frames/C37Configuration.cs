using System.Buffers.Binary;
using System.Text;

namespace GridServices.FrequencyResponse.Frames;

/// <summary>How one unit's block of a data frame is laid out.</summary>
/// <param name="Name">Station name, printable.</param>
/// <param name="IdCode">The unit's own id.</param>
/// <param name="Offset">Where its block begins in a data frame.</param>
/// <param name="Format">FORMAT word: bit 0 polar, 1 phasors binary32, 2 analogs binary32, 3 frequency binary32.</param>
/// <param name="PhasorUnits">PHUNIT word per phasor: top byte 0 = voltage, 1 = current; the rest is 10⁻⁵ V or A per count.</param>
/// <param name="Analogs">How many analog values follow the frequency.</param>
/// <param name="Digitals">How many digital words come last.</param>
/// <param name="NominalHz">50 or 60.</param>
/// <param name="ConfigurationCount">Changes when the device's configuration does.</param>
public sealed record C37Unit(
    string Name, ushort IdCode, int Offset, ushort Format, IReadOnlyList<uint> PhasorUnits, int Analogs, int Digitals, double NominalHz, ushort ConfigurationCount)
{
    public bool Polar => (Format & 1) != 0;

    public bool FloatPhasors => (Format & 2) != 0;

    public bool FloatFrequency => (Format & 8) != 0;

    internal int PhasorSize => FloatPhasors ? 8 : 4;

    internal int FrequencyOffset => Offset + 2 + (PhasorSize * PhasorUnits.Count);

    internal int Size => 2 + (PhasorSize * PhasorUnits.Count) + (FloatFrequency ? 8 : 4) + (((Format & 4) != 0 ? 4 : 2) * Analogs) + (2 * Digitals);
}

/// <summary>A configuration 2 frame: what the data frames of a stream hold.</summary>
/// <param name="IdCode">Of the stream.</param>
/// <param name="TimeBase">Counts per second of the fraction.</param>
/// <param name="Units">In the order of their blocks.</param>
/// <param name="DataRate">Frames per second; negative = seconds per frame.</param>
/// <param name="DataFrameSize">Bytes of a data frame.</param>
public sealed record C37Configuration(ushort IdCode, uint TimeBase, IReadOnlyList<C37Unit> Units, short DataRate, int DataFrameSize)
{
    private const int MaxChannels = 1024;

    internal static FrameFault TryParse(ReadOnlySpan<byte> frame, out C37Configuration? configuration)
    {
        configuration = null;
        var end = frame.Length - 2;
        var at = C37Frames.HeadSize;
        if (at + 6 > end)
        {
            return FrameFault.Short;
        }

        var timeBase = BinaryPrimitives.ReadUInt32BigEndian(frame[at..]) & 0xFFFFFF;
        var count = BinaryPrimitives.ReadUInt16BigEndian(frame[(at + 4)..]);
        at += 6;
        if (timeBase == 0 || count is 0 or > C37Frames.MaxUnits)
        {
            return FrameFault.Content;
        }

        var units = new List<C37Unit>(count);
        var offset = C37Frames.HeadSize;
        for (var i = 0; i < count; i++)
        {
            var fault = TryUnit(frame[..end], ref at, offset, out var unit);
            if (fault != FrameFault.None)
            {
                return fault;
            }

            units.Add(unit!);
            offset += unit!.Size;
        }

        if (at + 2 != end || offset + 2 > C37Frames.MaxSize)
        {
            return FrameFault.Length;
        }

        var rate = BinaryPrimitives.ReadInt16BigEndian(frame[at..]);
        configuration = new C37Configuration(BinaryPrimitives.ReadUInt16BigEndian(frame[4..]), timeBase, units, rate, offset + 2);
        return FrameFault.None;
    }

    private static FrameFault TryUnit(ReadOnlySpan<byte> frame, ref int at, int offset, out C37Unit? unit)
    {
        unit = null;
        if (at + 26 > frame.Length)
        {
            return FrameFault.Short;
        }

        var head = frame[at..];
        var format = BinaryPrimitives.ReadUInt16BigEndian(head[18..]);
        var (phasors, analogs, digitals) = (
            BinaryPrimitives.ReadUInt16BigEndian(head[20..]), BinaryPrimitives.ReadUInt16BigEndian(head[22..]), BinaryPrimitives.ReadUInt16BigEndian(head[24..]));
        if (phasors > MaxChannels || analogs > MaxChannels || digitals > MaxChannels)
        {
            return FrameFault.Content;
        }

        // Names: 16 bytes per phasor and analog, 16 per bit of a digital word; then one 4-byte unit per channel, FNOM, CFGCNT.
        var unitsAt = at + 26 + (16 * (phasors + analogs + (16 * digitals)));
        var next = unitsAt + (4 * (phasors + analogs + digitals)) + 4;
        if (next > frame.Length)
        {
            return FrameFault.Short;
        }

        var scales = new uint[phasors];
        for (var i = 0; i < phasors; i++)
        {
            scales[i] = BinaryPrimitives.ReadUInt32BigEndian(frame[(unitsAt + (4 * i))..]);
        }

        var nominal = (BinaryPrimitives.ReadUInt16BigEndian(frame[(next - 4)..]) & 1) == 0 ? 60 : 50;
        unit = new C37Unit(
            ReadName(head[..16]), BinaryPrimitives.ReadUInt16BigEndian(head[16..]), offset, format, scales, analogs, digitals, nominal,
            BinaryPrimitives.ReadUInt16BigEndian(frame[(next - 2)..]));
        at = next;
        return FrameFault.None;
    }

    private static string ReadName(ReadOnlySpan<byte> text)
    {
        var name = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            name.Append(c is >= 0x20 and < 0x7F ? (char)c : c == 0 ? ' ' : '?');
        }

        return name.ToString().TrimEnd();
    }
}
