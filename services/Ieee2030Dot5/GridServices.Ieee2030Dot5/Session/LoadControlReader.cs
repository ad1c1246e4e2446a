using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Discovery;
using GridServices.Ieee2030Dot5.Events;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Time;

namespace GridServices.Ieee2030Dot5.Session;

/// <summary>The demand response programs of a device as the walk last knew them, their EndDeviceControls in the form that the event engine takes.</summary>
internal sealed class LoadControlReader(DerClientConfig config, DerClientState state, HashSet<string>? changed = null) : AssignmentReader(config, state, changed)
{
    /// <summary>Null while its assignments were never read, or while something found is not asked for yet, which says nothing about them, nor does what a wrong PIN silences.</summary>
    public ProgramsRead? Read(string lfdi)
    {
        if (Config.LoadControl is null || State.Devices.GetValueOrDefault(lfdi) is { Retired: true })
        {
            return new ProgramsRead([], [], IsPartial: false) { IsLeftAlone = true };
        }

        if (FindAssignments(lfdi, a => a.DemandResponseProgramListLink) is not var (device, fsa, assignments))
        {
            return null;
        }

        var (views, lists, isPartial) = (new List<ProgramView>(), new List<Node> { device, fsa }, false);
        foreach (var assignment in assignments.Readable.Where(a => a.DemandResponseProgramListLink is not null))
        {
            if (IsClockToCome(fsa, assignment))
            {
                return null;
            }

            var shift = AssignmentTimes.FindShift(Config, State, fsa, assignment);
            var list = FindLinked(NodeKind.DemandResponseList, fsa, assignment.DemandResponseProgramListLink!.Href);
            if (IsToCome(list))
            {
                return null;
            }

            if (list is not { Known: DemandResponseProgramList programs })
            {
                isPartial = true;
                continue;
            }

            lists.Add(list);
            views.AddRange(programs.Readable.Select(p => ReadView(list, p, assignment.MRid ?? assignment.Href ?? fsa.Href, shift)));
            isPartial |= programs.Readable.Any(p => IsUnread(FindControls(list, p)));
        }

        return new ProgramsRead(views, lists, isPartial);
    }

    private static bool IsUnread(Node? node) => node is { Known: null, Missing: false };

    private Node? FindControls(Node list, DemandResponseProgram program) =>
        FindLinked(NodeKind.LoadControlList, list, (program.EndDeviceControlListLink ?? program.ActiveEndDeviceControlListLink)?.Href);

    private ProgramView ReadView(Node list, DemandResponseProgram program, string fsaKey, long? shift)
    {
        var controls = FindControls(list, program);
        var read = controls?.Known as EndDeviceControlList;
        var isAll = read is not null && read.Items.Count >= read.All;
        return new ProgramView(program.MRid, fsaKey, program.Primacy, null, [.. (read?.Readable ?? []).Select(c => AssignmentTimes.Moved(ToControl(c), shift))], isAll)
        {
            Unreadable = [.. read?.Unreadable ?? []],
            IsRanked = program.HasPrimacy,
            IsWhole = isAll && controls is { Slipped: false, Missing: false } && program.EndDeviceControlListLink is not null && read!.Unreadable.All(u => u.MRid is not null),
            Sha256 = controls?.Sha256,
            ClockShiftS = shift,
        };
    }

    private static DerControl ToControl(EndDeviceControl sent) => new()
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
}
