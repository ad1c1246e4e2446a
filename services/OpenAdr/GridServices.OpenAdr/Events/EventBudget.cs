using System.Globalization;
using GridServices.Contracts;
using GridServices.OpenAdr.Messages;
using GridServices.Wire;

namespace GridServices.OpenAdr.Events;

/// <summary>
/// What the events of one VEN may cost in memory, on disk and in time, those that limits still come back from included: a VTN can't take more by sending
/// few events that are large. Beyond it an event is answered 454.
/// </summary>
internal static class EventBudget
{
    /// <summary>Intervals of signals and baselines: 28 days of five-minute prices, or 340 events with a step for each hour of a day.</summary>
    private const int MostIntervals = 8_192;

    /// <summary>Characters of names and texts, besides <see cref="TextPerSite"/>.</summary>
    private const long MostText = 1_048_576;

    /// <summary>Characters for each site behind the VEN: utilities name thousands of resources one by one.</summary>
    private const long TextPerSite = 256;

    /// <summary>Texts for people, and what nobody reads, are kept up to here.</summary>
    private const int LongestRemark = 1_024;

    /// <summary>The event as it is kept: texts that decide nothing are cut.</summary>
    public static OadrEvent Trim(OadrEvent received)
    {
        var (descriptor, baseline) = (received.Descriptor, received.Baseline);
        var trimmed = received with
        {
            Descriptor = descriptor with
            {
                ModificationReason = Cut(descriptor.ModificationReason),
                VtnComment = Cut(descriptor.VtnComment),
            },
            Signals = received.Signals.Any(s => IsLong(s.ItemBase) || IsLong(s.Target))
                ? received.Signals.Select(s => s with { ItemBase = Trim(s.ItemBase), Target = s.Target is { } t ? Trim(t) : null }).ToValueList()
                : received.Signals,
            Baseline = baseline is null ? null : baseline with { BaselineName = Cut(baseline.BaselineName)!, ItemBase = Trim(baseline.ItemBase) },
            Target = Trim(received.Target),
        };
        return trimmed == received ? received : trimmed;
    }

    /// <summary>Why there is no room for the event; null: there is.</summary>
    /// <param name="context">The step.</param>
    /// <param name="received">To be held.</param>
    /// <param name="inPlaceOf">The one whose place it takes; null: it is new.</param>
    public static EventFault? Exceeded(StepContext context, OadrEvent received, HeldEvent? inPlaceOf)
    {
        var others = context.State.Events.Where(e => e.Id != inPlaceOf?.Id).Concat(context.State.Recovering.Select(r => r.Event)).Select(e => e.Event).ToList();
        if (others.Sum(Intervals) + Intervals(received) > MostIntervals)
        {
            return EventFault.Of(ErrorClass.LimitCount, $"the events held would have more than {MostIntervals.ToString("N0", CultureInfo.InvariantCulture)} intervals in all");
        }

        var most = MostText + (TextPerSite * context.Config.AllSites().Count());
        return others.Sum(Text) + Text(received) > most
            ? EventFault.Of(ErrorClass.LimitSize, $"the events held would have more than {most.ToString("N0", CultureInfo.InvariantCulture)} characters of names and texts in all")
            : null;
    }

    private static int Intervals(OadrEvent e) => e.Signals.Sum(s => s.Intervals.Count) + (e.Baseline?.Intervals.Count ?? 0);

    private static long Text(OadrEvent e)
    {
        var d = e.Descriptor;
        return Length(d.EventId, d.ModificationReason, d.MarketContext, d.TestEvent, d.VtnComment) + Text(e.Target) + e.Signals.Sum(Text)
            + (e.Baseline is { } b ? Length(b.BaselineId, b.BaselineName) + Text(b.ItemBase) + Text(b.ResourceIds) + Text(b.Intervals) : 0);
    }

    private static long Text(EventSignal s) => Length(s.SignalName, s.SignalId) + Text(s.ItemBase) + (s.Target is { } target ? Text(target) : 0) + Text(s.Intervals);

    private static long Text(ValueList<SignalInterval> intervals) => intervals.Sum(i => Length(i.Uid));

    private static long Text(ItemBase? item) => item is null ? 0 : Length(item.Description, item.Units, item.GreenButtonFeed);

    private static long Text(EiTarget t) => Names(t).Sum(Text) + Areas(t).Sum(a => Length(a.Id, a.PolygonId, a.Positions)) + t.TransportInterfaces.Sum(i => Length(i.PointOfReceipt, i.PointOfDelivery));

    private static long Text(ValueList<string> names) => names.Sum(n => Length(n));

    // A text costs more than its characters.
    private static long Length(params ReadOnlySpan<string?> texts)
    {
        var length = 0L;
        foreach (var text in texts)
        {
            length += text is null ? 0 : text.Length + 8;
        }

        return length;
    }

    private static IEnumerable<ValueList<string>> Names(EiTarget t) =>
        [t.AggregatedPnodes, t.EndDeviceAssets, t.MeterAssets, t.Pnodes, t.ServiceDeliveryPoints, t.GroupIds, t.GroupNames, t.ResourceIds, t.VenIds, t.PartyIds];

    private static IEnumerable<Area> Areas(EiTarget t) => t.ServiceAreas.Concat(t.ServiceLocations);

    private static EiTarget Trim(EiTarget t) => !IsLong(t) ? t : t with
    {
        ServiceAreas = t.ServiceAreas.Select(Trim).ToValueList(),
        ServiceLocations = t.ServiceLocations.Select(Trim).ToValueList(),
    };

    private static Area Trim(Area area) => new(Cut(area.Id), Cut(area.PolygonId), Cut(area.Positions)!);

    private static ItemBase? Trim(ItemBase? item) => item is null || !IsLong(item) ? item : item with { Description = Cut(item.Description)!, GreenButtonFeed = Cut(item.GreenButtonFeed) };

    private static bool IsLong(ItemBase? item) => item is not null && (IsLong(item.Description) || IsLong(item.GreenButtonFeed));

    private static bool IsLong(EiTarget? target) => target is not null && Areas(target).Any(a => IsLong(a.Id) || IsLong(a.PolygonId) || IsLong(a.Positions));

    private static bool IsLong(string? text) => text?.Length > LongestRemark;

    // Not between the two halves of one character.
    private static string? Cut(string? text) =>
        text is null || !IsLong(text) ? text : text[..(char.IsHighSurrogate(text[LongestRemark - 1]) ? LongestRemark - 1 : LongestRemark)];
}
