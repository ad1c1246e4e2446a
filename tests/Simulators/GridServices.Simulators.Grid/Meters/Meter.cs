using GridServices.FrequencyResponse.Frames;
using GridServices.FrequencyResponse.Measurement;
using GridServices.Simulators.Grid.Traces;

namespace GridServices.Simulators.Grid.Meters;

/// <summary>What a meter is like.</summary>
public sealed record MeterSpec
{
    /// <summary>Number in its frames.</summary>
    public ushort Number { get; init; } = 1;

    /// <summary>Time between two values.</summary>
    public double PeriodSeconds { get; init; } = 0.1;

    /// <summary>From the grid to the value.</summary>
    public double DelaySeconds { get; init; } = 0.1;

    /// <summary>Step of its values.</summary>
    public double ResolutionHz { get; init; } = 0.0001;

    /// <summary>Largest error of a value, either way.</summary>
    public double NoiseHz { get; init; } = 0.0003;

    /// <summary>Draws the noise.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Marks its samples as a test signal, as a calibrator would.</summary>
    public bool Simulated { get; init; }
}

/// <summary>Makes samples of a trace: late, in steps, with noise, and silent or frozen when the trace says so. Pure.</summary>
public sealed class Meter(MeterSpec spec, GridTrace trace)
{
    private uint _sequence;
    private double _last = double.NaN;

    /// <summary>The sample of a moment, or null while the meter is silent.</summary>
    /// <param name="seconds">Of the trace.</param>
    /// <param name="unixNanos">The meter's clock.</param>
    public UdpSampleFrame? Sample(double seconds, long unixNanos)
    {
        var moment = trace.At(seconds - spec.DelaySeconds);
        _sequence = unchecked(_sequence + 1);
        if (moment.Meter == MeterMood.Silent)
        {
            return null;
        }

        if (moment.Meter == MeterMood.Works || double.IsNaN(_last))
        {
            var raw = moment.Hz + (spec.NoiseHz * Noise());
            _last = Math.Round(raw / spec.ResolutionHz) * spec.ResolutionHz;
        }

        return new UdpSampleFrame(
            spec.Number, _sequence, _last, float.NaN, (float)moment.VoltagePu, unixNanos, spec.Simulated ? SampleQuality.Simulated : SampleQuality.Good);
    }

    /// <summary>-1..1, the same for the same seed and place (SplitMix64).</summary>
    private double Noise()
    {
        unchecked
        {
            var z = (spec.Seed * 0x9E3779B97F4A7C15) + (_sequence * 0xBF58476D1CE4E5B9);
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return ((z ^ (z >> 31)) >> 11) / (double)(1UL << 52) - 1;
        }
    }
}
