namespace GridServices.Ieee2030Dot5.Messages;

/// <summary>A device as the server knows it.</summary>
public sealed record EndDevice : Resource
{
    /// <summary>Hex as sent; compare ignoring case. Null where not sent.</summary>
    public string? LFdi { get; init; }

    /// <summary>12 digits with check digit, as sent: not yet checked.</summary>
    public required long SFdi { get; init; }

    /// <summary>Unix seconds.</summary>
    public required long ChangedTime { get; init; }

    /// <summary>DeviceCategory bits.</summary>
    public uint? DeviceCategory { get; init; }

    /// <summary>Null where not said, which means enabled.</summary>
    public bool? Enabled { get; init; }

    /// <summary>Seconds between posts of readings, as sent.</summary>
    public long? PostRate { get; init; }

    public ListLink? DerListLink { get; init; }

    public Link? DeviceInformationLink { get; init; }

    public Link? DeviceStatusLink { get; init; }

    public ListLink? LoadShedAvailabilityListLink { get; init; }

    public ListLink? LogEventListLink { get; init; }

    public ListLink? FlowReservationRequestListLink { get; init; }

    public ListLink? FlowReservationResponseListLink { get; init; }

    public ListLink? FunctionSetAssignmentsListLink { get; init; }

    public Link? RegistrationLink { get; init; }

    public ListLink? SubscriptionListLink { get; init; }

    /// <summary>CSIP-AUS.</summary>
    public Link? ConnectionPointLink { get; init; }
}

public sealed record EndDeviceList : ResourceList<EndDevice>;

/// <summary>Proof that the server means this very device.</summary>
public sealed record Registration : Resource
{
    /// <summary>Unix seconds.</summary>
    public long DateTimeRegistered { get; init; }

    /// <summary>Five digits and a check digit, as sent.</summary>
    public required long Pin { get; init; }

    /// <summary>Seconds between polls, as sent; null where not said.</summary>
    public long? PollRate { get; init; }
}

/// <summary>CSIP-AUS: where the site is connected to the grid.</summary>
public sealed record ConnectionPoint : Resource
{
    /// <summary>The NMI, as a rule; at most 32 characters.</summary>
    public required string ConnectionPointId { get; init; }
}
