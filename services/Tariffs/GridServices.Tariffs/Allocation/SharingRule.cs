namespace GridServices.Tariffs.Allocation;

/// <summary>What a line of a site's bill was shared by.</summary>
public enum SharingRule
{
    /// <summary>kWh drawn through the site's meter in the hours of the charge.</summary>
    Energy,

    /// <summary>kWh drawn interval by interval, each at its own price.</summary>
    EnergyAtItsPrice,

    /// <summary>kWh drawn on the days that the line is for: fixed charges, minimums, riders per kWh.</summary>
    CycleEnergy,

    /// <summary>The method of the request, on the windows of the charge.</summary>
    Method,

    /// <summary>Load in the called system peaks.</summary>
    Calls,

    /// <summary>Load in each window above the contracted power, by the square of its excess.</summary>
    Exceedance,

    /// <summary>What each pays of other lines: taxes, maximums, riders per kW.</summary>
    OtherLines,

    /// <summary>The site alone: export, tags of an earlier year, and what no user has load for.</summary>
    Site,
}
