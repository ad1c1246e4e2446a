using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Discovery;
using GridServices.Ieee2030Dot5.Events;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Time;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Session;

/// <summary>The DER programs of an EndDevice as the walk last knew them.</summary>
internal sealed class ViewReader(DerClientConfig config, DerClientState state, HashSet<string>? changed) : AssignmentReader(config, state, changed)
{
    private Instant? unread;

    public ProgramsRead? Read(string lfdi)
    {
        if (State.Devices.GetValueOrDefault(lfdi) is { Retired: true })
        {
            return new ProgramsRead([], [], IsPartial: false);
        }

        if (FindAssignments(lfdi, a => a.DerProgramListLink) is not var (device, fsa, assignments))
        {
            return null;
        }

        var (views, lists, isPartial) = (new List<ProgramView>(), new List<Node> { device, fsa }, false);
        foreach (var assignment in assignments.Readable.Where(a => a.DerProgramListLink is not null))
        {
            if (IsClockToCome(fsa, assignment))
            {
                return null;
            }

            var shift = AssignmentTimes.FindShift(Config, State, fsa, assignment);
            var list = FindLinked(NodeKind.ProgramList, fsa, assignment.DerProgramListLink!.Href);
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
                var standing = FindLinked(NodeKind.DefaultControl, list, program.DefaultDerControlLink?.Href);
                if (IsToCome(standing))
                {
                    return null;
                }

                views.Add(ReadView(list, program, standing, assignment.MRid ?? assignment.Href ?? fsa.Href, shift));
                isPartial |= IsFailing(standing) || IsFailing(FindLinked(NodeKind.ControlList, list, (program.DerControlListLink ?? program.ActiveDerControlListLink)?.Href));
            }
        }

        return new ProgramsRead(views, lists, isPartial);
    }

    // What a program came with can't be read: whether it stands for another that is gone is not known. What the server says it doesn't have is known.
    private static bool IsFailing(Node? node) => node is { Known: null, Missing: false };

    private ProgramView ReadView(Node list, DerProgram program, Node? standing, string fsaKey, long? shift)
    {
        var controls = FindLinked(NodeKind.ControlList, list, (program.DerControlListLink ?? program.ActiveDerControlListLink)?.Href);
        var read = controls?.Known as DerControlList;
        var byDefault = standing?.Known as DefaultDerControl;
        return new ProgramView(
            program.MRid, fsaKey, program.Primacy, byDefault is null ? null : byDefault with { Base = WithCurves(byDefault.Base, standing!) },
            [.. (read?.Readable ?? []).Select(c => AssignmentTimes.Moved(c.Base.Curves.Count == 0 ? c : c with { Base = WithCurves(c.Base, controls!) }, shift))],
            Complete: read is not null && read.Items.Count >= read.All)
        {
            Unreadable = [.. read?.Unreadable ?? []],
            IsDefaultUnread = program.DefaultDerControlLink is not null && byDefault is null,
            IsDefaultMissing = standing is { Known: null, Missing: true },
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
        Curves = said.Curves.Select(c => FindLinked(NodeKind.Curve, at, c.Href) is { } node ? new CurveLink(c.Mode, node.Href) { Curve = node.Known as DerCurve, IsToCome = IsToCome(node) } : c).ToValueList(),
    };

    protected override Node? FindLinked(NodeKind kind, Node from, string? href)
    {
        var node = base.FindLinked(kind, from, href);
        if (node is not null && kind is not (NodeKind.DefaultControl or NodeKind.Curve))
        {
            unread = Schedules.Earlier(unread, node.UnreadSince);
        }

        return node;
    }
}
