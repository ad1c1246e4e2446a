using System.Text.Json.Serialization;

namespace GridServices.Contracts;

/// <summary>
/// What a site may do at one instant: non-negative magnitudes per direction, in whole watts.
/// <c>null</c> means "no statement"; 0 means "nothing allowed". There is no value that means "unlimited" (architecture law 1).
/// </summary>
/// <remarks>
/// Because every member is an upper bound on a magnitude, every <see cref="Limits"/> contains the point 0 W,
/// so intersecting any number of them is never infeasible (architecture law 3).
/// Default value and <see cref="None"/>: nothing is stated.
/// </remarks>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed partial record Limits
{
    /// <summary>No statement at all: the identity of intersection.</summary>
    public static Limits None { get; } = new();

    /// <summary>Greatest net power drawn from the grid at the target's boundary, W, 0..2^53.</summary>
    public long? ImportLimitW { get; init; }

    /// <summary>Greatest net power fed into the grid at the target's boundary, W, 0..2^53.</summary>
    public long? ExportLimitW { get; init; }

    /// <summary>Greatest charging power of storage and vehicles, W, 0..2^53.</summary>
    public long? ChargeLimitW { get; init; }

    /// <summary>Greatest discharging power of storage and vehicles, W, 0..2^53.</summary>
    public long? DischargeLimitW { get; init; }

    /// <summary>Greatest power of generation behind the boundary (CSIP-AUS opModGenLimW), W, 0..2^53.</summary>
    public long? GenerationLimitW { get; init; }

    /// <summary>Greatest power of controllable load behind the boundary (CSIP-AUS opModLoadLimW), W, 0..2^53.</summary>
    public long? LoadLimitW { get; init; }

    /// <summary>Per-phase currents, or null where nothing is stated per phase.</summary>
    public PhaseLimits? PerPhase { get; init; }

    /// <summary>False: the target must be disconnected (IEEE 2030.5 opModConnect). False wins a merge.</summary>
    public bool? Connect { get; init; }

    /// <summary>False: the target must be de-energized (IEEE 2030.5 opModEnergize). False wins a merge.</summary>
    public bool? Energize { get; init; }
}

/// <summary>Per-phase limits; a phase that is absent carries no statement.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record PhaseLimits
{
    [JsonPropertyName("L1")]
    public PhaseLimit? L1 { get; init; }

    [JsonPropertyName("L2")]
    public PhaseLimit? L2 { get; init; }

    [JsonPropertyName("L3")]
    public PhaseLimit? L3 { get; init; }
}

/// <summary>Non-negative currents of one phase, in amperes (up to three decimals).</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record PhaseLimit
{
    public decimal? ImportLimitA { get; init; }
    public decimal? ExportLimitA { get; init; }
}
