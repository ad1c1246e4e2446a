namespace GridServices.Ieee2030Dot5.Messages;

/// <summary>A line of authority over loads: its controls and its rank.</summary>
public sealed record DemandResponseProgram : Resource
{
    /// <summary>Hex as sent; compare ignoring case.</summary>
    public required string MRid { get; init; }

    public string? Description { get; init; }

    public int? Version { get; init; }

    public ListLink? ActiveEndDeviceControlListLink { get; init; }

    /// <summary>Hundredths of a per cent: a change of availability that is worth a word.</summary>
    public int? AvailabilityUpdatePercentChangeThreshold { get; init; }

    public ActivePower? AvailabilityUpdatePowerChangeThreshold { get; init; }

    public ListLink? EndDeviceControlListLink { get; init; }

    /// <summary>Lower wins; 255 where it could not be read.</summary>
    public required byte Primacy { get; init; }

    /// <summary>False: the primacy is absent or illegible, so that nobody knows whom the program outranks.</summary>
    public bool HasPrimacy { get; init; } = true;
}

public sealed record DemandResponseProgramList : ResourceList<DemandResponseProgram>;

/// <summary>How much of its load an end device could shed.</summary>
public sealed record LoadShedAvailability : Resource
{
    /// <summary>Seconds for which the most can be shed.</summary>
    public long? AvailabilityDuration { get; init; }

    public Link? DemandResponseProgramLink { get; init; }

    /// <summary>Hundredths of a per cent of the present load.</summary>
    public int? SheddablePercent { get; init; }

    public ActivePower? SheddablePower { get; init; }
}

public sealed record LoadShedAvailabilityList : ResourceList<LoadShedAvailability>;
