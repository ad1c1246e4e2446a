using GridServices.OpenAdr.Messages;
using GridServices.Wire;

namespace GridServices.OpenAdr.Events;

/// <summary>What an event costs in memory, on disk and in time, and the form in which it is kept. How much there is room for says <see cref="EventCapacity"/>.</summary>
internal static class EventBudget
{
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

    /// <summary>Of its signals and its baseline.</summary>
    public static long Intervals(OadrEvent e) => e.Signals.Sum(s => s.Intervals.Count) + (e.Baseline?.Intervals.Count ?? 0);

    /// <summary>Characters of its names and texts, and some for each of them.</summary>
    public static long Text(OadrEvent e)
    {
        var d = e.Descriptor;
        return Length(d.EventId, d.ModificationReason, d.MarketContext, d.TestEvent, d.VtnComment) + Text(e.Target) + e.Signals.Sum(Text)
            + (e.Baseline is { } b ? Length(b.BaselineId, b.BaselineName) + Text(b.ItemBase) + Text(b.ResourceIds) + Text(b.Intervals) : 0);
    }

    private static long Text(EventSignal s) => Length(s.SignalName, s.SignalId) + Text(s.ItemBase) + (s.Target is { } target ? Text(target) : 0) + Text(s.Intervals);

    private static long Text(ValueList<SignalInterval> intervals) => intervals.Sum(i => Length(i.Uid));

    private static long Text(ItemBase? item) => item is null ? 0 : Length(item.Description, item.Units, item.GreenButtonFeed);

    private static long Text(EiTarget t) =>
        Names(t).Sum(Text) + Areas(t).Sum(a => Length(a.Id, a.PolygonId, a.Positions)) + t.TransportInterfaces.Sum(i => Length(i.PointOfReceipt, i.PointOfDelivery));

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
