using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Discovery;
using GridServices.Ieee2030Dot5.Events;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Time;

namespace GridServices.Ieee2030Dot5.Session;

/// <summary>The tariffs of a device as the walk last knew them.</summary>
internal sealed class TariffReader(DerClientConfig config, DerClientState state, HashSet<string>? changed = null)
{
    private readonly HashSet<string> keys = new(StringComparer.Ordinal);
    private bool isToCome;
    private long? shift;

    /// <summary>What was looked at and for; null: the device itself was not found, and anything may lead to it.</summary>
    public IReadOnlyCollection<string>? Keys { get; private set; }

    /// <summary>True once something that changed was read.</summary>
    public bool Touched { get; private set; }

    /// <summary>Null while its assignments were never read, or while something found is not asked for yet, which says nothing about them.</summary>
    public IReadOnlyList<TariffView>? Read(string lfdi)
    {
        var device = state.Devices.GetValueOrDefault(lfdi);
        if (device is { Retired: true } or { Pin: PinVerdict.Differs })
        {
            return [];
        }

        if (TreeLookup.OwnDevice(state, lfdi) is not { } found)
        {
            return null;
        }

        Touched |= changed?.Contains(found.At.Key) == true;
        Keys = keys;
        keys.UnionWith([found.At.Key, TreeLookup.First(state, NodeKind.EndDeviceList)?.Key ?? found.At.Key]);
        if (FindLinked(NodeKind.AssignmentsList, found.At, found.Own.FunctionSetAssignmentsListLink?.Href) is not { Known: FunctionSetAssignmentsList assignments } fsa
            || TreeLookup.IsWithout(fsa, assignments, a => a.TariffProfileListLink))
        {
            return null;
        }

        var views = new List<TariffView>();
        foreach (var assignment in assignments.Readable)
        {
            if (AssignmentTimes.FindKey(config, state, fsa, assignment) is not null)
            {
                FindLinked(NodeKind.AssignmentTime, fsa, assignment.TimeLink!.Href);
            }

            shift = AssignmentTimes.FindShift(config, state, fsa, assignment);
            var list = FindLinked(NodeKind.TariffList, fsa, assignment.TariffProfileListLink?.Href);
            var tariffs = ((list?.Known as TariffProfileList)?.Readable ?? []).ToList();
            views.AddRange(tariffs.Take(TariffLinks.MostTariffs).Select(t => ReadView(list!, t)));

            // One stands for all that are not followed, so that people are told.
            views.AddRange(tariffs.Skip(TariffLinks.MostTariffs).Take(1).Select(t => new TariffView(t.MRid, t) { Hole = $"{list!.Href} beyond {TariffLinks.MostTariffs} items" }));
        }

        return isToCome ? null : views;
    }

    private TariffView ReadView(Node list, TariffProfile tariff)
    {
        var walk = new Walk();
        var components = FindLinked(NodeKind.ComponentList, list, tariff.RateComponentListLink?.Href);
        var listed = components?.Known as RateComponentList;
        var followed = (listed?.Readable ?? []).Take(TariffLinks.MostComponents).ToList();
        followed.ForEach(c => Add(walk, c, components!));
        if (listed?.Items.Count > TariffLinks.MostComponents)
        {
            walk.Lacks($"{components!.Href} beyond {TariffLinks.MostComponents} items");
        }

        var paths = TariffLinks.ByPath(config, components);

        if (tariff.CombinedTimeTariffIntervalListLink is { } combined)
        {
            Intervals(walk, list, combined.Href, (interval, node) => FindComponent(walk, paths, interval, node));
        }
        else
        {
            if (components is not null && (listed is null || listed.Unreadable.Any() || listed.Items.Count < listed.All))
            {
                walk.Lacks(components.Href);
            }

            foreach (var component in followed)
            {
                Intervals(walk, components!, (component.TimeTariffIntervalListLink ?? component.ActiveTimeTariffIntervalListLink)?.Href, (_, _) => GetKey(component));
            }
        }

        return new TariffView(tariff.MRid, tariff)
        {
            Components = [.. walk.Components.Values],
            Intervals = walk.Intervals,
            Unreadable = walk.Unreadable,
            Hole = walk.Hole,
            IsWhole = walk is { Hole: null, Unreadable.Count: 0, IsPartial: false },
        };
    }

