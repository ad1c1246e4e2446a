using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Session;
using GridServices.Ieee2030Dot5.Time;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Discovery;

/// <summary>What of a resource's content is taken, and what is doubtful about it.</summary>
internal static class Contents
{
    /// <summary>What is doubtful about an answer that is taken; null: nothing.</summary>
    public static (NoteLevel Level, ErrorClass Class, string Text)? FindDoubt(DerClientState state, Node node, Resource read, bool complete, Instant? leaving) => (node.Known, read) switch
    {
        _ when !complete => (NoteLevel.Warning, ErrorClass.ListInconsistent, "promises more items than it gives; what was known besides stays"),
        (DerProgramList { Items.Count: > 0 }, DerProgramList { Items.Count: 0 }) =>
            (NoteLevel.Warning, ErrorClass.LastKnownGood, "is suddenly empty; its programs stay in force until the assignment goes"),
        (DemandResponseProgramList { Items.Count: > 0 }, DemandResponseProgramList { Items.Count: 0 }) =>
            (NoteLevel.Warning, ErrorClass.LastKnownGood, "is suddenly empty; its programs stay in force until the assignment goes"),
        (_, DemandResponseProgramList list) when list.Unreadable.Any() || list.Readable.Any(p => !p.HasPrimacy) =>
            (NoteLevel.Alarm, ErrorClass.SchemaInvalid, "holds programs that can't be read; what was known of them stays in force, and one of unknown rank holds beside the others"),
        (_, EndDeviceControlList list) when list.Unreadable.FirstOrDefault(u => u.MRid is null) is { } item =>
            (NoteLevel.Warning, item.Refusal.Class, $"holds controls that can neither be read nor answered by name ({item.Refusal})"),
        (_, TimeResource) => ClockRules.FindDoubt(node.Kind == NodeKind.AssignmentTime ? state.AssignmentClocks.GetValueOrDefault(node.Key) : state.Clock) is { } jump ? (NoteLevel.Alarm, ErrorClass.ClockSkew, jump) : null,
        (_, DerProgramList list) when list.Unreadable.Any() || list.Readable.Any(p => !p.HasPrimacy) =>
            (NoteLevel.Alarm, ErrorClass.SchemaInvalid, $"holds programs that can't be read ({Illegible(list)}); what was known of them stays in force, and one of unknown rank holds beside the others"),
        (_, FunctionSetAssignmentsList list) when list.Unreadable.FirstOrDefault() is { } item =>
            (NoteLevel.Alarm, item.Refusal.Class, $"holds assignments that can't be read ({item.Refusal}); what was known of them stays in force"),
        (_, DerControlList list) when list.Unreadable.FirstOrDefault(u => u.MRid is null) is { } item =>
            (NoteLevel.Warning, item.Refusal.Class, $"holds controls that can neither be read nor answered by name ({item.Refusal})"),
        (_, TariffProfileList list) when list.Unreadable.FirstOrDefault() is { } item =>
            (NoteLevel.Alarm, item.Refusal.Class, $"holds tariffs that can't be read ({item.Refusal}); what was known of them stays in force"),
        (_, FlowReservationResponseList list) when list.Unreadable.FirstOrDefault() is { } item =>
            (NoteLevel.Alarm, item.Refusal.Class, $"holds answers to reservations that can't be read ({item.Refusal}); what was granted before stays, nothing is added"),
        _ when leaving is not null =>
            (NoteLevel.Warning, ErrorClass.LastKnownGood, $"lacks what it held before; that stays in force until the list has said so for {Departures.Confirmation.TotalSeconds:0} s"),
        _ => null,
    };

    /// <summary>Whether to read it again sooner than in its rhythm, and after how long: what can't be followed as it is, and what must be confirmed.</summary>
    public static Duration? AgainAfter(StepContext context, Node node, Resource taken, bool isDoubtful, Instant? leaving, int tries)
    {
        var isFollowed = node.Kind is not (NodeKind.DefaultControl or NodeKind.SheddableList or (> NodeKind.ControlList and < NodeKind.DemandResponseList)) || (node.Kind == NodeKind.TariffList && leaving is not null);
        if (!isFollowed || (!isDoubtful && !IsInsufficient(context, taken)))
        {
            return null;
        }

        var pause = taken is TimeResource ? ClockRules.Recheck : Backoff.UpTo(context.Config.Polling.MaxBackOff).After(tries + 1, new SeededRandom(context.Seed).Fraction());
        var confirmed = leaving is { } since ? Duration.Max(since + Departures.Confirmation - context.Now, Duration.Epsilon) : Duration.MaxValue;
        return Duration.Min(node.Rate, Duration.Min(pause, confirmed));
    }

    // Well-formed, and yet the walk ends here for want of a link or an item.
    private static bool IsInsufficient(StepContext context, Resource taken) => taken switch
    {
        DeviceCapability dcap => dcap.EndDeviceListLink is null,
        EndDeviceList list => context.State.Devices.Values.Any(d => !d.Retired && IsMissed(context, list, d)),
        FunctionSetAssignmentsList list => !list.Readable.Any(a => a.DerProgramListLink is not null || (context.Config.LoadControl is not null && a.DemandResponseProgramListLink is not null)),
        DerProgramList list => !list.Readable.Any(),
        _ => false,
    };

