using System.Runtime.InteropServices;

namespace GridServices.FrequencyResponse.Allocation;

public enum AssetKind : byte
{
    /// <summary>Battery: any power in its range; takes what the staircase leaves over.</summary>
    Storage,

    /// <summary>Charger that can discharge the vehicle.</summary>
    BidirectionalCharger,

    /// <summary>Charger that can only draw, in whole amps from 6 A up, or nothing.</summary>
    Charger,
}

/// <summary>The phases that an asset loads.</summary>
[Flags]
public enum Phases : byte
{
    None = 0, L1 = 1, L2 = 2, L3 = 4, All = 7,
}

/// <summary>What an asset can do, as measured at commissioning. Powers in W, ≥ 0.</summary>
public sealed record AssetCapability
{
    public required string Id { get; init; }
    public required AssetKind Kind { get; init; }

    /// <summary>Most it can draw.</summary>
    public required int MaxImportW { get; init; }

    /// <summary>Most it can inject; 0 for a one-way charger.</summary>
    public int MaxExportW { get; init; }
    public Phases Phases { get; init; } = Phases.All;

    /// <summary>From the command to the first change of power, measured.</summary>
    public required long LatencyNanos { get; init; }

    /// <summary>Fastest change, W/s; infinity = at once.</summary>
    public double RampWPerS { get; init; } = double.PositiveInfinity;

    /// <summary>Least current that a charger can be given, A; below it only 0.</summary>
    public int FloorAmps { get; init; } = 6;

    /// <summary>Step of a charger's current, A; 0 = any power.</summary>
    public int StepAmps { get; init; } = 1;
    public double VoltageV { get; init; } = 230;

    /// <summary>Shortest time that a charger stays on once it is on.</summary>
    public long MinOnNanos { get; init; }

    /// <summary>Shortest time that it stays off once it is off.</summary>
    public long MinOffNanos { get; init; }
}

/// <summary>What an asset is doing and could do now, from telemetry. Signed W, + = injection, as the controller counts.</summary>
/// <param name="BaselineW">Its power without a response.</param>
/// <param name="FloorW">Least injection now (its own limits, the vehicle, envelopes of the asset).</param>
/// <param name="CeilingW">Most injection now.</param>
/// <param name="EnergyWh">Stored; NaN = unknown, then it is used within floor and ceiling only.</param>
/// <param name="CapacityWh">Usable; NaN = unknown.</param>
/// <param name="NeededWh">What must stay in it (departure need, own reserve).</param>
/// <param name="LastCommandW">What it was last told.</param>
/// <param name="SwitchedNanos">When it last went on or off, monotonic.</param>
/// <param name="Available">Connected, healthy and told so lately.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct AssetTelemetry(
    int BaselineW, int FloorW, int CeilingW, double EnergyWh, double CapacityWh, double NeededWh, int LastCommandW, long SwitchedNanos, bool Available);