    private void Intervals(Walk walk, Node from, string? href, Func<TimeTariffInterval, Node, string?> findComponent)
    {
        if (href is null)
        {
            return;
        }

        if (FindLinked(NodeKind.IntervalList, from, href) is not { Known: TimeTariffIntervalList intervals } list)
        {
            walk.Lacks(href);
            return;
        }

        if (intervals.Items.Count > TariffLinks.MostIntervals)
        {
            walk.Lacks($"{list.Href} beyond {TariffLinks.MostIntervals} items");
        }

        walk.IsPartial |= list.Slipped || list.Missing || intervals.Items.Count < intervals.All;
        walk.Unreadable.AddRange(intervals.Unreadable.Take(TariffLinks.MostIntervals));
        walk.Intervals.AddRange(intervals.Readable.Take(TariffLinks.MostIntervals).Select(i => new PricedInterval(AssignmentTimes.Moved(i, shift), findComponent(i, list), FindPrices(i, list)) { ClockShiftS = shift }));
    }

    private string? FindComponent(Walk walk, Dictionary<string, RateComponent> paths, TimeTariffInterval interval, Node list)
    {
        if (interval.RateComponentLink is not { } link)
        {
            return null;
        }

        if (TariffLinks.FindComponent(config, paths, list, link.Href) is { } listed)
        {
            return GetKey(listed);
        }

        if (FindLinked(NodeKind.Component, list, link.Href) is not { Known: RateComponent component } found)
        {
            return null;
        }

        Add(walk, component, found);
        return GetKey(component);
    }

    private IReadOnlyList<ConsumptionTariffInterval>? FindPrices(TimeTariffInterval interval, Node list)
    {
        var prices = TariffLinks.IsWhole(interval.Summary)
            ? interval.Summary
            : FindLinked(NodeKind.PriceList, list, interval.ConsumptionTariffIntervalListLink?.Href)?.Known as ConsumptionTariffIntervalList;
        return TariffLinks.IsWhole(prices) ? [.. prices!.Readable] : null;
    }

    private void Add(Walk walk, RateComponent component, Node at)
    {
        var type = FindLinked(NodeKind.ReadingType, at, component.ReadingTypeLink?.Href)?.Known as ReadingType;
        walk.Components[GetKey(component)] = new ComponentView(GetKey(component), component.Href ?? at.Href, type);
    }

    private static string GetKey(RateComponent component) => component.MRid.ToUpperInvariant();

    // Found and not asked for yet, or only some of its pages: what it holds will be known in a moment. What was asked for in vain holds nobody up.
    private Node? FindLinked(NodeKind kind, Node from, string? href)
    {
        if (TreeLookup.FindLinkedKey(config, kind, from, href) is not { } key)
        {
            return null;
        }

        var node = TreeLookup.FindLinked(config, state, kind, from, href);
        keys.UnionWith([key, node?.Key ?? key]);
        isToCome |= node is { Known: null, Missing: false } && state.Line.Readings.GetValueOrDefault(node.Key) is null or { Pages: not null } && !state.Line.Holds.ContainsKey(node.Key);
        Touched |= node is not null && changed?.Contains(node.Key) == true;
        return node;
    }

    /// <summary>A tariff while it is put together.</summary>
    private sealed class Walk
    {
        public SortedDictionary<string, ComponentView> Components { get; } = new(StringComparer.Ordinal);

        public List<PricedInterval> Intervals { get; } = [];

        public List<UnreadableItem> Unreadable { get; } = [];

        public string? Hole { get; private set; }

        public bool IsPartial { get; set; }

        public void Lacks(string href) => Hole ??= $"{href} could not be read";
    }
}
