namespace GridServices.Ieee2030Dot5.Messages;

/// <summary>An event: what the server grants of a request.</summary>
public sealed record FlowReservationResponse : Resource
{
    /// <summary>Hex as sent; compare ignoring case.</summary>
    public required string MRid { get; init; }

    public string? Description { get; init; }

    public int? Version { get; init; }

    /// <summary>Unix seconds.</summary>
    public required long CreationTime { get; init; }

    public required EventStatus EventStatus { get; init; }

    public required DateTimeInterval Interval { get; init; }

    /// <summary>Wh, signed as in the request.</summary>
    public required Quantity EnergyAvailable { get; init; }

    /// <summary>W.</summary>
    public required ActivePower PowerAvailable { get; init; }

    /// <summary>mRID of the request, as sent.</summary>
    public required string Subject { get; init; }

    /// <summary>Where responses go, as sent; null = nowhere.</summary>
    public string? ReplyTo { get; init; }

    /// <summary>Bit 0 received, bit 1 specific; null = none asked.</summary>
    public byte? ResponseRequired { get; init; }
}

public sealed record FlowReservationResponseList : ResourceList<FlowReservationResponse>;

/// <summary>A response to a FlowReservationResponse.</summary>
public sealed record FlowReservationResponseResponse : Response;
