using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Time;

namespace GridServices.Tariffs.Prices;

/// <summary>What the outlook is made from, beside the plan.</summary>
public sealed record OutlookInputs
{
    public required ImmutableArray<CompiledTariff> Versions { get; init; }

    /// <summary>The billing cycle under way and what was drawn in it so far; null = nothing is known, tiers begin at their start.</summary>
    public IntervalSeries? CycleSoFar { get; init; }

    public required BillingCycle Cycle { get; init; }

    /// <summary>What was drawn in it can't be had: prices that depend on it are not known until the next cycle.</summary>
    public bool IsCycleUnknown { get; init; }

    /// <summary>Stored price series that the tariff names.</summary>
    public ImmutableArray<PriceCurve> Curves { get; init; } = [];

    /// <summary>Price series of the site's programs, as the hub has them.</summary>
    public ImmutableArray<PriceSeries> Programs { get; init; } = [];
}
