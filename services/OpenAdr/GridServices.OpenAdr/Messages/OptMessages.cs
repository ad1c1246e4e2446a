using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Messages;

/// <summary>VEN → VTN: an opt schedule (<see cref="Availability"/>), or the qualification of one event.</summary>
public sealed record OadrCreateOpt : OadrMessage
{
    public required string OptId { get; init; }
    public required OptType OptType { get; init; }

    /// <summary>One of <see cref="OptReasons"/> or an <c>x-</c> text.</summary>
    public required string OptReason { get; init; }

    public string? MarketContext { get; init; }
    public required string VenId { get; init; }

    /// <summary>Null where an event is qualified; there every period has start and duration only, duration zero = open-ended (OpenADR 2.0b rules 200, 210).</summary>
    public ValueList<CalendarInterval>? Availability { get; init; }

    public required Instant CreatedDateTime { get; init; }
    public required string RequestId { get; init; }
    public QualifiedEventId? QualifiedEventId { get; init; }
    public required EiTarget Target { get; init; }

    /// <summary>Device class only (rule 209).</summary>
    public EiTarget? DeviceClass { get; init; }
}

public sealed record OadrCreatedOpt(EiResponse Response, string OptId) : OadrMessage;

public sealed record OadrCancelOpt(string RequestId, string OptId, string VenId) : OadrMessage;

public sealed record OadrCanceledOpt(EiResponse Response, string? OptId) : OadrMessage;

public static class OptReasons
{
    public const string Economic = "economic";
    public const string Emergency = "emergency";
    public const string MustRun = "mustRun";
    public const string NotParticipating = "notParticipating";
    public const string OutageRunStatus = "outageRunStatus";
    public const string OverrideStatus = "overrideStatus";
    public const string Participating = "participating";
    public const string Schedule = "x-schedule";

    /// <summary>All that the standard lists.</summary>
    public static IReadOnlyList<string> All { get; } =
        [Economic, Emergency, MustRun, NotParticipating, OutageRunStatus, OverrideStatus, Participating, Schedule];
}
