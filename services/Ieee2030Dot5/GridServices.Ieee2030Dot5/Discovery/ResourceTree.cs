using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Reporting;
using GridServices.Ieee2030Dot5.Session;
using GridServices.Ieee2030Dot5.Time;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Discovery;

/// <summary>
/// The resources to keep reading, found by following links from DeviceCapability and nothing else. What no link leads to any more is forgotten;
/// what appears late is found at the next reading of what leads to it.
/// </summary>
/// <remarks>
/// <code>
/// DeviceCapability ─▶ Time
///    ├─▶ EndDeviceList ─▶ own EndDevice ─▶ Registration (PIN)
///    │                          ├─▶ FunctionSetAssignmentsList ─▶ DERProgramList ─▶ DefaultDERControl, DERControlList ─▶ DERCurve
///    │                          │      with a policy: ─▶ DemandResponseProgramList ─▶ EndDeviceControlList
///    │                          ├─▶ DERList
///    │                          └─▶ FlowReservationResponseList, while there are reservations
///    └─▶ MirrorUsagePointList
/// </code>
/// </remarks>
internal sealed partial class ResourceTree
{
    // Enough for any utility, and for thousands of devices; a server that lists programs without end is not read without end.
    private const int NodesOfTheServer = 512;
    private const int NodesOfADevice = 64;
    private const int MostRefusals = 256;
    private const int MostCurves = 32;
    private readonly StepContext _turn;
    private readonly ImmutableSortedDictionary<string, Node>.Builder _wanted = DerClientState.Empty<Node>().ToBuilder();

    private readonly List<(FunctionSetAssignments Assignment, Node At)> _assignments = [];
    private readonly HashSet<string> _clocks = new(StringComparer.Ordinal);

    private ResourceTree(StepContext context) => _turn = context;

    public static void Follow(StepContext context)
    {
        var outline = new ResourceTree(context);
        outline.FromEntry();
        AssignmentTimes.Synchronize(context, outline._clocks);
        var nodes = outline._wanted.ToImmutable();
        if (!DerClientState.AreEqual(nodes, context.State.Nodes))
        {
            context.State = context.State with { Nodes = nodes };
            var gone = context.Line.Readings.Keys.Where(k => !nodes.ContainsKey(k)).ToList();
            context.Line = context.Line with { Readings = context.Line.Readings.RemoveRange(gone), Holds = context.Line.Holds.RemoveRange(gone) };
        }
    }

    private void FromEntry()
    {
        if (_turn.State.Entry is not { } entry)
        {
            Want(NodeKind.WellKnown, EntryPoint.WellKnownPath, _turn.Config.Polling.Default);
            return;
        }

        var root = Want(NodeKind.DeviceCapability, entry, _turn.Config.Polling.Default);
        if (root.Missing && EntryPoint.IsWellKnown(_turn.Config))
        {
            // Not where the document said: that is asked again, and what was found stays until it leads elsewhere.
            Want(NodeKind.WellKnown, EntryPoint.WellKnownPath, _turn.Config.Polling.MaxBackOff);
        }

        if (root.Known is not DeviceCapability dcap)
        {
            return;
        }

        Link(dcap.TimeLink?.Href, root, NodeKind.Time);
        if (Link(dcap.EndDeviceListLink?.Href, root, NodeKind.EndDeviceList) is { } list)
        {
            foreach (var lfdi in _turn.State.Devices.Keys)
            {
                Device(lfdi, list);
            }
        }

        if (_turn.Config.Reporting.Enabled)
        {
            Link(dcap.MirrorUsagePointListLink?.Href, root, NodeKind.MirrorList);
        }

        // After all that orders DER, so that programs of demand response without end leave none of it unread; last, so that prices without end leave no control unread.
        _assignments.ForEach(a => LoadPrograms(a.Assignment, a.At));
        _assignments.ForEach(a => Tariffs(a.Assignment, a.At));
    }

