using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Messages;

/// <summary>VEN → VTN: all my events, please. Answered by <see cref="OadrDistributeEvent"/>.</summary>
public sealed record OadrRequestEvent(string RequestId, string VenId, uint? ReplyLimit = null) : OadrMessage;

/// <summary>VTN → VEN: every far, near and active event there is (rule 50); one that is not here is cancelled by implication (rule 61).</summary>
public sealed record OadrDistributeEvent : OadrMessage
{
    public EiResponse? Response { get; init; }
    public required string RequestId { get; init; }
    public required string VtnId { get; init; }

    /// <summary>In the order received; an event that could not be read fails alone (rule 19).</summary>
    public ValueList<Readable<OadrEvent>> Events { get; init; } = [];
}

/// <summary>VEN → VTN: opt per event. Without event responses the <see cref="Response"/> carries a payload-level error (rule 35).</summary>
public sealed record OadrCreatedEvent(EiResponse Response, ValueList<EventResponse> EventResponses, string VenId) : OadrMessage;

/// <summary>The answer to one event; <see cref="RequestId"/> = that of the distributeEvent which brought it (rule 42).</summary>
public sealed record EventResponse(int Code, string? Description, string RequestId, QualifiedEventId QualifiedEventId, OptType OptType);

/// <summary>An event: who, when, which signals.</summary>
public sealed record OadrEvent
{
    public required EventDescriptor Descriptor { get; init; }
    public required CalendarInterval ActivePeriod { get; init; }
    public required ValueList<EventSignal> Signals { get; init; }
    public EventBaseline? Baseline { get; init; }

    /// <summary>Empty = this VEN with all it has; several members are OR-ed (rule 22).</summary>
    public required EiTarget Target { get; init; }

    public required ResponseRequired ResponseRequired { get; init; }
}

public sealed record EventDescriptor
{
    public required string EventId { get; init; }
    public required uint ModificationNumber { get; init; }
    public Instant? ModificationDateTime { get; init; }
    public string? ModificationReason { get; init; }

    /// <summary>Lower = more important, except 0 and null = least (rule 3).</summary>
    public uint? Priority { get; init; }

    /// <summary>URI of the program.</summary>
    public required string MarketContext { get; init; }

    public required Instant CreatedDateTime { get; init; }

    /// <summary>As the VTN says; only <see cref="EventStatus.Cancelled"/> binds (rules 114, 115).</summary>
    public required EventStatus Status { get; init; }

    /// <summary>Null or "false" = a real event, anything else a test (rule 6).</summary>
    public string? TestEvent { get; init; }

    public string? VtnComment { get; init; }
}

/// <summary>xcal:properties: a start, a duration and the tolerances around them. The period is [start, start + duration).</summary>
public sealed record CalendarInterval
{
    public required Instant Start { get; init; }

    /// <summary>Zero = open-ended (rule 47). Never negative.</summary>
    public required Period Duration { get; init; }

    /// <summary>The start may be delayed by up to this (rule 30). Never negative.</summary>
    public Period? StartAfter { get; init; }

    public Period? Notification { get; init; }

    /// <summary>Before the start; negative = inside the active period.</summary>
    public Period? RampUp { get; init; }

    /// <summary>After the end; negative = inside the active period.</summary>
    public Period? Recovery { get; init; }
}

public sealed record EventSignal
{
    public required ValueList<SignalInterval> Intervals { get; init; }

    /// <summary>Narrows the event's target, AND-ed with it (rule 111).</summary>
    public EiTarget? Target { get; init; }

    /// <summary>One of <see cref="SignalNames"/> or an <c>x-</c> name.</summary>
    public required string SignalName { get; init; }

    public required SignalType SignalType { get; init; }
    public required string SignalId { get; init; }
    public ItemBase? ItemBase { get; init; }

    /// <summary>Informational (rules 14, 29, 110).</summary>
    public double? CurrentValue { get; init; }
}

/// <summary>One step of a signal or baseline; steps follow one another from the period's start.</summary>
/// <param name="Start">Should not be there (rule 103); some VTNs send it.</param>
/// <param name="Duration">Null only where it is not sent.</param>
/// <param name="Uid">Position, from "0" (rule 2).</param>
/// <param name="Value">Finite; its unit is the signal's.</param>
public sealed record SignalInterval(Instant? Start, Period? Duration, string? Uid, double Value);

public sealed record EventBaseline
{
    public required Instant Start { get; init; }
    public required Period Duration { get; init; }
    public required ValueList<SignalInterval> Intervals { get; init; }
    public required string BaselineId { get; init; }
    public ValueList<string> ResourceIds { get; init; } = [];
    public required string BaselineName { get; init; }
    public ItemBase? ItemBase { get; init; }
}

public enum EventStatus
{
    None,
    Far,
    Near,
    Active,
    Completed,
    Cancelled,
}

public enum ResponseRequired
{
    Always,
    Never,
}

public enum SignalType
{
    Delta,
    Level,
    Multiplier,
    Price,
    PriceMultiplier,
    PriceRelative,
    Setpoint,
    LoadControlCapacity,
    LoadControlLevelOffset,
    LoadControlPercentOffset,
    LoadControlSetpoint,
}

/// <summary>The signal names of the profile (Table 1). <c>simple</c> in lower case is read as <see cref="Simple"/>.</summary>
public static class SignalNames
{
    public const string Simple = "SIMPLE";
    public const string ElectricityPrice = "ELECTRICITY_PRICE";
    public const string EnergyPrice = "ENERGY_PRICE";
    public const string DemandCharge = "DEMAND_CHARGE";
    public const string BidPrice = "BID_PRICE";
    public const string BidLoad = "BID_LOAD";
    public const string BidEnergy = "BID_ENERGY";
    public const string ChargeState = "CHARGE_STATE";
    public const string LoadDispatch = "LOAD_DISPATCH";
    public const string LoadControl = "LOAD_CONTROL";

    public static IReadOnlyList<string> All { get; } =
        [Simple, ElectricityPrice, EnergyPrice, DemandCharge, BidPrice, BidLoad, BidEnergy, ChargeState, LoadDispatch, LoadControl];
}
