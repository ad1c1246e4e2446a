using GridServices.Tariffs.Intervals;

namespace GridServices.Tariffs.Time;

/// <summary>Moments at which prices change, against an interval grid: the longest step, a divisor of the grid's, on which all of them fall.</summary>
internal sealed class EdgeGrid(Grid grid)
{
    /// <summary>Seconds.</summary>
    public int StepSeconds { get; private set; } = grid.StepSeconds;

    /// <summary>The first moment that is inside an interval, in seconds since 1970.</summary>
    public long? Cut { get; private set; }

    public void Add(long edge)
    {
        var into = edge - grid.StartSeconds;
        if (into > 0 && into < (long)grid.StepSeconds * grid.Count && into % grid.StepSeconds != 0)
        {
            StepSeconds = (int)IntervalSeries.Gcd(StepSeconds, into);
            Cut = Math.Min(Cut ?? edge, edge);
        }
    }

    public void Add(EdgeGrid other)
    {
        StepSeconds = (int)IntervalSeries.Gcd(StepSeconds, other.StepSeconds);
        Cut = other.Cut is { } cut ? Math.Min(Cut ?? cut, cut) : Cut;
    }
}
