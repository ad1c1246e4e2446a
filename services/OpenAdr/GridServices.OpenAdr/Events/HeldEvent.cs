using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Events;

/// <summary>An event as it was received, and what was drawn, answered and decided about it.</summary>
public sealed record HeldEvent
{
    /// <summary>As received, at its highest modification number.</summary>
    public required OadrEvent Event { get; init; }

    /// <summary>requestID of the oadrDistributeEvent that brought it last; echoed in every answer (OpenADR 2.0b rule 42).</summary>
    public required string RequestId { get; init; }

    public required Instant ReceivedAt { get; init; }

    /// <summary>SHA-256 of the raw message that brought this modification, lower-case hex.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Seconds, 0..startafter, drawn once (OpenADR 2.0b rule 30).</summary>
    public long OffsetS { get; init; }

    public required OptType Opt { get; init; }

    /// <summary>True: a person chose <see cref="Opt"/>; a modification keeps it.</summary>
    public bool OptByPerson { get; init; }

    /// <summary>Who chose, when and why; null: nobody did, or it was not noted.</summary>
    public PersonalChoice? Choice { get; init; }

    /// <summary>The optReason of the schedule that opts the event out; null: none does.</summary>
    public string? ScheduledReason { get; init; }

    /// <summary>Set when the event was cancelled while active: it ends here (OpenADR 2.0b rule 65).</summary>
    public Instant? CancelledAt { get; init; }

    /// <summary>What was measured at sites when the event began, where the program's policy refers to it (<see cref="LoadReference.PresentLoad"/>, <see cref="ChargeStatePolicy.CapacityWh"/>); drawn once.</summary>
    public ValueList<PresentLoad> PresentLoads { get; init; } = [];

    /// <summary>
    /// The vtnID of the registration that brought the event, where that one ended and the VTN has said nothing of the event since; null: the
    /// registration in force brought it.
    /// </summary>
    public string? EarlierVtnId { get; init; }

    /// <summary>With <see cref="EarlierVtnId"/>: since when the VTN, asked for its events, does not list this one; null: it was not asked, or it does.</summary>
    public Instant? UnlistedSince { get; init; }

    /// <summary>Set where the configuration in force does not understand the event, which an earlier one did; null: it does.</summary>
    public LostMeaning? Lost { get; init; }

    public string Id => Event.Descriptor.EventId;

    /// <summary>What was measured at the site when the event began; null: nothing so far.</summary>
    internal PresentLoad? PresentAt(string siteId) => PresentLoads.FirstOrDefault(l => l.SiteId == siteId);
}

/// <summary>What a site drew within the minute before an event began, and how full its storage was.</summary>
/// <param name="SiteId">The site.</param>
/// <param name="ImportW">W from the grid, 0 and more; null: it was not measured then, or not asked for.</param>
/// <param name="SocPercent">State of charge, 0..100 %; null: it was not measured then, or not asked for.</param>
/// <param name="IsFinal">True: the event has begun, and what is not measured will not be.</param>
public sealed record PresentLoad(string SiteId, long? ImportW, decimal? SocPercent = null, bool IsFinal = false);