    private void Device(string lfdi, Node list)
    {
        var device = _turn.State.Devices[lfdi];
        if (device.Pin == PinVerdict.Differs)
        {
            return;
        }

        var (own, at) = (EndDevices.Listed(list, lfdi), list);
        if (own is null && device.Location is { } location)
        {
            at = Want(NodeKind.EndDevice, location, list.Rate);
            own = at.Known as EndDevice;
        }

        if (own is null)
        {
            return;
        }

        // A link is relative to the document it stands in.
        Link(own.RegistrationLink?.Href, at, NodeKind.Registration);
        if (!PinRules.MayGoOn(_turn, device, own, at))
        {
            return;
        }

        var assigned = own.FunctionSetAssignmentsListLink is null ? TreeLookup.Unassigned(_turn.State) : Link(own.FunctionSetAssignmentsListLink.Href, at, NodeKind.AssignmentsList);
        if (assigned is { Known: FunctionSetAssignmentsList assignments } fsa)
        {
            foreach (var assignment in assignments.Readable)
            {
                Time(assignment, fsa);
                Programs(assignment, fsa, _turn.Devices.GetValueOrDefault(lfdi)?.Functions.Count > 0);
                _assignments.Add((assignment, fsa));
            }
        }

        Link(own.DerListLink?.Href, at, NodeKind.DerList);
        Link(Sheddable.FindUnplaced(_turn.Config, device, at, own), at, NodeKind.SheddableList);
        if (device.Reservations.Count > 0)
        {
            Link(own.FlowReservationResponseListLink?.Href, at, NodeKind.ReservationList);
            Link(device.Reservations.Any(Reserving.IsUnplaced) ? own.FlowReservationRequestListLink?.Href : null, at, NodeKind.ReservationRequests);
        }

        if ((_turn.Config.Subscriptions.NotificationUrl is not null || _turn.State.Subscriptions.Values.Any(s => s.AskedWith is not null))
            && Subscribing.Place(_turn.Config, _turn.State, lfdi) is { } place)
        {
            Link(place.Href, place.At, NodeKind.SubscriptionList);
        }
    }

    private void Time(FunctionSetAssignments assignment, Node fsa)
    {
        if (AssignmentTimes.FindKey(_turn.Config, _turn.State, fsa, assignment) is { } clock)
        {
            _clocks.Add(clock);
            Link(assignment.TimeLink!.Href, fsa, NodeKind.AssignmentTime);
        }
    }

    private void Programs(FunctionSetAssignments assignment, Node fsa, bool hasFunctions)
    {
        if (Link(assignment.DerProgramListLink?.Href, fsa, NodeKind.ProgramList) is not { Known: DerProgramList programs } list)
        {
            return;
        }

        foreach (var program in programs.Readable)
        {
            // Neither has a pollRate of its own in the 2018 schema: they are read as often as the list of programs.
            var standing = Link(program.DefaultDerControlLink?.Href, list, NodeKind.DefaultControl);
            var controls = Link((program.DerControlListLink ?? program.ActiveDerControlListLink)?.Href, list, NodeKind.ControlList);
            if (hasFunctions)
            {
                Curves(standing, [(standing?.Known as DefaultDerControl)?.Base]);
                Curves(controls, (controls?.Known as DerControlList)?.Readable.Select(c => c.Base) ?? []);
            }
        }
    }

    private void LoadPrograms(FunctionSetAssignments assignment, Node fsa)
    {
        if (_turn.Config.LoadControl is null || Link(assignment.DemandResponseProgramListLink?.Href, fsa, NodeKind.DemandResponseList) is not { Known: DemandResponseProgramList programs } list)
        {
            return;
        }

        foreach (var program in programs.Readable)
        {
            Link((program.EndDeviceControlListLink ?? program.ActiveEndDeviceControlListLink)?.Href, list, NodeKind.LoadControlList);
        }
    }

    private void Curves(Node? at, IEnumerable<DerControlBase?> stated)
    {
        foreach (var href in stated.SelectMany(b => b?.Curves ?? []).Select(c => c.Href).Distinct(StringComparer.Ordinal).Take(MostCurves))
        {
            Link(href, at!, NodeKind.Curve);
        }
    }

