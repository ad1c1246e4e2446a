namespace GridServices.Simulators.Grid.Assets;

/// <summary>A pool of one-way chargers.</summary>
public sealed record EvPoolSpec
{
    public int Chargers { get; init; } = 10;
    public int Phases { get; init; } = 3;
    public double Volts { get; init; } = 230;

    /// <summary>What each draws without a set-point, A.</summary>
    public int DefaultAmps { get; init; } = 16;
    public int MaxAmps { get; init; } = 32;

    /// <summary>Least current that a charger can be given (IEC 61851-1).</summary>
    public int FloorAmps { get; init; } = 6;

    /// <summary>From set-point to the first change.</summary>
    public double DelaySeconds { get; init; } = 0.8;

    /// <summary>Fastest change of one car's current.</summary>
    public double AmpsPerSecond { get; init; } = 20;
}

/// <summary>Chargers that draw whole amps from 6 A up, or nothing; each follows its share of the pool's set-point.</summary>
public sealed class EvPool(string name, EvPoolSpec spec) : AssetModel(name, spec.DelaySeconds)
{
    private readonly double[] _amps = [.. Enumerable.Repeat((double)spec.DefaultAmps, spec.Chargers)];

    public override double DefaultW => -ToWatts(spec.DefaultAmps) * spec.Chargers;

    /// <summary>Current of each charger, A.</summary>
    public IReadOnlyList<double> Amps => _amps;

    /// <summary>Powers that the pool as a whole can take: its staircase.</summary>
    public int Steps => 1 + (spec.Chargers * (spec.MaxAmps - spec.FloorAmps + 1));

    protected override void Follow(double commandW, double seconds)
    {
        var rest = Math.Max(0, -commandW);
        for (var i = 0; i < _amps.Length; i++)
        {
            // Each takes an even share of what is left, so that rounding does not add up.
            var amps = Whole(rest / (_amps.Length - i) / ToWatts(1));
            rest -= ToWatts(amps);
            var most = spec.AmpsPerSecond * seconds;
            _amps[i] = amps == 0 && _amps[i] <= spec.FloorAmps ? 0 : _amps[i] + Math.Clamp(amps - _amps[i], -most, most);
        }

        PowerW = -_amps.Sum(ToWatts);
    }

    private double ToWatts(double amps) => amps * spec.Volts * spec.Phases;

    private int Whole(double amps) => amps < spec.FloorAmps ? 0 : Math.Min(spec.MaxAmps, (int)Math.Floor(amps + 1e-9));
}
