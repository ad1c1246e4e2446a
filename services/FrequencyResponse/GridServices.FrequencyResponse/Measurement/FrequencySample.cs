using System.Runtime.InteropServices;

namespace GridServices.FrequencyResponse.Measurement;

/// <summary>What the measuring device itself says of a sample. None of these marks = it vouches for it.</summary>
[Flags]
public enum SampleQuality : byte
{
    Good = 0,

    /// <summary>The device says that the value is not to be used (C37.118 data error, Modbus error, SunSpec "not implemented").</summary>
    Invalid = 1,

    /// <summary>The device's clock is not synchronised: its stamp orders samples, but says nothing of their age.</summary>
    ClockUnsynchronised = 2,

    /// <summary>A test signal; drives power only where the source is configured to accept it.</summary>
    Simulated = 4,

    /// <summary>Interpolated or filtered by the device, not measured at the stamp.</summary>
    Estimated = 8,
}

/// <summary>One measured frequency. The absence of a sample is no sample: a value is never invented for it.</summary>
/// <param name="Hz">Frequency in hertz as the meter gave it; NaN and infinity are refused by the gate.</param>
/// <param name="RocofHzPerS">Rate of change as the meter gave it, Hz/s; NaN = not given.</param>
/// <param name="VoltagePu">Lowest phase voltage, share of nominal; NaN = not given.</param>
/// <param name="ReceivedNanos">When it arrived, nanoseconds of the monotonic clock that <c>Step</c> is called with.</param>
/// <param name="SourceUnixNanos">The meter's own stamp, nanoseconds since 1970 UTC; 0 = not given.</param>
/// <param name="Quality">What the device says of it.</param>
/// <param name="Source">Index into the configured sources; an index beyond them is a source nobody knows.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct FrequencySample(
    double Hz, double RocofHzPerS, double VoltagePu, long ReceivedNanos, long SourceUnixNanos, SampleQuality Quality, byte Source)
{
    /// <summary>A bare measurement: no rate, no voltage, no stamp.</summary>
    public static FrequencySample FromHz(double hz, long receivedNanos, byte source = 0) =>
        new(hz, double.NaN, double.NaN, receivedNanos, 0, SampleQuality.Good, source);
}