    // One that is about to be registered is not missed yet.
    private static bool IsMissed(StepContext context, EndDeviceList list, DeviceState device) =>
        list.Readable.FirstOrDefault(d => EndDevices.Owner(context, d) == device.Lfdi) is { } listed ? listed.FunctionSetAssignmentsListLink is null && (TreeLookup.Unassigned(context.State)?.Known is not { } assigned || IsInsufficient(context, assigned))
        : context.Config.Registration == DerRegistration.OutOfBand || context.Line.Holds.ContainsKey(new DerPurpose.Register(device.Lfdi, string.Empty).Key);

    /// <summary>What of an answer is kept; null: it was refused.</summary>
    public static Resource? Accept(StepContext context, Node node, Resource read, bool complete)
    {
        read = ReplyAddresses.Resolved(context.Config.ServerUrl, node, read);
        switch (read)
        {
            case TimeResource time when ClockRules.FindFault(context, time) is { } absurd:
                Reads.Refuse(context, node, absurd);
                return null;
            case TimeResource time:
                if (node.Kind == NodeKind.AssignmentTime)
                {
                    AssignmentTimes.Process(context, node, time);
                }
                else
                {
                    ClockRules.Process(context, time);
                }

                // The time itself is no content: it would make every reading a change.
                return time with { CurrentTime = 1, LocalTime = null };
            case EndDeviceList devices:
                return EndDevices.Process(context, node, devices, complete);
            case MirrorUsagePointList mirrors:
                return mirrors with { Items = mirrors.Items.Select(i => i.Value is { } m ? Readable.From(m with { MeterReadings = [] }) : i).ToValueList() };
            case DerControlList controls:
                return ForeignEvents.Refused(context, node, controls);
            case EndDeviceControlList controls:
                return ForeignEvents.Refused(context, node, controls);
            case DemandResponseProgramList { Items.Count: 0 } programs when node.Known is DemandResponseProgramList { Items.Count: > 0 } before:
                return programs with { Items = before.Items, Results = before.Results, All = before.All };
            case DemandResponseProgramList programs when programs.Readable.Any(p => !p.HasPrimacy):
                return WithMissing(context, node, Ranked(programs, node.Known as DemandResponseProgramList), complete);
            case EndDevice device when EndDevices.Owner(context, device) is null:
                Reads.Refuse(context, node, new ReadError(ErrorClass.AuthzLfdi, "/EndDevice/lFDI", "the EndDevice is not one of ours"));
                return null;
            case DerProgramList { Items.Count: 0 } programs when node.Known is DerProgramList { Items.Count: > 0 } before:
                // A program is taken away by its assignment (CSIP-AUS P-02). A list that is suddenly empty is no such word, and must not free the site.
                return programs with { Items = before.Items, Results = before.Results, All = before.All };
            case DerProgramList programs when programs.Readable.Any(p => !p.HasPrimacy || IsUnnamed(p)):
                return WithMissing(context, node, Ranked(Named(programs, node.Known as DerProgramList), node.Known as DerProgramList), complete);
            default:
                return WithMissing(context, node, read, complete);
        }
    }

    // What an item that can't be read or was not sent may hide is not gone.
    private static Resource WithMissing(StepContext context, Node node, Resource read, bool complete) =>
        (!complete || ListPaging.FindFacts(read) is { HasUnreadable: true }) && node.Known is { } known ? ListPaging.WithKept(read, known) : Departures.WithMissing(context, node, read, complete);

    private static bool IsUnnamed(DerProgram program) => program.MRid == program.Href;

    // So is a name: at the same address it is the same program, and its controls go on.
    private static DerProgramList Named(DerProgramList now, DerProgramList? before) => now with
    {
        Items = now.Items.Select(i => i.Value is { } p && IsUnnamed(p) && before?.Readable.FirstOrDefault(b => b.Href == p.Href && !IsUnnamed(b)) is { } known
            ? Readable.From(p with { MRid = known.MRid }) : i).ToValueList(),
    };

    // A rank that turns illegible is what it was before.
    private static DerProgramList Ranked(DerProgramList now, DerProgramList? before) => now with
    {
        Items = now.Items.Select(i => i.Value is { HasPrimacy: false } p
            && before?.Readable.FirstOrDefault(b => b.HasPrimacy && string.Equals(b.MRid, p.MRid, StringComparison.OrdinalIgnoreCase)) is { } known
                ? Readable.From(p with { Primacy = known.Primacy, HasPrimacy = true }) : i).ToValueList(),
    };

    private static DemandResponseProgramList Ranked(DemandResponseProgramList now, DemandResponseProgramList? before) => now with
    {
        Items = now.Items.Select(i => i.Value is { HasPrimacy: false } p
            && before?.Readable.FirstOrDefault(b => b.HasPrimacy && string.Equals(b.MRid, p.MRid, StringComparison.OrdinalIgnoreCase)) is { } known
                ? Readable.From(p with { Primacy = known.Primacy, HasPrimacy = true }) : i).ToValueList(),
    };

    private static string Illegible(DerProgramList list) => list.Unreadable.FirstOrDefault() is { } item ? item.Refusal.ToString()
        : $"the primacy of {string.Join(", ", list.Readable.Where(p => !p.HasPrimacy).Select(p => SafeText.Quote(p.Href ?? p.MRid)).Take(3))}";
}
