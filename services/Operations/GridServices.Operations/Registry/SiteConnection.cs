namespace GridServices.Operations.Registry;

/// <summary>The grid connection as its papers say it. What is absent is unknown, never unlimited.</summary>
public sealed record SiteConnection
{
    /// <summary>Greatest import that the connection agreement allows, W; null = not stated.</summary>
    public long? ImportMaxW { get; init; }

    /// <summary>Greatest export that the connection agreement allows, W; 0 = none; null = not stated.</summary>
    public long? ExportMaxW { get; init; }

    public PhaseWiring? Wiring { get; init; }

    /// <summary>V between the conductors: single phase line to neutral, split phase and three phase line to line.</summary>
    public decimal? VoltageV { get; init; }

    /// <summary>A of the overcurrent device per conductor: the breaker (NEC) or the fuse (IEC).</summary>
    public decimal? RatingA { get; init; }

    public InstallationCode? Code { get; init; }

    /// <summary>The listed energy management system that holds the load, where there is one.</summary>
    public ListedEnergyManagement? EnergyManagement { get; init; }
}

/// <summary>How the connection's conductors carry power.</summary>
public enum PhaseWiring
{
    Single,

    /// <summary>North American 120/240 V: two lines and a neutral.</summary>
    Split,

    ThreePhase,
}

/// <summary>Whose rules the installation follows.</summary>
public enum InstallationCode
{
    /// <summary>NFPA 70, with the factor for continuous loads.</summary>
    Nec,

    /// <summary>IEC 60364: the fuse's rating holds for continuous load.</summary>
    Iec,
}

/// <summary>An energy management system that is listed for keeping the load below a set value (NEC 750.30, 625.42(A)).</summary>
/// <param name="Listing">Standard and file number, such as <c>UL 916 E123456</c>.</param>
/// <param name="SetpointA">A that it holds per conductor; null = the overcurrent device's rating.</param>
public sealed record ListedEnergyManagement(string Listing, decimal? SetpointA);

/// <summary>
/// What the limit of a connection rests on once a statement of it is left out. Absent is unknown and never "unlimited": what was stated before stays until
/// something else is stated in its place, or a person confirms the connection as it is stated now.
/// </summary>
public static class ConnectionBasis
{
    /// <param name="before">What the limit rested on until now; null = a new site, or one that was confirmed.</param>
    /// <param name="now">The connection as it is stated now.</param>
    /// <returns>Null where the limit rests on <paramref name="now"/> alone. Export is not held: not stated is 0 W.</returns>
    public static SiteConnection? Compute(SiteConnection? before, SiteConnection now)
    {
        ArgumentNullException.ThrowIfNull(now);
        if (before is null)
        {
            return null;
        }

        var basis = Electrical(before, now) with { ImportMaxW = now.ImportMaxW ?? before.ImportMaxW, ExportMaxW = now.ExportMaxW };
        return basis == now ? null : basis;
    }

    /// <summary>Breaker, voltage, phases and code of the tightest reading of what is left, never one that allows more than before.</summary>
    private static SiteConnection Electrical(SiteConnection before, SiteConnection now)
    {
        var stated = ElectricalLimit.Compute(now, []);
        if (ElectricalLimit.Compute(before, []) is not { } held || (stated is not null && !RemovesSetpoint(before, now)))
        {
            return now;
        }

        return new[] { now, Filled(before, now), before }
            .Select(connection => (Connection: connection, Limit: ElectricalLimit.Compute(connection, [])))
            .Where(c => c.Limit is { } limit && limit.PowerW <= held.PowerW && limit.ContinuousA <= held.ContinuousA && c.Connection.Wiring >= before.Wiring) // no phase is without its limit
            .MinBy(c => (c.Limit!.PowerW, c.Limit.ContinuousA)).Connection;
    }

    /// <summary>The load was held below the breaker's rating, and nothing is said of that any more.</summary>
    private static bool RemovesSetpoint(SiteConnection before, SiteConnection now) =>
        before.EnergyManagement?.SetpointA is not null && now.EnergyManagement?.SetpointA is null;

    private static SiteConnection Filled(SiteConnection before, SiteConnection now) => now with
    {
        RatingA = now.RatingA ?? before.RatingA,
        VoltageV = now.VoltageV ?? before.VoltageV,
        Wiring = now.Wiring ?? before.Wiring,
        Code = now.Code ?? before.Code,
        EnergyManagement = now.EnergyManagement is { } stated ? stated with { SetpointA = stated.SetpointA ?? before.EnergyManagement?.SetpointA } : before.EnergyManagement,
    };
}
