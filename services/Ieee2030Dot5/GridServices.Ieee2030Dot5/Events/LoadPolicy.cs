namespace GridServices.Ieee2030Dot5.Events;

/// <summary>What an EndDeviceControl means at a device's site. What this doesn't say how to carry out is answered as not supported.</summary>
public sealed record LoadPolicy
{
    /// <summary><see cref="ControlMode.ImpLimW"/> at the connection point, or <see cref="ControlMode.LoadLimW"/> at the DER.</summary>
    public required ControlMode Mode { get; init; }

    /// <summary>The load, W, that reductions and shares refer to. Null: they are not carried out.</summary>
    public long? ReferenceW { get; init; }

    /// <summary>True: they refer to what the site drew when the control began, where that was measured and is less.</summary>
    public bool RefersToPresent { get; init; }

    public ReductionMeaning TargetReduction { get; init; }

    /// <summary>DutyCycle is carried out, as a share of the reference.</summary>
    public bool DutyCycle { get; init; } = true;

    /// <summary>loadAdjustmentPercentageOffset is carried out.</summary>
    public bool LoadOffset { get; init; } = true;

    /// <summary>Share of the reference, 0 to 1, for what has no amount: temperatures and appliance signals. Null: they are not carried out.</summary>
    public decimal? OtherwiseShare { get; init; }
}

/// <summary>What TargetReduction means.</summary>
public enum ReductionMeaning
{
    /// <summary>So much less than the reference.</summary>
    ReduceBy,

    /// <summary>Less than so much.</summary>
    StayBelow,

    /// <summary>Not carried out.</summary>
    NotFollowed,
}
