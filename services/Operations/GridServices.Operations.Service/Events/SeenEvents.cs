using GridServices.Operations.Events;
using GridServices.Operations.Service.Clients;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations.Service.Events;

/// <summary>What the services answered, as the facts that events are put together from.</summary>
internal static class SeenEvents
{
    internal static VenEventFact ToFact(VenEventSeen seen, string utility) => new()
    {
        VenKey = seen.VenKey,
        Utility = utility,
        Sites = seen.Sites.ToValueList(),
        EventId = seen.Event.EventId,
        ModificationNumber = seen.Event.ModificationNumber ?? 0,
        MarketContext = seen.Event.MarketContext,
        Status = seen.Event.Status,
        Start = seen.Event.Start,
        End = seen.Event.End,
        RandomizedByS = seen.Event.RandomizedByS,
        TestEvent = seen.Event.TestEvent,
        OptedIn = seen.Event.OptType switch { "optIn" => true, "optOut" => false, _ => null },
        OptByPerson = seen.Event.OptByPerson,
        OptBy = seen.Event.OptActor ?? seen.Event.OptBy,
        OptReason = seen.Event.OptReason,
        OptAt = seen.Event.OptAt,
        ReceivedAt = seen.Event.ReceivedAt,
        Sha256 = seen.Event.Sha256,
        RefusedBecause = seen.Event.Refusal?.Reason,
        VtnComment = seen.Event.VtnComment,
        Signals = seen.Event.Signals.Select(s => new EventSignal(s.SignalName, s.Steps.Select(v => new SignalValue(v.Value, v.From, v.Until)).ToValueList(), s.SignalType, s.Units)).ToValueList(),
    };

    internal static ControlFact ToFact(ControlSeen seen, string utility) => new()
    {
        ClientKey = seen.ClientKey,
        Utility = utility,
        SiteId = seen.Control.SiteId,
        MRid = seen.Control.MRid,
        Program = seen.Control.Program,
        Status = seen.Control.Status,
        Start = seen.From,
        End = seen.Until,
        StartOffsetS = seen.Control.StartOffsetS,
        DurationOffsetS = seen.Control.DurationOffsetS,
        ReceivedAt = seen.Control.ReceivedAt - Duration.FromSeconds(seen.Control.ServerAheadS),
        Settings = seen.Control.Settings.Select(s => new EventSignal(s.Mode, [new SignalValue(s.Amount)], null, FindUnit(s.Mode))).ToValueList(),
        Told = seen.Control.Told.ToValueList(),
    };

    /// <summary>Of a VEN or client that is gone, and names no events any more.</summary>
    internal const string NoUtility = "unknown";

    /// <summary>The host of the utility's server: the same for all VENs or clients of it.</summary>
    internal static string GetUtility(string url) => Uri.TryCreate(url, UriKind.Absolute, out var parsed) ? parsed.Authority : url;

    private static string? FindUnit(string mode) => mode.EndsWith('W') ? "W" : mode is "connect" or "energize" ? null : "0.01 %";
}
