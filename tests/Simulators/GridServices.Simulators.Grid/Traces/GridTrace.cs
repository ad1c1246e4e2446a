namespace GridServices.Simulators.Grid.Traces;

/// <summary>A frequency over time. Pure: the same second gives the same moment.</summary>
public abstract class GridTrace
{
    /// <summary>What it is, for people.</summary>
    public abstract string Name { get; }

    /// <summary>Where it ends, s; null = never.</summary>
    public virtual double? EndSeconds => null;

    public abstract GridMoment At(double seconds);
}

/// <summary>Straight lines between points; two points at one second are a step. Before and after them the end values.</summary>
public sealed class LinesTrace(string name, params IReadOnlyList<(double Second, GridMoment Moment)> points) : GridTrace
{
    public override string Name => name;

    public override double? EndSeconds => points[^1].Second;

    /// <summary>A frequency alone.</summary>
    public static LinesTrace Create(string name, params IReadOnlyList<(double Second, double Hz)> points) =>
        new(name, [.. points.Select(p => (p.Second, new GridMoment(p.Hz)))]);

    public override GridMoment At(double seconds)
    {
        // The last point at or before the moment: at a step the value after it.
        var (low, high) = (0, points.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = points[middle].Second <= seconds ? (middle + 1, high) : (low, middle);
        }

        if (low == 0 || low == points.Count)
        {
            return points[low == 0 ? 0 : ^1].Moment;
        }

        var (before, after) = (points[low - 1], points[low]);
        var share = (seconds - before.Second) / (after.Second - before.Second);
        return before.Moment with
        {
            Hz = before.Moment.Hz + (share * (after.Moment.Hz - before.Moment.Hz)),
            VoltagePu = before.Moment.VoltagePu + (share * (after.Moment.VoltagePu - before.Moment.VoltagePu)),
        };
    }
}

/// <summary>A sine around a frequency.</summary>
public sealed class SineTrace(double centreHz, double amplitudeHz, double periodSeconds) : GridTrace
{
    public override string Name => $"sine of {1000 * amplitudeHz:0} mHz every {periodSeconds:0.#} s";

    public override GridMoment At(double seconds) => new(centreHz + (amplitudeHz * Math.Sin(2 * Math.PI * seconds / periodSeconds)));
}
