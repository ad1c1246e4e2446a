using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>A flow that the site's charging plan wants to be let have, and what the server grants of it.</summary>
public sealed record Reservation
{
    /// <summary>Its name at the API.</summary>
    public required string Id { get; init; }

    /// <summary>Its name at the server.</summary>
    public required string MRid { get; init; }

    /// <summary>Wh, never 0; positive = charging, negative = discharging, as IEEE 2030.5 has it in flow reservations.</summary>
    public required long EnergyWh { get; init; }

    /// <summary>W, more than 0.</summary>
    public required long PowerW { get; init; }

    /// <summary>Begin of the window, our time.</summary>
    public required Instant From { get; init; }

    /// <summary>End of the window, exclusive, our time.</summary>
    public required Instant Until { get; init; }

    /// <summary>The least time that the flow takes, seconds; null: not stated.</summary>
    public int? DurationS { get; init; }

    /// <summary>When it was asked for, our time.</summary>
    public required Instant CreatedAt { get; init; }

    /// <summary>Of the request that made it, hex: the same one makes no other.</summary>
    public required string Sha256 { get; init; }

    public ReservationPhase Phase { get; init; }

    /// <summary>Its path at the server; null: not known.</summary>
    public string? Href { get; init; }

    /// <summary>Why it is refused; null: it is not.</summary>
    public string? Why { get; init; }

    /// <summary>When it was withdrawn here, our time; null: it stands.</summary>
    public Instant? WithdrawnAt { get; init; }

    /// <summary>What the server granted, in the order in which it came.</summary>
    public ValueList<Grant> Grants { get; init; } = [];

    /// <summary>True while it asks for something: what its window allows is what was granted.</summary>
    public bool IsActive() => WithdrawnAt is null;
}

/// <summary>How far a reservation got at the server.</summary>
public enum ReservationPhase
{
    /// <summary>The server is to be asked.</summary>
    Wanted,

    /// <summary>The server has the request.</summary>
    Requested,

    /// <summary>The server refuses the request for good.</summary>
    Refused,

    /// <summary>The server is to be told that it is withdrawn.</summary>
    Withdrawing,

    /// <summary>The server knows that it is withdrawn, or never had it.</summary>
    Withdrawn,
}

/// <summary>A FlowReservationResponse and what became of it. Times are the server's.</summary>
public sealed record Grant
{
    /// <summary>As sent; compared ignoring case.</summary>
    public required string MRid { get; init; }

    /// <summary>Unix seconds.</summary>
    public required long CreationTime { get; init; }

    public int? Version { get; init; }
    public required Instant Start { get; init; }

    /// <summary>Exclusive.</summary>
    public required Instant End { get; init; }

    /// <summary>W, not negative, in the direction of the reservation.</summary>
    public required long PowerW { get; init; }

    /// <summary>Wh, not negative, in the direction of the reservation.</summary>
    public required long EnergyWh { get; init; }

    public string? ReplyTo { get; init; }
    public byte ResponseRequired { get; init; }
    public required Instant ReceivedAt { get; init; }

    /// <summary>An end that the server declared.</summary>
    public Ending? Ending { get; init; }

    /// <summary>True: it can't be meant, or was over when it came. It grants nothing.</summary>
    public bool IsRefused { get; init; }

    /// <summary>True: the server changed it without raising its version, which people were told.</summary>
    public bool IsDoubted { get; init; }

    /// <summary>Response statuses that have fallen due, in order.</summary>
    public ValueList<int> Told { get; init; } = [];

    /// <summary>When it begins to act: its start, or when it was first heard of.</summary>
    public Instant From() => Instant.Max(Start, ReceivedAt);

}
