using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Discovery;
using GridServices.Ieee2030Dot5.Envelopes;
using GridServices.Ieee2030Dot5.Messages;

namespace GridServices.Ieee2030Dot5.Session;

/// <summary>The resources that a stream of an EndDevice rests on, from the root on.</summary>
internal sealed class ReadingPath(DerClientConfig config, DerClientState state, string lfdi, string? streamKey, bool isFresh)
{
    internal IEnumerable<(string What, Node? Node)> Steps()
    {
        yield return ("DeviceCapability", TreeLookup.First(state, NodeKind.DeviceCapability));
        if (TreeLookup.OwnDevice(state, lfdi) is not { } found)
        {
            yield return ($"EndDevice {lfdi}", null);
            yield break;
        }

        yield return ("EndDeviceList", found.At);
        foreach (var step in IsInStream(ReservedPower.ProgramKey) ? Reservations(found.Own, found.At) : Assigned(found.Own, found.At))
        {
            yield return step;
        }
    }

    private bool IsPrices => streamKey is not null && state.Devices.GetValueOrDefault(lfdi)?.Prices.Published.Any(p => p.Key == streamKey) == true;

    private bool IsLoadControl => streamKey is not null && state.Devices.GetValueOrDefault(lfdi)?.LoadControl.Schedule.Published.Any(p => p.Key == streamKey) == true;

    private bool IsInStream(string programKey) => streamKey is not null && state.Devices.GetValueOrDefault(lfdi) is { } device
        && string.Equals(StreamKeys.For(Schedules.CreateConfig(config, device, null), programKey), streamKey, StringComparison.OrdinalIgnoreCase);

    private bool IsInLoadStream(string programKey) => streamKey is not null && state.Devices.GetValueOrDefault(lfdi) is { } device
        && string.Equals(StreamKeys.For(LoadControls.CreateConfig(config, device, null), programKey), streamKey, StringComparison.OrdinalIgnoreCase);

    // A server without the list grants nothing, and without a reservation nothing is read of it.
    private IEnumerable<(string What, Node? Node)> Reservations(EndDevice own, Node at) =>
        own.FlowReservationResponseListLink?.Href is { } href && state.Devices.GetValueOrDefault(lfdi)?.Reservations.Any(r => r.IsActive()) == true
            ? [(href, FindLinked(NodeKind.ReservationList, at, href))] : [];

    private IEnumerable<(string What, Node? Node)> Assigned(EndDevice own, Node at)
    {
        var assignments = FindLinked(NodeKind.AssignmentsList, at, own.FunctionSetAssignmentsListLink?.Href);
        yield return ("FunctionSetAssignmentsList", assignments);
        var assigned = (assignments?.Known as FunctionSetAssignmentsList)?.Readable.ToList() ?? [];
        foreach (var step in IsLoadControl ? LoadPrograms(assignments!, assigned) : IsPrices ? Tariffs(assignments!, assigned) : Programs(assignments!, assigned))
        {
            yield return step;
        }
    }

    private IEnumerable<(string What, Node? Node)> Programs(Node assignments, List<FunctionSetAssignments> assigned)
    {
        var lists = assigned.Select(a => a.DerProgramListLink?.Href).OfType<string>().Select(href => (Href: href, Node: FindLinked(NodeKind.ProgramList, assignments, href))).ToList();
        var own = isFresh ? lists.Where(l => GetPrograms(l.Node).Any(p => IsInStream(p.MRid))).ToList() : [];
        foreach (var (href, list) in own.Count > 0 ? own : lists)
        {
            yield return (href, list);
            foreach (var link in GetPrograms(list).Where(p => own.Count == 0 || IsInStream(p.MRid)).SelectMany(GetHrefs))
            {
                yield return (link.Href, FindLinked(link.Kind, list!, link.Href));
            }
        }

        foreach (var step in Missed(lfdi, IsInStream))
        {
            yield return step;
        }
    }

