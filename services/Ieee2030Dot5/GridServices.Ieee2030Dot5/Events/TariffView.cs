using GridServices.Ieee2030Dot5.Messages;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>A tariff assigned to an EndDevice, as last read with success: what the price engine sees of the walk.</summary>
/// <param name="Key">mRID of the TariffProfile; compared ignoring case.</param>
/// <param name="Profile">The profile itself.</param>
public sealed record TariffView(string Key, TariffProfile Profile)
{
    /// <summary>Lower wins; a tariff without a legible primacy is the weakest.</summary>
    public byte Primacy => Profile.Primacy ?? byte.MaxValue;

    /// <summary>The rate components that lead to prices, by mRID or address.</summary>
    public IReadOnlyList<ComponentView> Components { get; init; } = [];

    /// <summary>The intervals of all components.</summary>
    public IReadOnlyList<PricedInterval> Intervals { get; init; } = [];

    /// <summary>Intervals that could not be read.</summary>
    public IReadOnlyList<UnreadableItem> Unreadable { get; init; } = [];

    /// <summary>What of the tariff could not be read at all, with its href, so that no sum over its components is complete; null: nothing.</summary>
    public string? Hole { get; init; }

    /// <summary>True: every list was read to its end and legibly, so that what is not in it is not there.</summary>
    public bool IsWhole { get; init; }
}

/// <summary>A RateComponent: what its prices are per, and in which direction.</summary>
/// <param name="Key">mRID, or the address where it could not be read.</param>
/// <param name="Href">Where it stands, for people.</param>
/// <param name="Type">Its reading type; null where it could not be read.</param>
public sealed record ComponentView(string Key, string Href, ReadingType? Type);

/// <summary>A TimeTariffInterval with its component and its prices.</summary>
/// <param name="Interval">As sent, by the server's clock.</param>
/// <param name="ComponentKey">See <see cref="ComponentView.Key"/>; null: it names none that is known.</param>
/// <param name="Prices">From the summary, or from the list it links to; null: not known.</param>
public sealed record PricedInterval(TimeTariffInterval Interval, string? ComponentKey, IReadOnlyList<ConsumptionTariffInterval>? Prices)
{
    /// <summary>Its assignment has a clock of its own: seconds by which the interval was moved to stand by the server's. Null: it is dated by that.</summary>
    public long? ClockShiftS { get; init; }
}
