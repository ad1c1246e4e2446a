using NodaTime;

namespace GridServices.FrequencyResponse.Service.Registry;

/// <summary>An asset, as a person PUTs it. Powers in W at the asset's terminals, times as measured at commissioning.</summary>
public sealed record AssetSettings
{
    public required string SiteId { get; init; }

    public required AssetKind Kind { get; init; }

    /// <summary>Greatest charging (or load) power, W.</summary>
    public required long ChargeMaxW { get; init; }

    /// <summary>Greatest discharging power, W; 0 for a one-way charger.</summary>
    public long DischargeMaxW { get; init; }

    /// <summary>Usable energy, Wh; 0 where it is not known (one-way chargers).</summary>
    public long EnergyWh { get; init; }

    /// <summary>Share of energy lost on the way in and out again, e.g. 0.9 of what was charged comes back.</summary>
    public decimal RoundTripEfficiency { get; init; } = 0.9m;

    /// <summary>State of charge before the first reading came, 0..100 %; absent: the asset takes no part until a reading comes.</summary>
    public decimal? SocPercent { get; init; }

    /// <summary>Phases it draws from.</summary>
    public PhaseSet Phases { get; init; } = PhaseSet.Three;

    /// <summary>Set-points between these are possible only in whole steps of amperes; absent: any watt.</summary>
    public CurrentSteps? Steps { get; init; }

    /// <summary>From set-point sent to power changed, measured, ms.</summary>
    public required int LatencyMs { get; init; }

    /// <summary>Fastest change of power, W/s, measured.</summary>
    public required long RampWPerS { get; init; }

    /// <summary>Shortest time that a charger stays on once it is on, s.</summary>
    public int MinOnSeconds { get; init; }

    /// <summary>Shortest time that it stays off once it is off, s; absent: as <see cref="MinOnSeconds"/>.</summary>
    public int? MinOffSeconds { get; init; }

    /// <summary>What must stay in the store, Wh; with <see cref="Departure"/> what must be in it by then. Below it nothing is taken out, and charging is not cut.</summary>
    public long? NeededWh { get; init; }

    /// <summary>
    /// When a vehicle leaves. Until then what <see cref="BaselineW"/> still charges counts as there; once it is over, all of the need stays in until another is stated.
    /// </summary>
    public Instant? Departure { get; init; }

    /// <summary>Load of a charger without response, W: what a low-frequency service can cut. Storage: 0.</summary>
    public long BaselineW { get; init; }

    /// <summary>What measures the power that its readings tell: the settlement says so. Readings are the only proof of delivery; without them nothing is paid.</summary>
    public MeteringKind Metering { get; init; }

    /// <summary>Where its set-points go; absent: as envelopes through the hub alone.</summary>
    public SetpointRoute? Setpoint { get; init; }
}

/// <summary>Kinds of asset.</summary>
public enum AssetKind
{
    /// <summary>Stationary battery: any watt in both directions.</summary>
    Bess,

    /// <summary>Charger that also feeds back.</summary>
    V2g,

    /// <summary>One-way charger: less load raises the frequency, more lowers it.</summary>
    Ev,
}

/// <summary>What measures an asset's power.</summary>
public enum MeteringKind
{
    /// <summary>The device itself.</summary>
    Telemetry,

    /// <summary>A meter at its terminals.</summary>
    Meter,
}

/// <summary>The phases of a charger.</summary>
public enum PhaseSet
{
    L1,
    L2,
    L3,
    Three,
}

/// <summary>A charger's steps of current: 0, then whole amperes from the floor (IEC 61851-1: 6 A) to the ceiling.</summary>
public sealed record CurrentSteps
{
    public int MinA { get; init; } = 6;

    public int MaxA { get; init; } = 32;

    public int StepA { get; init; } = 1;

    /// <summary>Phase to neutral, V.</summary>
    public int Volts { get; init; } = 230;
}

/// <summary>Set-points as UDP datagrams straight to the device or its controller.</summary>
public sealed record SetpointRoute
{
    /// <summary>An IP address.</summary>
    public required string Host { get; init; }

    public required int Port { get; init; }

    /// <summary>The asset's number in the datagrams, where a controller serves several.</summary>
    public long Number { get; init; }
}
