namespace GridServices.Adapters.Lines;

/// <summary>
/// What a peer can be told of a site, in watts, each 0 or more. A site that is told to disconnect or to cease to energize has 0 of each.
/// </summary>
public enum Quantity
{
    /// <summary>Greatest net power drawn from the grid; a limit per phase counts as if all power lay on that phase, or on as many alike as <see cref="SiteRules.Phases"/>.</summary>
    ImportLimitW,

    /// <summary>Greatest net power fed into the grid; phases as above.</summary>
    ExportLimitW,

    /// <summary>Greatest charging power of storage and vehicles.</summary>
    ChargeLimitW,

    /// <summary>Greatest discharging power of storage and vehicles.</summary>
    DischargeLimitW,

    /// <summary>Greatest power of generation behind the boundary.</summary>
    GenerationLimitW,

    /// <summary>Greatest power of controllable load behind the boundary.</summary>
    LoadLimitW,

    /// <summary>For a peer whose equipment draws power (chargers): the least of import, load and charging.</summary>
    ConsumptionW,

    /// <summary>For a peer whose equipment gives power (inverters): the least of export, generation and discharging.</summary>
    ProductionW,
}
