using System.Collections.Immutable;
using GridServices.Tariffs.Readers;
using NodaTime;

namespace GridServices.Tariffs.Model;

/// <summary>
/// One version of a tariff, as a person would write it down: when (seasons, day types, schedules) and what (charges).
/// Prices are in major units of <see cref="Currency"/>; all local times are wall clock time in <see cref="TimeZone"/>.
/// JSON schema v1; read by <see cref="TariffJson"/>, which also checks it.
/// </summary>
public sealed record Tariff
{
    /// <summary>The schema this record is.</summary>
    public const int CurrentSchema = 1;

    public required int SchemaVersion { get; init; }
    public required string Id { get; init; }

    /// <summary>The version's name; with <see cref="Id"/> it names one immutable content.</summary>
    public string Version { get; init; } = "1";

    public string? Name { get; init; }
    public string? Utility { get; init; }
    public string? Source { get; init; }

    /// <summary>ISO 4217.</summary>
    public required string Currency { get; init; }

    /// <summary>IANA zone.</summary>
    public required string TimeZone { get; init; }

    /// <summary>First local day on which this version holds; absent = always has.</summary>
    public LocalDate? EffectiveFrom { get; init; }

    /// <summary>First local day on which it no longer holds; absent = open.</summary>
    public LocalDate? EffectiveUntil { get; init; }

    public ImmutableArray<Season> Seasons { get; init; } = [];
    public ImmutableArray<Holiday> Holidays { get; init; } = [];
    public ImmutableArray<DayType> DayTypes { get; init; } = [];
    public ImmutableArray<Schedule> Schedules { get; init; } = [];

    /// <summary>What "kW" means in kWh/kW tiers; absent = the highest import of the billing period.</summary>
    public BillingDemand? BillingDemand { get; init; }

    public ImmutableArray<EnergyCharge> Energy { get; init; } = [];
    public ImmutableArray<DemandCharge> Demand { get; init; } = [];
    public ImmutableArray<SubscriptionCharge> Subscriptions { get; init; } = [];
    public ImmutableArray<ContractedPower> ContractedPower { get; init; } = [];
    public ImmutableArray<ReactiveCharge> Reactive { get; init; } = [];
    public ImmutableArray<FixedCharge> Fixed { get; init; } = [];

    /// <summary>Pairs of an energy and a demand price by the year's hours of use.</summary>
    public ImmutableArray<HoursOfUseCharge> HoursOfUse { get; init; } = [];

    /// <summary>How prices per month are due for cycles that are no month; absent = once for 25 to 35 days, else each month's share of days.</summary>
    public Proration? Proration { get; init; }

    /// <summary>What exported energy is worth; absent = nothing, and it offsets nothing.</summary>
    public ExportTerms? Export { get; init; }

    public ImmutableArray<MaximumCharge> Maximums { get; init; } = [];

    public ImmutableArray<MinimumBill> Minimums { get; init; } = [];

    /// <summary>Prices per kWh, kW or bill with days of their own.</summary>
    public ImmutableArray<Rider> Riders { get; init; } = [];

    /// <summary>Percentages of other lines, riders and taxes, in the order in which they are calculated.</summary>
    public ImmutableArray<Adjustment> Adjustments { get; init; } = [];

    public Rounding? Rounding { get; init; }

    /// <summary>What the source said and this model does not calculate; shown on every bill.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];
}
