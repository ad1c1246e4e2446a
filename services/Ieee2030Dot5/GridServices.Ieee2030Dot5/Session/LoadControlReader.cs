using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Discovery;
using GridServices.Ieee2030Dot5.Events;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Time;

namespace GridServices.Ieee2030Dot5.Session;

/// <summary>The demand response programs of a device as the walk last knew them, their EndDeviceControls in the form that the event engine takes.</summary>
internal sealed class LoadControlReader(DerClientConfig config, DerClientState state, HashSet<string>? changed = null)
{
    private readonly HashSet<string> keys = new(StringComparer.Ordinal);

    /// <summary>What was looked at and for; null: the device itself was not found, and anything may lead to it.</summary>
    public IReadOnlyCollection<string>? Keys { get; private set; }

    /// <summary>True once something that changed was read.</summary>
    public bool Touched { get; private set; }

    /// <summary>Null while its assignments were never read, or while something found is not asked for yet, which says nothing about them, nor does what a wrong PIN silences.</summary>
    public ProgramsRead? Read(string lfdi)
    {
        var device = state.Devices.GetValueOrDefault(lfdi);
        if (config.LoadControl is null || device is { Retired: true })
        {
            return new ProgramsRead([], [], IsPartial: false) { IsLeftAlone = true };
        }

        if (device is { Pin: PinVerdict.Differs } || TreeLookup.OwnDevice(state, lfdi) is not { } found)
        {
            return null;
        }

        Touched |= changed?.Contains(found.At.Key) == true;
        Keys = keys;
        keys.UnionWith([found.At.Key, TreeLookup.First(state, NodeKind.EndDeviceList)?.Key ?? found.At.Key]);
        if (Behind(NodeKind.AssignmentsList, found.At, found.Own.FunctionSetAssignmentsListLink?.Href) is not { Known: FunctionSetAssignmentsList assignments } fsa
            || TreeLookup.IsWithout(fsa, assignments, a => a.DemandResponseProgramListLink))
        {
            return null;
        }

        var (views, lists, isPartial) = (new List<ProgramView>(), new List<Node> { found.At, fsa }, false);
        foreach (var assignment in assignments.Readable.Where(a => a.DemandResponseProgramListLink is not null))
        {
            if (AssignmentTimes.KeyOf(config, state, fsa, assignment) is not null && Behind(NodeKind.AssignmentTime, fsa, assignment.TimeLink!.Href) is { } time && IsUnread(time) && !Schedules.IsTried(state, time.Key))
            {
                return null;
            }

            var shift = AssignmentTimes.ShiftOf(config, state, fsa, assignment);
            var list = Behind(NodeKind.DemandResponseList, fsa, assignment.DemandResponseProgramListLink!.Href);
            if (IsUnread(list) && !Schedules.IsTried(state, list!.Key))
            {
                return null;
            }

            if (list is not { Known: DemandResponseProgramList programs })
            {
                isPartial = true;
                continue;
            }

            lists.Add(list);
            views.AddRange(programs.Readable.Select(p => ViewOf(list, p, assignment.MRid ?? assignment.Href ?? fsa.Href, shift)));
            isPartial |= programs.Readable.Any(p => IsUnread(ControlsOf(list, p)));
        }

        return new ProgramsRead(views, lists, isPartial);
    }

    private static bool IsUnread(Node? node) => node is { Known: null, Missing: false };

    private Node? ControlsOf(Node list, DemandResponseProgram program) =>
        Behind(NodeKind.LoadControlList, list, (program.EndDeviceControlListLink ?? program.ActiveEndDeviceControlListLink)?.Href);

    private ProgramView ViewOf(Node list, DemandResponseProgram program, string fsaKey, long? shift)
    {
        var controls = ControlsOf(list, program);
        var read = controls?.Known as EndDeviceControlList;
        var isAll = read is not null && read.Items.Count >= read.All;
        return new ProgramView(program.MRid, fsaKey, program.Primacy, null, [.. (read?.Readable ?? []).Select(c => AssignmentTimes.Moved(EventOf(c), shift))], isAll)
        {
            Unreadable = [.. read?.Unreadable ?? []],
            IsRanked = program.HasPrimacy,
            IsWhole = isAll && controls is { Slipped: false, Missing: false } && program.EndDeviceControlListLink is not null && read!.Unreadable.All(u => u.MRid is not null),
            Sha256 = controls?.Sha256,
            ClockShiftS = shift,
        };
    }

    private static DerControl EventOf(EndDeviceControl sent) => new()
    {
        Href = sent.Href,
        MRid = sent.MRid,
        Description = sent.Description,
        Version = sent.Version,
        CreationTime = sent.CreationTime,
        EventStatus = sent.EventStatus,
        Interval = sent.Interval,
        RandomizeDuration = sent.RandomizeDuration,
        RandomizeStart = sent.RandomizeStart,
        Base = new DerControlBase { Load = sent },
        DeviceCategory = sent.DeviceCategory,
        ReplyTo = sent.ReplyTo,
        ResponseRequired = sent.ResponseRequired,
        Illegible = sent.Illegible,
    };

    private Node? Behind(NodeKind kind, Node from, string? href)
    {
        if (TreeLookup.KeyBehind(config, kind, from, href) is not { } key)
        {
            return null;
        }

        var node = TreeLookup.Behind(config, state, kind, from, href);
        keys.UnionWith([key, node?.Key ?? key]);
        Touched |= node is not null && changed?.Contains(node.Key) == true;
        return node;
    }
}
