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

/// <summary>The GB rules' memory: one settlement period, the orders for it and the next two, a requirement each way.</summary>
internal struct GbEnergyState
{
    internal bool Running;
    internal long Period;
    internal double RaisedWh;
    internal double LoweredWh;
    internal double OrderW;
    internal double NextOrderW;
    internal double LaterOrderW;
    internal SoeRequirement Raise;
    internal SoeRequirement Lower;
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
