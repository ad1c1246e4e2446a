namespace GridServices.Ieee2030Dot5.Messages;

/// <summary>A client asks to let energy flow into or out of its store within a window (IEEE 2030.5 flow reservation).</summary>
public sealed record FlowReservationRequest : Resource
{
    public required string MRid { get; init; }

    public string? Description { get; init; }

    public int? Version { get; init; }

    /// <summary>Unix seconds.</summary>
    public required long CreationTime { get; init; }

    /// <summary>The least time that the flow takes, seconds, 0 to 65,535.</summary>
    public int? DurationRequested { get; init; }

    /// <summary>Wh; positive = charging, negative = discharging: the other way round than for DER.</summary>
    public required Quantity EnergyRequested { get; init; }

    /// <summary>The window within which it is to flow.</summary>
    public required DateTimeInterval IntervalRequested { get; init; }

    /// <summary>W, the sustained power.</summary>
    public required ActivePower PowerRequested { get; init; }

    public required RequestStatus RequestStatus { get; init; }
}

/// <summary>Whether a request stands.</summary>
/// <param name="Status">See <see cref="Requested"/> and <see cref="Cancelled"/>.</param>
/// <param name="DateTime">Unix seconds since when.</param>
public sealed record RequestStatus(byte Status, long DateTime)
{
    public const byte Requested = 0;
    public const byte Cancelled = 1;
}

public sealed record FlowReservationRequestList : ResourceList<FlowReservationRequest>;
