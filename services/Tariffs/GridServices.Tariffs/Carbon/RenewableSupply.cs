using GridServices.Tariffs.Intervals;

namespace GridServices.Tariffs.Carbon;

/// <summary>Renewable generation that a site may count as its own, on the grid of the site's intervals.</summary>
/// <param name="Id">What it is known by.</param>
/// <param name="Kind">Where it comes in.</param>
/// <param name="Series">What it generated, 0 or more.</param>
/// <param name="Percent">The site's share of it.</param>
public sealed record RenewableSupply(string Id, SupplyKind Kind, IntervalSeries Series, decimal Percent = 100);

/// <summary>Where generation comes in.</summary>
public enum SupplyKind
{
    /// <summary>Behind the site's meter: what is not fed in is used on the site.</summary>
    OnSite,

    /// <summary>Elsewhere in the grid, by contract or as a plant of one's own.</summary>
    Contracted,
}
