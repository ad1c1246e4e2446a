namespace GridServices.Operations;

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
