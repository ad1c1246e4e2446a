using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations.Events;

/// <summary>What a VEN or device knows of an event, in one form for both protocols; the drawn offsets taken out of what the utility said.</summary>
public sealed record ReportedEvent
{
    public required string Source { get; init; }

    /// <summary>Null: counted by its content (2030.5).</summary>
    public long? Number { get; init; }

    public string? Program { get; init; }
    public bool IsTest { get; init; }
    public required ValueList<string> Sites { get; init; }

    /// <summary>As the utility said; null = not legible.</summary>
    public Instant? From { get; init; }

    public Instant? Until { get; init; }

    /// <summary>With the offset drawn.</summary>
    public Instant? DrawnFrom { get; init; }

    public Instant? DrawnUntil { get; init; }
    public required SiteEventState State { get; init; }
    public SiteOpt Opt { get; init; } = SiteOpt.NotAsked;
    public string? RefusedBecause { get; init; }
    public ValueList<EventSignal> Signals { get; init; } = [];
    public Instant? ReceivedAt { get; init; }
    public string? Sha256 { get; init; }
    public ValueList<int> Responses { get; init; } = [];

    /// <summary>It is not in force at these sites, so that it says nothing about the event itself.</summary>
    public bool IsGone => State is SiteEventState.Gone;

    /// <summary>Whether its times and signals are the utility's word on a live event.</summary>
    internal bool Speaks => From is not null && State is SiteEventState.Held or SiteEventState.Refused;

    public static ReportedEvent Read(VenEventFact fact)
    {
        var drawn = Duration.FromSeconds(fact.RandomizedByS ?? 0);
        return new ReportedEvent
        {
            Source = $"openadr:{fact.Utility}/{fact.EventId}",
            Number = fact.ModificationNumber,
            Program = fact.MarketContext,
            IsTest = fact.TestEvent ?? false,
            Sites = fact.Sites,
            From = fact.Start - drawn,
            Until = fact.End - drawn,
            DrawnFrom = fact.Start,
            DrawnUntil = fact.End,
            State = fact.Status switch
            {
                VenEventStatus.Refused => SiteEventState.Refused,
                VenEventStatus.NotListed => SiteEventState.Gone,
                VenEventStatus.Cancelled => SiteEventState.Cancelled,
                _ => SiteEventState.Held,
            },
            Opt = ReadOpt(fact),
            RefusedBecause = fact.Status == VenEventStatus.Refused ? fact.RefusedBecause ?? "refused" : null,
            Signals = fact.Signals.Select(s => s with { Steps = s.Steps.Select(v => v with { From = v.From - drawn, Until = v.Until - drawn }).ToValueList() }).ToValueList(),
            ReceivedAt = fact.ReceivedAt,
            Sha256 = fact.Sha256,
        };
    }

    public static ReportedEvent Read(ControlFact fact)
    {
        var drawn = Duration.FromSeconds(fact.StartOffsetS);
        return new ReportedEvent
        {
            Source = $"2030.5:{fact.Utility}/{fact.MRid}",
            Program = fact.Program,
            Sites = [fact.SiteId],
            From = fact.Start - drawn,
            Until = fact.End - drawn - Duration.FromSeconds(fact.DurationOffsetS),
            DrawnFrom = fact.Start,
            DrawnUntil = fact.End,
            State = fact.Status switch
            {
                ControlState.Cancelled => SiteEventState.Cancelled,
                ControlState.Superseded => SiteEventState.Superseded,
                ControlState.Removed => SiteEventState.Gone,
                _ => SiteEventState.Held,
            },
            Signals = fact.Settings,
            ReceivedAt = fact.ReceivedAt,
            Sha256 = fact.Sha256,
            Responses = fact.Told,
        };
    }

    private static SiteOpt ReadOpt(VenEventFact fact) =>
        fact.Status == VenEventStatus.Refused || fact.OptedIn is not { } isIn ? SiteOpt.NotAsked
        : new SiteOpt(isIn ? OptState.In : OptState.Out, fact.OptByPerson ? OptSource.User : OptSource.Rule, fact.OptBy, fact.OptReason, fact.OptAt);
}
