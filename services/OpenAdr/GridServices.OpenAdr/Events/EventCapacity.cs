using System.Globalization;
using GridServices.Contracts;
using GridServices.OpenAdr.Messages;

namespace GridServices.OpenAdr.Events;

/// <summary>
/// The room that one distribution finds: a VTN can't take more of a VEN by sending few events that are large, and beyond it an event is answered 454.
/// <code>
///   held before   ├── e1 ──┼── e2 ──┼─ over ─┤
///   distributed            ├── e2 ──┼── e3 ──────┤     e1 and what is over make room for e3
/// </code>
/// What is no more than what was held before is taken, and so is a small event: an emergency finds room beside any amount of prices.
/// </summary>
internal sealed class EventCapacity
{
    /// <summary>Events held at most; the standard's VTNs hold a handful.</summary>
    private const int MostEvents = 512;

    /// <summary>28 days of five-minute prices, or 340 events with a step for each hour of a day.</summary>
    private const int MostIntervals = 8_192;

    /// <summary>A day of five-minute prices for each further site behind the VEN.</summary>
    private const int IntervalsPerSite = 288;

    /// <summary>However many the sites are.</summary>
    private const int MostIntervalsOfSites = 65_536;

    /// <summary>Characters of names and texts, besides <see cref="TextPerSite"/>.</summary>
    private const long MostText = 1_048_576;

    /// <summary>Characters for each site behind the VEN: utilities name thousands of resources one by one.</summary>
    private const long TextPerSite = 256;

    private const int SmallIntervals = 32;
    private const int SmallText = 2_048;

    /// <summary>So many times as much, with events that end with the distribution and those that limits still come back from: they pass by themselves.</summary>
    private const int WithPassing = 4;

    private readonly StepContext _context;
    private readonly HashSet<string> _leaving;
    private readonly (long Intervals, long Text) _before;

    /// <param name="context">Before anything of the distribution is applied.</param>
    /// <param name="message">All that the VTN has.</param>
    /// <param name="twice">The eventIDs that it holds twice: nothing is done for those.</param>
    public EventCapacity(StepContext context, OadrDistributeEvent message, IReadOnlySet<string> twice)
    {
        _context = context;
        var items = message.Events.Select(e => (Id: e.Value?.Descriptor.EventId ?? e.Unreadable?.EventId, Item: e)).ToList();
        var keepsUnlisted = context.Config.Quirks.NeverImplyCancel || items.Any(i => i.Id is null);
        var listed = items.Where(i => i.Id is not null).GroupBy(i => i.Id!, i => i.Item, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);
        var held = context.State.Events;
        _leaving = held.Where(IsLeaving).Select(e => e.Id).ToHashSet(StringComparer.Ordinal);
        var running = held.Where(e => e.PhaseAt(context.Now) != EventPhase.Completed).Select(e => e.Event).ToList();
        _before = (running.Sum(EventBudget.Intervals), running.Sum(EventBudget.Text));

        bool IsLeaving(HeldEvent e) => e.PhaseAt(context.Now) == EventPhase.Completed
            || (listed.TryGetValue(e.Id, out var item) ? !twice.Contains(e.Id) && Cancels(item, e) : !keepsUnlisted || e.CancelledAt is not null);
    }

    /// <summary>Why there is no room for the event; null: there is.</summary>
    /// <param name="received">To be held.</param>
    /// <param name="inPlaceOf">The one whose place it takes; null: it is new.</param>
    public EventFault? Exceeded(OadrEvent received, HeldEvent? inPlaceOf)
    {
        var others = _context.State.Events.Where(e => e.Id != received.Descriptor.EventId).ToList();
        var staying = others.Where(e => !_leaving.Contains(e.Id)).Select(e => e.Event).ToList();
        var all = others.Concat(_context.State.Recovering.Select(r => r.Event)).Select(e => e.Event).ToList();
        if (inPlaceOf is null && (staying.Count >= MostEvents || all.Count >= WithPassing * MostEvents))
        {
            return EventFault.Create(ErrorClass.LimitCount, $"more than {MostEvents} events");
        }

        var sites = _context.Config.AllSites().Count();
        var mostIntervals = Math.Min(MostIntervals + ((long)IntervalsPerSite * Math.Max(0, sites - 1)), MostIntervalsOfSites);
        if (!Fits(EventBudget.Intervals, SmallIntervals, mostIntervals, _before.Intervals))
        {
            return EventFault.Create(ErrorClass.LimitCount, $"the events held would have more than {Format(mostIntervals)} intervals in all");
        }

        var mostText = MostText + (TextPerSite * sites);
        return Fits(EventBudget.Text, SmallText, mostText, _before.Text)
            ? null
            : EventFault.Create(ErrorClass.LimitSize, $"the events held would have more than {Format(mostText)} characters of names and texts in all");

        bool Fits(Func<OadrEvent, long> costOf, long small, long most, long before)
        {
            var cost = costOf(received);
            var ceiling = WithPassing * most;
            return cost <= small || (inPlaceOf is not null && cost <= costOf(inPlaceOf.Event))
                || (staying.Sum(costOf) + cost <= Math.Max(most, Math.Min(before, ceiling)) && all.Sum(costOf) + cost <= ceiling);
        }
    }

    private static bool Cancels(Readable<OadrEvent> item, HeldEvent held) => item.Value is { } value
        ? value.Descriptor.Status == EventStatus.Cancelled && !EventHistory.IsOutdated(held, value)
        : item.Unreadable is { Status: EventStatus.Cancelled, ModificationNumber: { } number } && !EventHistory.IsOutdated(held, number);

    private static string Format(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
