using GridServices.Contracts;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Envelopes;

/// <summary>What a tariff's series states at the site, or (<see cref="Live"/> false) that it states nothing any more.</summary>
public sealed record PublishedPrices
{
    public required string Key { get; init; }
    public required long Revision { get; init; }
    public required bool Live { get; init; }

    /// <summary>As last stated: a withdrawal names one too.</summary>
    public required string Currency { get; init; }

    /// <summary>Null: withdrawn, or to be stated anew.</summary>
    public PriceStatement? Statement { get; init; }
}

/// <summary>A price series without its number and name. Equal by content.</summary>
public sealed record PriceStatement
{
    /// <summary>ISO 4217 letters.</summary>
    public required string Currency { get; init; }

    /// <summary>Per kWh; ascending, [from, until), server time.</summary>
    public required ValueList<PriceSegment> Segments { get; init; }

    public required Provenance Provenance { get; init; }

    /// <summary>Without what is past.</summary>
    public PriceStatement Ahead(Instant now) => this with { Segments = ScheduleDifference.Ahead(Segments, now).ToValueList() };

    /// <summary>True where the two say the same from <paramref name="now"/> on: time that has passed changes nothing.</summary>
    public static bool AreEquivalent(PriceStatement? one, PriceStatement? other, Instant now) =>
        ReferenceEquals(one, other) || (one is not null && other is not null && one.Ahead(now) == other.Ahead(now));
}
