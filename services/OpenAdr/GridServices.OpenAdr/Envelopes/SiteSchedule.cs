using GridServices.Contracts;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Envelopes;

/// <summary>What a program's stream states at a site: everything of an envelope but its number and name. Equal by content.</summary>
internal sealed record SiteSchedule
{
    public required Tier Tier { get; init; }
    public required Obligation Obligation { get; init; }
    public required ValueList<Segment> Segments { get; init; }
    public required ValueList<TargetSegment> Targets { get; init; }
    public required ValueList<PriceSegment> Prices { get; init; }
    public required string Currency { get; init; }
    public Limits? Default { get; init; }
    public Failsafe? Failsafe { get; init; }
    public required Provenance Provenance { get; init; }

    /// <summary>What of limits and targets could not be stated exactly, for people; empty: all is as the events state it.</summary>
    public string LimitsCoarsened { get; init; } = string.Empty;

    /// <summary>The same of prices.</summary>
    public string PricesCoarsened { get; init; } = string.Empty;

    /// <summary>True when the two say the same of limits and targets from <paramref name="now"/> on: time that has passed changes nothing.</summary>
    public static bool HaveEqualLimits(SiteSchedule? one, SiteSchedule? other, Instant now) =>
        ReferenceEquals(one, other) || (one is not null && other is not null && one.Ahead(now) with { Prices = [] } == other.Ahead(now) with { Prices = [] });

    /// <summary>The same for prices; no schedule has no prices.</summary>
    public static bool HaveEqualPrices(SiteSchedule? one, SiteSchedule? other, Instant now) =>
        ReferenceEquals(one, other) || PricesAhead(one, now).Equals(PricesAhead(other, now));

    private static ValueList<PriceSegment> PricesAhead(SiteSchedule? schedule, Instant now) => schedule?.Ahead(now).Prices ?? [];

    private SiteSchedule Ahead(Instant now) => this with
    {
        Segments = ScheduleDifference.Ahead(Segments, now).ToValueList(),
        Targets = ScheduleDifference.Ahead(Targets, now).ToValueList(),
        Prices = ScheduleDifference.Ahead(Prices, now).ToValueList(),
        LimitsCoarsened = string.Empty,
        PricesCoarsened = string.Empty,
    };
}
