using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Discovery;
using GridServices.Ieee2030Dot5.Events;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Time;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Session;

/// <summary>The DER programs of an EndDevice as the walk last knew them.</summary>
internal sealed class ViewReader(DerClientConfig config, DerClientState state, HashSet<string>? changed)
{
    private readonly HashSet<string> keys = new(StringComparer.Ordinal);
    private Instant? unread;

    /// <summary>What was looked at and for; null: the device itself was not found, and anything may lead to it.</summary>
    public IReadOnlyCollection<string>? Keys { get; private set; }

    /// <summary>True once something that changed was read.</summary>
    public bool Touched { get; private set; }

    public ProgramsRead? Read(string lfdi)
    {
        var device = state.Devices.GetValueOrDefault(lfdi);
        if (device is { Retired: true })
        {
            return new ProgramsRead([], [], IsPartial: false);
        }

        // Communication has ceased: nothing is heard, and what is in force stays so.
        if (device is { Pin: PinVerdict.Differs } || TreeLookup.OwnDevice(state, lfdi) is not { } found)
        {
            return null;
        }

        Touched |= changed?.Contains(found.At.Key) == true;
        Keys = keys;
        keys.UnionWith([found.At.Key, TreeLookup.First(state, NodeKind.EndDeviceList)?.Key ?? found.At.Key]);
        if (Behind(NodeKind.AssignmentsList, found.At, found.Own.FunctionSetAssignmentsListLink?.Href) is not { Known: FunctionSetAssignmentsList assignments } fsa
            || TreeLookup.IsWithout(fsa, assignments, a => a.DerProgramListLink))
        {
            return null;
        }

        var (views, lists, isPartial) = (new List<ProgramView>(), new List<Node> { found.At, fsa }, false);
        foreach (var assignment in assignments.Readable.Where(a => a.DerProgramListLink is not null))
        {
            // Dated by a clock that is about to be read nothing of it is looked at.
            if (AssignmentTimes.KeyOf(config, state, fsa, assignment) is not null && IsToCome(Behind(NodeKind.AssignmentTime, fsa, assignment.TimeLink!.Href)))
            {
                return null;
            }

            var shift = AssignmentTimes.ShiftOf(config, state, fsa, assignment);
            var list = Behind(NodeKind.ProgramList, fsa, assignment.DerProgramListLink!.Href);
            if (IsToCome(list))
            {
                return null;
            }

            if (list is not { Known: DerProgramList programs })
            {
                isPartial = true;
                continue;
            }

            lists.Add(list);
            foreach (var program in programs.Readable)
            {
                var standing = Behind(NodeKind.DefaultControl, list, program.DefaultDerControlLink?.Href);
                if (IsToCome(standing))
                {
                    return null;
                }

                views.Add(ViewOf(list, program, standing, assignment.MRid ?? assignment.Href ?? fsa.Href, shift));
                isPartial |= IsFailing(standing) || IsFailing(Behind(NodeKind.ControlList, list, (program.DerControlListLink ?? program.ActiveDerControlListLink)?.Href));
            }
        }

        return new ProgramsRead(views, lists, isPartial);
    }

    // What a program came with can't be read: whether it stands for another that is gone is not known. What the server says it doesn't have is known.
    private static bool IsFailing(Node? node) => node is { Known: null, Missing: false };

    // Found and not asked for yet, or not for all of its pages: what it holds will be known in a moment, and nothing may be taken to be gone until then.
    // What was asked for in vain holds nobody up.
    private bool IsToCome(Node? node) => node is { Known: null, Missing: false } && !Schedules.IsTried(state, node.Key);

    private ProgramView ViewOf(Node list, DerProgram program, Node? standing, string fsaKey, long? shift)
    {
        var controls = Behind(NodeKind.ControlList, list, (program.DerControlListLink ?? program.ActiveDerControlListLink)?.Href);
        var read = controls?.Known as DerControlList;
        var byDefault = standing?.Known as DefaultDerControl;
        return new ProgramView(
            program.MRid, fsaKey, program.Primacy, byDefault is null ? null : byDefault with { Base = WithCurves(byDefault.Base, standing!) },
            [.. (read?.Readable ?? []).Select(c => AssignmentTimes.Moved(c.Base.Curves.Count == 0 ? c : c with { Base = WithCurves(c.Base, controls!) }, shift))],
            Complete: read is not null && read.Items.Count >= read.All)
        {
            Unreadable = [.. read?.Unreadable ?? []],
            IsDefaultUnread = program.DefaultDerControlLink is not null && byDefault is null,
            IsRanked = program.HasPrimacy,
            IsWhole = controls is { Slipped: false, Missing: false } && program.DerControlListLink is not null && read is not null && read.Items.Count >= read.All
                && read.Unreadable.All(u => u.MRid is not null),
            Sha256 = controls?.Sha256,
            ClockShiftS = shift,
        };
    }

    /// <summary>Since when, by our clock, what leads to the device's controls can't be read; null: it can.</summary>
    public Instant? UnreadSince(string lfdi)
    {
        unread = null;
        _ = Read(lfdi);
        return unread;
    }

    private DerControlBase WithCurves(DerControlBase said, Node at) => said.Curves.Count == 0 ? said : said with
    {
        Curves = said.Curves.Select(c => Behind(NodeKind.Curve, at, c.Href) is { } node ? new CurveLink(c.Mode, node.Href) { Curve = node.Known as DerCurve, IsToCome = IsToCome(node) } : c).ToValueList(),
    };

    private Node? Behind(NodeKind kind, Node from, string? href)
    {
        if (TreeLookup.KeyBehind(config, kind, from, href) is not { } key)
        {
            return null;
        }

        var node = TreeLookup.Behind(config, state, kind, from, href);
        keys.UnionWith([key, node?.Key ?? key]);
        if (node is not null && kind is not (NodeKind.DefaultControl or NodeKind.Curve))
        {
            unread = Schedules.Earlier(unread, state.Line.Readings.GetValueOrDefault(node.Key)?.UnreadSince);
        }

        Touched |= node is not null && changed?.Contains(node.Key) == true;
        return node;
    }
}
