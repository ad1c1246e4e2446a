namespace GridServices.FrequencyResponse.Energy;

/// <summary>What the controller remembers of the store.</summary>
internal struct EnergyState
{
    /// <summary>At least one telemetry value has come.</summary>
    internal bool Known;
    internal double StoredWh;
    internal long TelemetryNanos;

    /// <summary>Power and response of the step before: what the store has done since.</summary>
    internal double PowerW;
    internal double ResponseW;

    /// <summary>Move of the baseline, W, + = injection.</summary>
    internal double ShiftW;

    internal GbEnergyState Gb;
    internal NordicEnergyState Nordic;
}

/// <summary>The GB rules' memory: one settlement period, the orders for it and the next three, a requirement each way.</summary>
internal struct GbEnergyState
{
    internal bool Running;
    internal long Period;
    internal double RaisedWh;
    internal double LoweredWh;
    internal double OrderW;
    internal double NextOrderW;
    internal double LaterOrderW;

    /// <summary>For the period after those three, once it is decided.</summary>
    internal double PlannedOrderW;
    internal bool Planned;
    internal SoeRequirement Raise;
    internal SoeRequirement Lower;

    /// <summary>The present period has been held against the requirement, and how it began.</summary>
    internal bool Judged;
    internal bool RaiseShort;
    internal bool LowerShort;
}

/// <summary>The Nordic rules' memory.</summary>
internal struct NordicEnergyState
{
    internal bool NemLow;
    internal bool NemHigh;
    internal bool AemLow;
    internal bool AemHigh;
    internal RollingMean Nem;
    internal RollingMean DeviationHz;
}
