using System.Buffers.Binary;
using System.Runtime.InteropServices;
using GridServices.FrequencyResponse.Measurement;

namespace GridServices.FrequencyResponse.Frames;

/// <summary>One unit's part of a data frame.</summary>
/// <param name="Hz">Frequency; NaN where the device wrote "no value".</param>
/// <param name="RocofHzPerS">Rate of change; NaN = no value.</param>
/// <param name="LowestVolts">Smallest voltage phasor, V; NaN where the unit sends none.</param>
/// <param name="UnixNanos">The frame's own time.</param>
/// <param name="Quality">What STAT and the time quality say.</param>
/// <param name="ConfigurationChanged">STAT bit 10: ask for the configuration anew.</param>
/// <param name="Stat">The STAT word as received.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct C37Sample(
    double Hz, double RocofHzPerS, double LowestVolts, long UnixNanos, SampleQuality Quality, bool ConfigurationChanged, ushort Stat)
{
    /// <summary>A clock error of a second or more, or unknown (time quality codes A..F of FRACSEC).</summary>
    private const uint WorstTrustedTimeQuality = 9;

    /// <summary>The sample as the controller takes it.</summary>
    /// <param name="receivedNanos">Arrival by the monotonic clock.</param>
    /// <param name="source">Index of the configured source.</param>
    /// <param name="nominalVolts">Nominal phase voltage as the unit measures it; 0 = the voltage is not told.</param>
    public FrequencySample ToSample(long receivedNanos, byte source, double nominalVolts) =>
        new(Hz, RocofHzPerS, nominalVolts > 0 ? LowestVolts / nominalVolts : double.NaN, receivedNanos, UnixNanos, Quality, source);

    internal static C37Sample Read(ReadOnlySpan<byte> frame, C37Configuration configuration, C37Unit unit)
    {
        var stat = BinaryPrimitives.ReadUInt16BigEndian(frame[unit.Offset..]);
        var (hz, rocof) = Frequency(frame[unit.FrequencyOffset..], unit);
        return new C37Sample(
            hz, rocof, Volts(frame, unit), Time(frame, configuration.TimeBase), ReadQuality(stat, frame[1] & 0x0F, frame[10]), (stat & 0x0400) != 0, stat);
    }

    private static (double Hz, double Rocof) Frequency(ReadOnlySpan<byte> at, C37Unit unit)
    {
        if (unit.FloatFrequency)
        {
            return (BinaryPrimitives.ReadSingleBigEndian(at), BinaryPrimitives.ReadSingleBigEndian(at[4..]));
        }

        // Deviation from nominal in mHz, and Hz/s × 100; 8000 hex is "no value". One division keeps 49.7 Hz the double 49.7.
        var deviation = BinaryPrimitives.ReadInt16BigEndian(at);
        var rocof = BinaryPrimitives.ReadInt16BigEndian(at[2..]);
        return (
            deviation == short.MinValue ? double.NaN : ((unit.NominalHz * 1000) + deviation) / 1000,
            rocof == short.MinValue ? double.NaN : rocof / 100.0);
    }

    private static double Volts(ReadOnlySpan<byte> frame, C37Unit unit)
    {
        var lowest = double.NaN;
        for (var i = 0; i < unit.PhasorUnits.Count; i++)
        {
            if (unit.PhasorUnits[i] >> 24 != 0)
            {
                continue;
            }

            var at = frame[(unit.Offset + 2 + (unit.PhasorSize * i))..];
            var volts = unit.FloatPhasors ? FloatMagnitude(at, unit.Polar) : Magnitude(at, unit.Polar) * (unit.PhasorUnits[i] & 0xFFFFFF) * 1e-5;
            lowest = double.IsNaN(lowest) ? volts : Math.Min(lowest, volts);
        }

        return lowest;
    }

    private static double FloatMagnitude(ReadOnlySpan<byte> at, bool polar)
    {
        double first = BinaryPrimitives.ReadSingleBigEndian(at);
        double second = BinaryPrimitives.ReadSingleBigEndian(at[4..]);
        return polar ? first : Math.Sqrt((first * first) + (second * second));
    }

    private static double Magnitude(ReadOnlySpan<byte> at, bool polar)
    {
        double real = BinaryPrimitives.ReadInt16BigEndian(at);
        double imaginary = BinaryPrimitives.ReadInt16BigEndian(at[2..]);
        return polar ? BinaryPrimitives.ReadUInt16BigEndian(at) : Math.Sqrt((real * real) + (imaginary * imaginary));
    }

    private static long Time(ReadOnlySpan<byte> frame, uint timeBase)
    {
        var second = BinaryPrimitives.ReadUInt32BigEndian(frame[6..]);
        var fraction = BinaryPrimitives.ReadUInt32BigEndian(frame[10..]) & 0xFFFFFF;
        return (second * 1_000_000_000L) + (fraction * 1_000_000_000L / timeBase);
    }

    /// <summary>STAT bits 15..14 data error (version 1: bit 15 invalid, bit 14 error), 13 not synchronised, 9 modified.</summary>
    private static SampleQuality ReadQuality(ushort stat, int version, byte timeQuality)
    {
        var quality = (stat >> 14) switch
        {
            0 => SampleQuality.Good,
            2 when version >= 2 => SampleQuality.Simulated,
            _ => SampleQuality.Invalid,
        };
        quality |= (stat & 0x2000) != 0 || (timeQuality & 0x0F) > WorstTrustedTimeQuality ? SampleQuality.ClockUnsynchronised : SampleQuality.Good;
        return quality | ((stat & 0x0200) != 0 ? SampleQuality.Estimated : SampleQuality.Good);
    }
}
