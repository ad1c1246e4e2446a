namespace GridServices.Ieee2030Dot5.Messages;

/// <summary>A tariff the utility publishes.</summary>
public sealed record TariffProfile : Resource
{
    public required string MRid { get; init; }

    public string? Description { get; init; }

    public int? Version { get; init; }

    /// <summary>ISO 4217 number, e.g. 36 = AUD.</summary>
    public int? Currency { get; init; }

    public int? PricePowerOfTenMultiplier { get; init; }

    /// <summary>Lower wins.</summary>
    public byte? Primacy { get; init; }

    public string? RateCode { get; init; }

    public ListLink? RateComponentListLink { get; init; }

    public byte? ServiceCategoryKind { get; init; }

    /// <summary>CSIP-AUS 1.3.</summary>
    public ListLink? CombinedTimeTariffIntervalListLink { get; init; }
}

public sealed record TariffProfileList : ResourceList<TariffProfile>;

/// <summary>A component of a tariff, e.g. import or export.</summary>
public sealed record RateComponent : Resource
{
    public required string MRid { get; init; }

    public string? Description { get; init; }

    public int? Version { get; init; }

    public ListLink? ActiveTimeTariffIntervalListLink { get; init; }

    public Link? ReadingTypeLink { get; init; }

    public ushort? RoleFlags { get; init; }

    public ListLink? TimeTariffIntervalListLink { get; init; }
}

public sealed record RateComponentList : ResourceList<RateComponent>;

/// <summary>An interval of prices; an event like a control.</summary>
public sealed record TimeTariffInterval : Resource
{
    public required string MRid { get; init; }

    public string? Description { get; init; }

    public int? Version { get; init; }

    /// <summary>Unix seconds.</summary>
    public required long CreationTime { get; init; }

    public required EventStatus EventStatus { get; init; }

    public required DateTimeInterval Interval { get; init; }

    /// <summary>Seconds, -3,600 to 3,600.</summary>
    public int? RandomizeDuration { get; init; }

    /// <summary>Seconds, -3,600 to 3,600.</summary>
    public int? RandomizeStart { get; init; }

    public ListLink? ConsumptionTariffIntervalListLink { get; init; }

    public byte? TouTier { get; init; }

    /// <summary>CSIP-AUS 1.3: the prices at once, without another request.</summary>
    public ConsumptionTariffIntervalList? Summary { get; init; }

    /// <summary>CSIP-AUS 1.3.</summary>
    public Link? RateComponentLink { get; init; }

    public string? ReplyTo { get; init; }

    public byte? ResponseRequired { get; init; }
}

public sealed record TimeTariffIntervalList : ResourceList<TimeTariffInterval>;

/// <summary>A price from a consumption on; in units and powers of ten of tariff profile and reading type.</summary>
public sealed record ConsumptionTariffInterval : Resource
{
    public byte? ConsumptionBlock { get; init; }

    public required int Price { get; init; }

    public long? StartValue { get; init; }
}

public sealed record ConsumptionTariffIntervalList : ResourceList<ConsumptionTariffInterval>;
