using System.Collections.Immutable;

namespace GridServices.Tariffs.Model;

/// <summary>
/// An energy and a demand price that belong together, chosen by the calendar year's hours of use = kWh / highest kW (German grid fees: a pair below and one from
/// 2,500 h; StromNEV § 17 as recalled). The whole year is priced by one pair.
/// </summary>
public sealed record HoursOfUseCharge
{
    public required string Id { get; init; }
    public string? Name { get; init; }

    /// <summary>In order; the last is open.</summary>
    public required ImmutableArray<HoursOfUsePair> Pairs { get; init; }

    public DemandWindow? Window { get; init; }
}