    // Without a policy nothing is read of it.
    private IEnumerable<(string What, Node? Node)> LoadPrograms(Node assignments, List<FunctionSetAssignments> assigned)
    {
        foreach (var href in assigned.Select(a => a.DemandResponseProgramListLink?.Href).OfType<string>().Where(_ => config.LoadControl is not null))
        {
            var list = FindLinked(NodeKind.DemandResponseList, assignments, href);
            yield return (href, list);
            foreach (var link in ((list?.Known as DemandResponseProgramList)?.Readable ?? []).Select(p => (p.EndDeviceControlListLink ?? p.ActiveEndDeviceControlListLink)?.Href).OfType<string>())
            {
                yield return (link, FindLinked(NodeKind.LoadControlList, list!, link));
            }
        }

        foreach (var step in Missed(LoadControls.MissedKey(lfdi), IsInLoadStream))
        {
            yield return step;
        }
    }

    private IEnumerable<(string What, Node? Node)> Tariffs(Node assignments, List<FunctionSetAssignments> assigned)
    {
        foreach (var href in assigned.Select(a => a.TariffProfileListLink?.Href).OfType<string>())
        {
            var list = FindLinked(NodeKind.TariffList, assignments, href);
            yield return (href, list);
            foreach (var step in ((list?.Known as TariffProfileList)?.Readable ?? []).Take(TariffLinks.MostTariffs).Where(t => IsInStream(t.MRid)).SelectMany(t => Tariff(t, list!)))
            {
                yield return step;
            }
        }
    }

    private IEnumerable<(string What, Node? Node)> Tariff(TariffProfile tariff, Node list)
    {
        var components = FindLinked(NodeKind.ComponentList, list, tariff.RateComponentListLink?.Href);
        if (tariff.RateComponentListLink?.Href is { } href)
        {
            yield return (href, components);
        }

        var intervals = tariff.CombinedTimeTariffIntervalListLink is { } combined ? [(From: list, combined.Href)]
            : ((components?.Known as RateComponentList)?.Readable ?? []).Take(TariffLinks.MostComponents)
                .Select(c => (From: components!, (c.TimeTariffIntervalListLink ?? c.ActiveTimeTariffIntervalListLink)?.Href)).ToList();
        foreach (var (from, link) in intervals.Where(i => i.Href is not null))
        {
            var read = FindLinked(NodeKind.IntervalList, from, link);
            yield return (link!, read);
            foreach (var prices in GetPrices(read))
            {
                yield return (prices.Href, prices);
            }
        }
    }

    // Of intervals that are over no prices are read: there is no node for them.
    private IEnumerable<Node> GetPrices(Node? intervals) => ((intervals?.Known as TimeTariffIntervalList)?.Readable ?? []).Take(TariffLinks.MostIntervals)
        .Where(i => !TariffLinks.IsWhole(i.Summary)).Select(i => FindLinked(NodeKind.PriceList, intervals!, i.ConsumptionTariffIntervalListLink?.Href)).OfType<Node>();

    // A program that is kept because it isn't found may be over.
    private IEnumerable<(string What, Node? Node)> Missed(string key, Func<string, bool> isInStream) => (state.Line.Missed.GetValueOrDefault(key) ?? [])
        .Where(m => !isFresh || streamKey is null || (!m.IsDefault && isInStream(m.Program))).Select(m => ($"{m.Words}, which is not found,", (Node?)null));

    private static IEnumerable<DerProgram> GetPrograms(Node? list) => (list?.Known as DerProgramList)?.Readable ?? [];

    private static IEnumerable<(NodeKind Kind, string Href)> GetHrefs(DerProgram program)
    {
        if ((program.DerControlListLink ?? program.ActiveDerControlListLink)?.Href is { } controls)
        {
            yield return (NodeKind.ControlList, controls);
        }

        if (program.DefaultDerControlLink?.Href is { } standing)
        {
            yield return (NodeKind.DefaultControl, standing);
        }
    }

    private Node? FindLinked(NodeKind kind, Node from, string? href) => TreeLookup.FindLinked(config, state, kind, from, href);
}
