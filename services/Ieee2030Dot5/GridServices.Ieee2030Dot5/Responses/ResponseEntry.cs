using NodaTime;

namespace GridServices.Ieee2030Dot5.Responses;

/// <summary>A response to an event, owed or done with. One per (mRID, status, LFDI).</summary>
public sealed record ResponseEntry
{
    /// <summary>The event, as the server spells it.</summary>
    public required string MRid { get; init; }

    /// <summary>See <see cref="Messages.ResponseStatus"/>.</summary>
    public required byte Status { get; init; }

    /// <summary>The EndDevice that answers.</summary>
    public required string Lfdi { get; init; }

    /// <summary>Path to post to.</summary>
    public required string Path { get; init; }

    /// <summary>When it fell due, server time.</summary>
    public required Instant At { get; init; }

    /// <summary>End of the event, server time: a Started not taken by then is not sent any more.</summary>
    public Instant? Until { get; init; }

    /// <summary>True: it answers a TimeTariffInterval.</summary>
    public bool IsPrice { get; init; }

    /// <summary>True: it answers a FlowReservationResponse.</summary>
    public bool IsReservation { get; init; }

    /// <summary>True: it answers an EndDeviceControl.</summary>
    public bool IsLoadControl { get; init; }

    /// <summary>Seconds for which people overrode it; null: not told.</summary>
    public int? OverrideS { get; init; }

    public ResponseOutcome Outcome { get; init; }

    /// <summary>Why it is parked; null otherwise.</summary>
    public string? Reason { get; init; }
}

/// <summary>How far a response got.</summary>
public enum ResponseOutcome
{
    Owed,

    /// <summary>The server has it.</summary>
    Taken,

    /// <summary>The server refuses it for good; a person may look why.</summary>
    Parked,

    /// <summary>It came too late to be of use.</summary>
    Expired,
}
