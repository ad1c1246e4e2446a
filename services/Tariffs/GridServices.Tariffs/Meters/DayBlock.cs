using System.Buffers.Binary;
using System.Runtime.InteropServices;
using GridServices.Contracts.Json;

namespace GridServices.Tariffs.Meters;

/// <summary>What is known of an interval.</summary>
[Flags]
public enum IntervalMark
{
    /// <summary>No value.</summary>
    None = 0,
    Known = 1,
    Estimated = 2,

    /// <summary>Made from telemetry: a value from the meter's own records takes its place, never the other way.</summary>
    Telemetry = 4,
}

/// <summary>How values met what was there.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct MergeCount(int Added, int Corrected, int Unchanged)
{
    public static MergeCount operator +(MergeCount a, MergeCount b) => new(a.Added + b.Added, a.Corrected + b.Corrected, a.Unchanged + b.Unchanged);
}

/// <summary>
/// One day of one channel, mean kW per interval, exactly. Packed: format, scale, step (s, 4 bytes), then 8 bytes and a mark per interval: 870 bytes for 96.
/// </summary>
public sealed class DayBlock
{
    private const byte Format = 1;
    private const int Head = 6;
    private readonly decimal[] kw;
    private readonly IntervalMark[] marks;

    private DayBlock(int stepSeconds, decimal[] kw, IntervalMark[] marks) => (StepSeconds, this.kw, this.marks) = (stepSeconds, kw, marks);

    public int StepSeconds { get; }

    public int Count => kw.Length;

    public static DayBlock Empty(int stepSeconds) => new(stepSeconds, new decimal[MeterGrid.Day / stepSeconds], new IntervalMark[MeterGrid.Day / stepSeconds]);

    public (decimal Kw, IntervalMark Mark) this[int index] => (kw[index], marks[index]);

    /// <summary>Puts a value where it belongs.</summary>
    public MergeCount Set(int index, decimal value, IntervalMark mark)
    {
        var held = marks[index];
        if (held != IntervalMark.None && mark.HasFlag(IntervalMark.Telemetry) && !held.HasFlag(IntervalMark.Telemetry))
        {
            return new MergeCount(0, 0, 1);
        }

        var same = held == mark && kw[index] == value;
        (kw[index], marks[index]) = (value, mark);
        return same ? new MergeCount(0, 0, 1) : held == IntervalMark.None ? new MergeCount(1, 0, 0) : new MergeCount(0, 1, 0);
    }

    /// <exception cref="OverflowException">A value that no meter has.</exception>
    public byte[] Pack()
    {
        var scale = 0;
        foreach (var value in kw)
        {
            scale = Math.Max(scale, ExactDecimal.GetScale(value));
        }

        scale = Math.Min(scale, 9);
        var packed = new byte[Head + kw.Length * 9];
        (packed[0], packed[1]) = (Format, (byte)scale);
        BinaryPrimitives.WriteInt32LittleEndian(packed.AsSpan(2), StepSeconds);
        var factor = ExactDecimal.Power(scale);
        for (var i = 0; i < kw.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(packed.AsSpan(Head + i * 8), (long)decimal.Round(kw[i] * factor, 0, MidpointRounding.ToEven));
            packed[Head + kw.Length * 8 + i] = (byte)marks[i];
        }

        return packed;
    }

    public static DayBlock Unpack(ReadOnlySpan<byte> packed)
    {
        var view = new PackedDay(packed);
        var (kw, marks) = (new decimal[view.Count], new IntervalMark[view.Count]);
        for (var i = 0; i < kw.Length; i++)
        {
            kw[i] = ExactDecimal.FromUnits(view.Units(i), view.Scale);
            marks[i] = view.Mark(i);
        }

        return new DayBlock(view.StepSeconds, kw, marks);
    }

    /// <summary>A packed day read in place.</summary>
    internal readonly ref struct PackedDay
    {
        private readonly ReadOnlySpan<byte> packed;

        public PackedDay(ReadOnlySpan<byte> packed)
        {
            this.packed = packed;
            if (packed.Length < Head || packed[0] != Format || (packed.Length - Head) % 9 != 0)
            {
                throw new InvalidDataException("a stored day of intervals is not in a format that this version knows");
            }
        }

        public int Scale => packed[1];

        public int StepSeconds => BinaryPrimitives.ReadInt32LittleEndian(packed[2..]);

        public int Count => (packed.Length - Head) / 9;

        public long Units(int index) => BinaryPrimitives.ReadInt64LittleEndian(packed[(Head + index * 8)..]);

        public IntervalMark Mark(int index) => (IntervalMark)packed[Head + Count * 8 + index];
    }
}