    private Node? Link(string? href, Node from, NodeKind kind, Duration? rate = null)
    {
        if (href is null)
        {
            return null;
        }

        if (!Hrefs.TryPin(_turn.Config.ServerUrl, from.Href, href, out var path, out var why))
        {
            Refused(kind, href, from, ErrorClass.SsrfBlocked, why);
            return null;
        }

        if (path == from.Href || path == _turn.State.Entry)
        {
            Refused(kind, href, from, ErrorClass.LoopDetected, $"{path} leads back to where the walk came from");
            return null;
        }

        var inherits = kind is NodeKind.DefaultControl or NodeKind.ControlList or NodeKind.EndDevice
            or NodeKind.ComponentList or NodeKind.Component or NodeKind.ReadingType or NodeKind.IntervalList or NodeKind.PriceList or NodeKind.Curve or NodeKind.ReservationList or NodeKind.LoadControlList;
        return Want(kind, path, rate ?? (inherits ? from.Rate : null), from.Rate);
    }

    // Said once, however often the server repeats it.
    private void Refused(NodeKind kind, string href, Node from, ErrorClass error, string why)
    {
        var key = $"{from.Key} {href}";
        if (_turn.Line.Refused.Count < MostRefusals && !_turn.Line.Refused.ContainsKey(key))
        {
            _turn.Line = _turn.Line with { Refused = _turn.Line.Refused.Add(key, _turn.Now) };
            _turn.Warn(NoteKind.HrefRefused, error, $"A {kind} link in {from.Href} is refused: {why}.", from.Href);
        }
    }

    private Node Want(NodeKind kind, string path, Duration? inherited, Duration? untilKnown = null)
    {
        var key = Node.GetKey(kind, path);
        if (_wanted.TryGetValue(key, out var wanted))
        {
            // Reached twice: the shorter rhythm of the two serves both.
            return inherited < wanted.Rate ? _wanted[key] = wanted with { Rate = inherited.Value } : wanted;
        }

        var node = _turn.State.Nodes.GetValueOrDefault(key) ?? new Node(kind, path);
        if (_wanted.Count >= NodesOfTheServer + (NodesOfADevice * _turn.State.Devices.Count))
        {
            Refused(kind, path, node, ErrorClass.LimitCount, $"the server leads to more than {_wanted.Count} resources");
            return node;
        }

        var polling = _turn.Config.Polling;
        var own = Rates.Stated(node.Known) ?? inherited ?? (node.Known is null ? untilKnown : null) ?? polling.Default;
        var rate = kind == NodeKind.SubscriptionList
            ? _turn.Config.Subscriptions.RenewEvery
            : Duration.Max(polling.Floor, Duration.Min(polling.Ceiling, own));
        if (rate != own && node.Rate != rate && Rates.Stated(node.Known) is not null && kind != NodeKind.SubscriptionList)
        {
            _turn.Warn(NoteKind.Discovered, ErrorClass.LimitPoll, $"{path} asks to be read every {own.TotalSeconds:0} s; it is read every {rate.TotalSeconds:0.###} s (polling.floor, polling.ceiling).", path);
        }

        return _wanted[key] = node.Rate == rate ? node : node with { Rate = rate };
    }
}

/// <summary>The rhythm a resource asks for.</summary>
internal static class Rates
{
    /// <summary>pollRate as sent; null where not said, which means the standard's default.</summary>
    public static Duration? Stated(Resource? resource)
    {
        var seconds = resource switch
        {
            DeviceCapability r => r.PollRate,
            TimeResource r => r.PollRate,
            Messages.Registration r => r.PollRate,
            null => null,
            _ => ListPaging.FindFacts(resource)?.PollRate,
        };
        return seconds is { } s ? Duration.FromSeconds(Math.Clamp(s, 0, 31_536_000)) : null;
    }
}
