using GridServices.Tariffs.Intervals;

namespace GridServices.Tariffs.Bills;

/// <summary>What the meters of one connection recorded. All series lie on one grid.</summary>
public sealed record MeterData
{
    /// <summary>Net (import positive, export negative) or import alone.</summary>
    public required IntervalSeries Net { get; init; }

    /// <summary>A separate export register, positive values; then <see cref="Net"/> is the import register.</summary>
    public IntervalSeries? Export { get; init; }

    /// <summary>A separate generation meter (buy all, sell all): positive = generated.</summary>
    public IntervalSeries? Generation { get; init; }

    /// <summary>kvar (mean) or kvarh per interval, on the same grid, in place of kW and kWh.</summary>
    public IntervalSeries? Reactive { get; init; }

    public static MeterData From(IntervalSeries net) => new() { Net = net };
}
