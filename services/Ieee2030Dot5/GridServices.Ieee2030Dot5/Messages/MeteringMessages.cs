using GridServices.Wire;

namespace GridServices.Ieee2030Dot5.Messages;

/// <summary>A point whose readings the client mirrors to the server.</summary>
public sealed record MirrorUsagePoint : Resource
{
    /// <summary>Hex; CSIP-AUS: ends with the decimal digits of the PEN.</summary>
    public required string MRid { get; init; }

    public string? Description { get; init; }

    public int? Version { get; init; }

    /// <summary>RoleFlags bits: 0 mirror, 1 premises aggregation point, 3 DER, 6 submeter; site 03, DER 49.</summary>
    public required ushort RoleFlags { get; init; }

    /// <summary>0 = electricity.</summary>
    public byte ServiceCategoryKind { get; init; }

    /// <summary>0 off, 1 on.</summary>
    public byte Status { get; init; } = 1;

    /// <summary>LFDI of the device measured, 40 hex digits.</summary>
    public required string DeviceLFdi { get; init; }

    public ValueList<MirrorMeterReading> MeterReadings { get; init; } = [];

    /// <summary>Seconds between posts, as sent; null where not said.</summary>
    public long? PostRate { get; init; }
}

public sealed record MirrorUsagePointList : ResourceList<MirrorUsagePoint>;

/// <summary>Readings of one type at a mirror usage point.</summary>
public sealed record MirrorMeterReading : Resource
{
    public required string MRid { get; init; }

    public string? Description { get; init; }

    public int? Version { get; init; }

    /// <summary>Unix seconds.</summary>
    public long? LastUpdateTime { get; init; }

    public ValueList<MirrorReadingSet> ReadingSets { get; init; } = [];

    /// <summary>Unix seconds.</summary>
    public long? NextUpdateTime { get; init; }

    public Reading? Reading { get; init; }

    public ReadingType? ReadingType { get; init; }
}

/// <summary>Several meter readings in one post.</summary>
public sealed record MirrorMeterReadingList : ResourceList<MirrorMeterReading>;

/// <summary>Readings of a period.</summary>
public sealed record MirrorReadingSet
{
    public required string MRid { get; init; }

    public string? Description { get; init; }

    public int? Version { get; init; }

    public required DateTimeInterval TimePeriod { get; init; }

    public ValueList<Reading> Readings { get; init; } = [];
}

/// <summary>One value in the unit and power of ten of its reading type.</summary>
public sealed record Reading
{
    /// <summary>-2^47 to 2^47-1.</summary>
    public long? Value { get; init; }

    public DateTimeInterval? TimePeriod { get; init; }

    /// <summary>Bit 0 valid, 1 manually edited, 2 estimated by reference day, 3 by interpolation, 4 questionable, 5 derived, 6 projected.</summary>
    public ushort? QualityFlags { get; init; }

    public byte? ConsumptionBlock { get; init; }

    public byte? TouTier { get; init; }

    public ushort? LocalId { get; init; }
}

/// <summary>What the numbers of a reading are.</summary>
public sealed record ReadingType : Resource
{
    /// <summary>4 delta data, 9 summation, 12 instantaneous.</summary>
    public byte? AccumulationBehaviour { get; init; }

    /// <summary>1 electricity metered secondary, 2 primary.</summary>
    public byte? Commodity { get; init; }

    /// <summary>0 not applicable (an instantaneous value), 2 average, 8 maximum, 9 minimum, 12 normal.</summary>
    public byte? DataQualifier { get; init; }

    /// <summary>1 forward (delivered to the customer), 19 reverse.</summary>
    public byte? FlowDirection { get; init; }

    /// <summary>Seconds.</summary>
    public long? IntervalLength { get; init; }

    /// <summary>12 energy, 37 power.</summary>
    public byte? Kind { get; init; }

    /// <summary>0 n/a, 32 C, 33 CN, 64 B, 128 A, 129 AN, 224 ABC.</summary>
    public byte? Phase { get; init; }

    public int? PowerOfTenMultiplier { get; init; }

    public long? SubIntervalLength { get; init; }

    /// <summary>5 A, 29 V, 33 Hz, 38 W, 61 VA, 63 var, 65 cos φ, 72 Wh, 73 varh, 71 VAh.</summary>
    public byte? Uom { get; init; }
}
