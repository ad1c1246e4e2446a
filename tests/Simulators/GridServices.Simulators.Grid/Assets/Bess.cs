namespace GridServices.Simulators.Grid.Assets;

/// <summary>What a battery can do.</summary>
public sealed record BessSpec
{
    public double MaxDischargeW { get; init; } = 50_000;
    public double MaxChargeW { get; init; } = 50_000;
    public double EnergyWh { get; init; } = 100_000;

    /// <summary>State of charge at the begin, 0..1.</summary>
    public double Soc { get; init; } = 0.5;

    /// <summary>From set-point to the first change.</summary>
    public double DelaySeconds { get; init; } = 0.1;

    /// <summary>Time constant of the first-order lag.</summary>
    public double LagSeconds { get; init; } = 0.05;

    /// <summary>Of a Wh drawn, how much is stored; of a Wh taken out, how much arrives.</summary>
    public double OneWayEfficiency { get; init; } = 0.95;
}

/// <summary>A battery: delay, first-order lag, limits, energy with losses.</summary>
public sealed class Bess(string name, BessSpec spec) : AssetModel(name, spec.DelaySeconds)
{
    private double _wh = spec.EnergyWh * spec.Soc;

    public override double DefaultW => 0;

    /// <summary>State of charge, 0..1.</summary>
    public double Soc => _wh / spec.EnergyWh;

    public double EnergyWh => _wh;

    protected override void Follow(double commandW, double seconds)
    {
        var wanted = Math.Clamp(commandW, _wh >= spec.EnergyWh ? 0 : -spec.MaxChargeW, _wh <= 0 ? 0 : spec.MaxDischargeW);
        PowerW = spec.LagSeconds > 0 ? wanted + ((PowerW - wanted) * Math.Exp(-seconds / spec.LagSeconds)) : wanted;
        var wh = PowerW * seconds / 3600;
        _wh = Math.Clamp(_wh - (wh > 0 ? wh / spec.OneWayEfficiency : wh * spec.OneWayEfficiency), 0, spec.EnergyWh);
    }
}
