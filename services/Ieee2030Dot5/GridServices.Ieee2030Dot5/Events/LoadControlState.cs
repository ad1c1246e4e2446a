using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>Demand response of one EndDevice: its programs, controls and streams. It and the DER programs don't supersede each other.</summary>
public sealed record LoadControlState
{
    public static LoadControlState Initial { get; } = new();

    public DerScheduleState Schedule { get; init; } = DerScheduleState.Initial;

    /// <summary>What sites drew when controls began; kept with each control, so that one that obeys is not measured again.</summary>
    public ValueList<DrawnLoad> Loads { get; init; } = [];

    /// <summary>When to look again although nothing arrives, server time; null: never.</summary>
    public Instant? NextChange { get; init; }
}

/// <summary>What a site drew when a control began.</summary>
/// <param name="MRid">The control.</param>
/// <param name="Watts">Null: it was not measured; the configured reference holds.</param>
public sealed record DrawnLoad(string MRid, long? Watts);
