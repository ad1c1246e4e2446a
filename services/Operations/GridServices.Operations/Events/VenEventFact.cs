using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations.Events;

/// <summary>An event as one VEN knows it now (<c>GET /v1/vens/{venKey}/events</c> of the OpenAdr service).</summary>
public sealed record VenEventFact
{
    public required string VenKey { get; init; }

    /// <summary>Who the VTN is, the same for every VEN of it: its host, or the utility's name. Event ids are unique per VTN.</summary>
    public required string Utility { get; init; }

    /// <summary>The sites of the VEN that the event is for.</summary>
    public required ValueList<string> Sites { get; init; }

    public required string EventId { get; init; }
    public required long ModificationNumber { get; init; }
    public string? MarketContext { get; init; }
    public required VenEventStatus Status { get; init; }

    /// <summary>With the drawn offset; null where it was not legible.</summary>
    public Instant? Start { get; init; }

    /// <summary>Exclusive, with the drawn offset; null = until cancelled.</summary>
    public Instant? End { get; init; }

    /// <summary>Seconds drawn for the start, contained in the times.</summary>
    public long? RandomizedByS { get; init; }

    public bool? TestEvent { get; init; }

    /// <summary>Null where nothing was answered.</summary>
    public bool? OptedIn { get; init; }

    public bool OptByPerson { get; init; }

    /// <summary>The person, or the token's name.</summary>
    public string? OptBy { get; init; }

    public string? OptReason { get; init; }
    public Instant? OptAt { get; init; }
    public Instant? ReceivedAt { get; init; }

    /// <summary>Of the message.</summary>
    public string? Sha256 { get; init; }

    /// <summary>What the refusal says; null where the event was taken.</summary>
    public string? RefusedBecause { get; init; }

    public string? VtnComment { get; init; }
    public ValueList<EventSignal> Signals { get; init; } = [];
}

/// <summary>The words of the OpenAdr service.</summary>
public enum VenEventStatus
{
    Far,
    Near,
    Active,
    Completed,
    Refused,
    NotListed,
    Cancelled,
}

/// <summary>A control as one end device knows it now (<c>GET /v1/clients/{clientKey}/controls</c> of the Ieee2030Dot5 service), its times by our clock.</summary>
public sealed record ControlFact
{
    public required string ClientKey { get; init; }

    /// <summary>Who the server is, the same for every client of it.</summary>
    public required string Utility { get; init; }

    public required string SiteId { get; init; }
    public required string MRid { get; init; }
    public required string Program { get; init; }
    public required ControlState Status { get; init; }

    /// <summary>With the drawn offset.</summary>
    public required Instant Start { get; init; }

    /// <summary>Exclusive, with the drawn offsets; sooner where it was ended before its time.</summary>
    public required Instant End { get; init; }

    public long StartOffsetS { get; init; }
    public long DurationOffsetS { get; init; }
    public required Instant ReceivedAt { get; init; }
    public ValueList<EventSignal> Settings { get; init; } = [];

    /// <summary>Response statuses that the server has taken: 1 received, 2 started, 3 completed…</summary>
    public ValueList<int> Told { get; init; } = [];

    public string? Sha256 { get; init; }
}

/// <summary>The words of the Ieee2030Dot5 service.</summary>
public enum ControlState
{
    Scheduled,
    Active,
    Completed,
    Cancelled,
    Superseded,

    /// <summary>Its program is no longer assigned to the device.</summary>
    Removed,
}

/// <summary>What the utility asked, in its own words: a signal's name, type, unit and steps, or a control's mode.</summary>
public sealed record EventSignal(string Name, ValueList<SignalValue> Steps, string? Type = null, string? Unit = null);

/// <summary>[<see cref="From"/>, <see cref="Until"/>); null = from the start, to the end of the event.</summary>
public sealed record SignalValue(decimal Value, Instant? From = null, Instant? Until = null);
