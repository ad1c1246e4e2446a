namespace GridServices.Ieee2030Dot5.Messages;

/// <summary>Links a device capability and an assignment have in common.</summary>
public abstract record FunctionSetLinks : Resource
{
    public ListLink? DemandResponseProgramListLink { get; init; }

    public ListLink? DerProgramListLink { get; init; }

    public ListLink? MessagingProgramListLink { get; init; }

    public ListLink? ResponseSetListLink { get; init; }

    public ListLink? TariffProfileListLink { get; init; }

    public Link? TimeLink { get; init; }

    public ListLink? UsagePointListLink { get; init; }
}

/// <summary>The entry of a server: what it has, and where.</summary>
public sealed record DeviceCapability : FunctionSetLinks
{
    /// <summary>Seconds between polls, as sent; null where not said.</summary>
    public long? PollRate { get; init; }

    public ListLink? EndDeviceListLink { get; init; }

    public ListLink? MirrorUsagePointListLink { get; init; }

    public Link? SelfDeviceLink { get; init; }
}

/// <summary>Which programs and tariffs concern an end device.</summary>
public sealed record FunctionSetAssignments : FunctionSetLinks
{
    public string? MRid { get; init; }

    public string? Description { get; init; }

    public int? Version { get; init; }
}

public sealed record FunctionSetAssignmentsList : ResourceList<FunctionSetAssignments>;

/// <summary>The server's clock. All times are Unix seconds, all offsets seconds.</summary>
public sealed record TimeResource : Resource
{
    /// <summary>1 to the end of the year 9999.</summary>
    public required long CurrentTime { get; init; }

    public long? DstEndTime { get; init; }

    public int? DstOffset { get; init; }

    public long? DstStartTime { get; init; }

    public long? LocalTime { get; init; }

    /// <summary>3 from an external authoritative source, 4 level 3, 5 level 4, 6 level 5, 7 intentionally uncoordinated; null where not said.</summary>
    public byte? Quality { get; init; }

    public int? TzOffset { get; init; }

    /// <summary>Seconds between polls, as sent; null where not said.</summary>
    public long? PollRate { get; init; }
}
