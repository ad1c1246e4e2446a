using System.Text.Json.Serialization;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations.Events;

/// <summary>One event of a utility, however many VENs and devices were told of it.</summary>
public sealed record Event
{
    public required string Tenant { get; init; }

    /// <summary>
    /// <c>openadr:{utility}/{eventId}</c>, <c>2030.5:{utility}/{mRID}</c> or <c>manual:{id}</c>: the same for all that were told of it.
    /// </summary>
    public required string Source { get; init; }

    public required EventOrigin Origin { get; init; }

    /// <summary>The program's own name: a market context, a 2030.5 program.</summary>
    public string? Program { get; init; }

    /// <summary>Of the enrollments that the event is for; null where none was found, or where they differ.</summary>
    public string? TemplateCode { get; init; }

    public bool IsTest { get; init; }

    /// <summary>When the first of our VENs or devices heard of it.</summary>
    public required Instant AnnouncedAt { get; init; }

    /// <summary>As the utility said, before any offset is drawn.</summary>
    public required Instant From { get; init; }

    /// <summary>Exclusive; null = until cancelled.</summary>
    public Instant? Until { get; init; }

    /// <summary>When the last site that held it said that it is cancelled; null = it is not.</summary>
    public Instant? CancelledAt { get; init; }

    /// <summary>Everything the utility ever said about it, oldest first; the last one holds.</summary>
    public ValueList<EventRevision> Revisions { get; init; } = [];

    /// <summary>In the order of their ids.</summary>
    public ValueList<EventSite> Sites { get; init; } = [];

    [JsonIgnore]
    public EventRevision Current => Revisions[^1];

    public EventSite? Site(string siteId) => Sites.FirstOrDefault(s => s.SiteId == siteId);

    /// <summary>Where the event is in its life. One without an end that has begun is live until it is cancelled.</summary>
    public EventPhase PhaseAt(Instant now) =>
        Until <= now ? (CancelledAt < Until ? CancelledPhase : EventPhase.Ended)
        : CancelledAt is not null && CancelledAt <= now ? CancelledPhase
        : From <= now ? EventPhase.Live
        : EventPhase.Next;

    /// <summary>Where the event really ended: its end, or when it was cancelled before that; null = it has no end yet.</summary>
    [JsonIgnore]
    public Instant? Over => CancelledAt is { } cancelled && !(cancelled >= Until) ? cancelled : Until;

    /// <summary>One that was cancelled before it began never was; one cut short has ended.</summary>
    private EventPhase CancelledPhase => CancelledAt <= From ? EventPhase.Cancelled : EventPhase.Ended;
}

public enum EventOrigin
{
    [JsonStringEnumMemberName("openadr")]
    OpenAdr,

    [JsonStringEnumMemberName("2030.5")]
    Ieee2030Dot5,

    Manual,
}

public enum EventPhase
{
    Next,
    Live,
    Ended,

    /// <summary>Called off before it began.</summary>
    Cancelled,
}

/// <summary>What the utility said at one time.</summary>
public sealed record EventRevision
{
    /// <summary>OpenADR's modificationNumber; of 2030.5, which has none, counted from 0.</summary>
    public required long Number { get; init; }

    /// <summary>When the first of ours heard it.</summary>
    public required Instant ToldAt { get; init; }

    public required Instant From { get; init; }
    public Instant? Until { get; init; }
    public bool Cancelled { get; init; }
    public ValueList<EventSignal> Signals { get; init; } = [];

    /// <summary>SHA-256 of the messages that said it, in order.</summary>
    public ValueList<string> Messages { get; init; } = [];

    /// <summary>What is different from the one before.</summary>
    public ValueList<EventChange> Changes { get; init; } = [];
}

/// <summary>How a revision differs.</summary>
public enum EventChange
{
    Announced,
    StartMoved,
    EndMoved,
    SignalChanged,
    Cancelled,

    /// <summary>It was cancelled and is called again.</summary>
    Reinstated,
}
