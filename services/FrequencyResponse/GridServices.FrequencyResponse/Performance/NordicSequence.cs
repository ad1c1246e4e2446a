using GridServices.Wire;

namespace GridServices.FrequencyResponse.Performance;

/// <summary>A frequency that the Nordic test programme applies, generated from the rule's own figures.</summary>
/// <param name="Name">What it is called in the programme.</param>
/// <param name="Points">Straight lines between them; two at the same second are a step.</param>
public sealed record NordicSequence(string Name, ValueList<TimedValue> Points)
{
    public double EndSeconds => Points[^1].Seconds;

    /// <summary>FCR-N step response: 50.00, 49.95, 50.00, 49.90, 50.10, 50.00 Hz.</summary>
    public static NordicSequence NormalStep { get; } = Steps("FCR-N step", 1260, (0, 50), (30, 49.95), (60, 50), (360, 49.9), (660, 50.1), (960, 50));

    /// <summary>FCR-N linearity: steps of 20 mHz down, up and back, two minutes each.</summary>
    public static NordicSequence NormalLinearity { get; } = Steps(
        "FCR-N linearity", 21 * 120, [.. LinearitySteps.Select((hz, i) => (120.0 * i, hz))]);

    /// <summary>FCR-D fast ramp: 0.24 Hz/s from the activation limit to 49.0 or 51.0 Hz, held.</summary>
    /// <param name="upwards">True for FCR-D upwards: the frequency falls.</param>
    public static NordicSequence DisturbanceRamp(bool upwards)
    {
        var sign = upwards ? -1 : 1;
        return new NordicSequence(
            upwards ? "FCR-D upwards ramp" : "FCR-D downwards ramp",
            [new(0, 50), new(30, 50 + (sign * 0.1)), new(RampStart, 50 + (sign * 0.1)), new(RampStart + (0.9 / 0.24), 50 + sign), new(150, 50 + sign)]);
    }

    /// <summary>Second at which <see cref="DisturbanceRamp"/> leaves the activation limit.</summary>
    public const double RampStart = 60;

    /// <summary>A sine of 100 mHz around 50 Hz for FCR-N, around 49.7 Hz for FCR-D upwards, 50.3 Hz downwards.</summary>
    /// <param name="periodSeconds">10 to 300 s in the programme.</param>
    /// <param name="centreHz">Middle of the sine.</param>
    /// <param name="periods">How many are run.</param>
    public static NordicSequence Sine(double periodSeconds, double centreHz, int periods = 5)
    {
        const int PerPeriod = 100;
        var points = new TimedValue[(PerPeriod * periods) + 1];
        for (var i = 0; i < points.Length; i++)
        {
            points[i] = new TimedValue(periodSeconds * i / PerPeriod, centreHz + (0.1 * Math.Sin(2 * Math.PI * i / PerPeriod)));
        }

        return new NordicSequence($"sine {periodSeconds} s", points.ToValueList());
    }

    /// <summary>The frequency at a second; beyond the end the last one.</summary>
    public double At(double seconds)
    {
        if (seconds >= EndSeconds)
        {
            return Points[^1].Value;
        }

        var after = 1;
        while (Points[after].Seconds <= seconds)
        {
            after++;
        }

        var (a, b) = (Points[after - 1], Points[after]);
        return a.Value + ((b.Value - a.Value) * (seconds - a.Seconds) / (b.Seconds - a.Seconds));
    }

    private static IEnumerable<double> LinearitySteps =>
        Enumerable.Range(0, 21).Select(i => (i <= 5 ? 5000 - (2 * i) : i <= 15 ? 4990 + (2 * (i - 5)) : 5010 - (2 * (i - 15))) / 100.0);

    private static NordicSequence Steps(string name, double end, params ReadOnlySpan<(double Second, double Hz)> steps)
    {
        var points = new List<TimedValue>();
        foreach (var (second, hz) in steps)
        {
            if (points.Count > 0)
            {
                points.Add(new TimedValue(second, points[^1].Value));
            }

            points.Add(new TimedValue(second, hz));
        }

        points.Add(new TimedValue(end, points[^1].Value));
        return new NordicSequence(name, points.ToValueList());
    }
}
