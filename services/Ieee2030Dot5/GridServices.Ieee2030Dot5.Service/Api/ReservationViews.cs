using GridServices.Ieee2030Dot5.Events;
using GridServices.Ieee2030Dot5.Session;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Api;

/// <summary>A flow that is wanted.</summary>
public sealed record ReservationBody
{
    /// <summary>Absent: the client's only site.</summary>
    public string? SiteId { get; init; }

    /// <summary>Wh within the window; positive = charging, negative = discharging.</summary>
    public required long EnergyWh { get; init; }

    /// <summary>Sustained power, W, more than 0 in either direction.</summary>
    public required long PowerW { get; init; }

    /// <summary>Begin of the window.</summary>
    public required Instant From { get; init; }

    /// <summary>End of the window, exclusive.</summary>
    public required Instant Until { get; init; }

    /// <summary>The least time that the flow takes, at most 65535 s; absent: not stated to the server.</summary>
    public Duration? LeastDuration { get; init; }

    internal ReservationWish ToWish() => new(SiteId, EnergyWh, PowerW, From, Until, LeastDuration);
}

/// <summary>A flow reservation and where it stands.</summary>
public sealed record ReservationItem
{
    public required string ReservationId { get; init; }
    public required string SiteId { get; init; }

    /// <summary>
    /// wanted: the server is still to be asked; requested: it has the request; refused: for good, and nothing may flow; withdrawing: the server is to be told;
    /// withdrawn: it was.
    /// </summary>
    public required ReservationPhase Status { get; init; }

    /// <summary>Wh; positive = charging, negative = discharging.</summary>
    public required long EnergyWh { get; init; }

    /// <summary>W.</summary>
    public required long PowerW { get; init; }

    public required Instant From { get; init; }

    /// <summary>Exclusive.</summary>
    public required Instant Until { get; init; }

    public Duration? LeastDuration { get; init; }

    /// <summary>Its mRID at the server.</summary>
    public required string MRid { get; init; }

    /// <summary>Its path at the server, where that is known.</summary>
    public string? Href { get; init; }

    /// <summary>Why it is refused.</summary>
    public string? Reason { get; init; }

    public required Instant CreatedAt { get; init; }
    public Instant? WithdrawnAt { get; init; }

    /// <summary>What the server answered, in the order in which it came.</summary>
    public required IReadOnlyList<GrantItem> Grants { get; init; }

    internal static ReservationItem Create(string siteId, Reservation r, Duration offset) => new()
    {
        ReservationId = r.Id,
        SiteId = siteId,
        Status = r.Phase,
        EnergyWh = r.EnergyWh,
        PowerW = r.PowerW,
        From = r.From,
        Until = r.Until,
        LeastDuration = r.DurationS is { } seconds ? Duration.FromSeconds(seconds) : null,
        MRid = r.MRid,
        Href = r.Href,
        Reason = r.Why,
        CreatedAt = r.CreatedAt,
        WithdrawnAt = r.WithdrawnAt,
        Grants = [.. r.Grants.Select(g => GrantItem.Create(r, g, offset))],
    };
}

/// <summary>What the server grants of a reservation (FlowReservationResponse); times by our clock.</summary>
public sealed record GrantItem
{
    public required string MRid { get; init; }
    public required Instant From { get; init; }

    /// <summary>Exclusive: its end, or sooner where it was cancelled, superseded or its energy is used up at its power.</summary>
    public required Instant Until { get; init; }

    /// <summary>W, in the reservation's direction.</summary>
    public required long PowerW { get; init; }

    /// <summary>Wh, signed as the reservation's.</summary>
    public required long EnergyWh { get; init; }

    /// <summary>Response statuses that fell due: 1 received, 2 started, 3 completed, 6 cancelled, 7 superseded, 253 and 254 refused.</summary>
    public required IReadOnlyList<int> Told { get; init; }

    internal static GrantItem Create(Reservation reservation, Grant grant, Duration offset) => new()
    {
        MRid = grant.MRid,
        From = grant.From() - offset,
        Until = (grant.IsRefused ? grant.End : GrantLife.UsedUp(reservation, grant)) - offset,
        PowerW = grant.IsRefused ? 0 : grant.PowerW,
        EnergyWh = grant.IsRefused ? 0 : Math.Sign(reservation.EnergyWh) * grant.EnergyWh,
        Told = [.. grant.Told],
    };
}
