using System.Runtime.CompilerServices;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Discovery;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Responses;
using GridServices.Ieee2030Dot5.Time;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Session;

/// <summary>Why a server can't be followed, or not wholly, and what a person can do.</summary>
/// <param name="Reason">What is wrong, half a sentence.</param>
/// <param name="Advice">What to do, a sentence.</param>
public sealed record ServerTrouble(string Reason, string Advice);

/// <summary>Whether what a server shows is enough to follow it: an answer is not yet a utility.</summary>
public sealed class Usability
{
    // A state never changes: what is wrong in it is worked out once.
    private static readonly ConditionalWeakTable<DerClientState, Usability> Known = [];

    private static readonly Duration Overdue = Duration.FromMinutes(20);
    private readonly DerClientConfig _config;
    private readonly DerClientState _state;

    private Usability(DerClientConfig config, DerClientState state)
    {
        (_config, _state) = (config, state);
        var entrance = CheckEntrance();
        Entrance = entrance ?? CheckTime() ?? CheckConnection();
        Refused = [.. GetRefused(state)];
        Devices = entrance is not null ? [] : state.Devices.Values.Where(d => !d.Retired)
            .Select(d => (d.Lfdi, Trouble: CheckDevice(d))).Where(d => d.Trouble is not null).ToDictionary(d => d.Lfdi, d => d.Trouble!, StringComparer.Ordinal);
    }

    /// <summary>What keeps every device from being followed; null: nothing.</summary>
    public ServerTrouble? Entrance { get; }

    /// <summary>What is wrong with single EndDevices, by LFDI; those that are followed are absent.</summary>
    public IReadOnlyDictionary<string, ServerTrouble> Devices { get; }

    /// <summary>What the server refuses or fails to take of what it is told, and what that needs; it can be followed all the same.</summary>
    public IReadOnlyList<ServerTrouble> Refused { get; }

    /// <param name="config">With <see cref="DerClientConfig.Lfdi"/> filled in.</param>
    /// <param name="state">What is known of the server.</param>
    public static Usability For(DerClientConfig config, DerClientState state)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(state);
        return Known.GetValue(state, s => new Usability(config, s));
    }

    private ServerTrouble? CheckEntrance()
    {
        if (_state.Entry is null)
        {
            return Check(TreeLookup.First(_state, NodeKind.WellKnown), Discovery.EntryPoint.WellKnownPath);
        }

        if (Check(TreeLookup.First(_state, NodeKind.DeviceCapability), _state.Entry) is { } entry)
        {
            return entry;
        }

        var root = TreeLookup.Root(_state)!;
        return root.EndDeviceListLink is null
            ? new("DeviceCapability holds no EndDeviceListLink", "Check with the utility that serverUrl is the DeviceCapability meant for this client.")
            : Check(TreeLookup.First(_state, NodeKind.EndDeviceList), root.EndDeviceListLink.Href);
    }

    // A server without Time goes by our clock. One that has a time and doesn't tell it is followed by a clock that nobody knows.
    private ServerTrouble? CheckTime() =>
        TreeLookup.Root(_state)?.TimeLink is { } link ? Check(TreeLookup.First(_state, NodeKind.Time), link.Href) : null;

    private ServerTrouble? CheckConnection() => _state.Line switch
    {
        { LostSince: { } since } line => new($"the server is not heard since {since} ({line.LostBy ?? "no usable answer"})", "Check the network and the server; what was ordered stays in force meanwhile."),
        { HeardAt: null } => new("the server has not answered yet", "Wait a moment."),
        _ => null,
    };

    private ServerTrouble? CheckDevice(DeviceState device)
    {
        if (device.Pin == PinVerdict.Differs)
        {
            return new(
                $"the server's registration PIN of {device.Lfdi} is not ours: communication has ceased, and what was ordered before stays in force to its end",
                "Check the PIN with the utility, correct it here, then resume.");
        }

        if (TreeLookup.OwnDevice(_state, device.Lfdi) is not { } found || device.Presence == Presence.Absent)
        {
            return CheckRegistration(device);
        }

        var (own, at) = found;
        if (own.FunctionSetAssignmentsListLink is not { } link)
        {
            return new($"EndDevice {device.Lfdi} holds no FunctionSetAssignmentsListLink", "Ask the utility to assign the device to a program.");
        }

        var missed = GetMissed(device);
        return CheckAssignments(device, FindLinked(NodeKind.AssignmentsList, at, link.Href), link.Href) is { } trouble
            ? missed.Count > 0 ? trouble with { Reason = $"{trouble.Reason}; {DescribeMissed(missed)}" } : trouble
            : CheckMissed(missed) ?? CheckPin(device, own, at) ?? CheckGrants(device, own, at) ?? CheckConnectionPoint(device, own, at);
    }

    private List<MissedProgram> GetMissed(DeviceState device) =>
        [.. new[] { device.Lfdi, LoadControls.MissedKey(device.Lfdi) }.SelectMany(k => _state.Line.Missed.GetValueOrDefault(k) ?? [])];

    private static string DescribeMissed(List<MissedProgram> missed) =>
        $"what {string.Join(", ", missed.Take(5).Select(m => m.Words))} said stays in force, not found since {missed.Min(m => m.Since)}";

    private static ServerTrouble? CheckMissed(List<MissedProgram> missed) => missed.Count > 0
        ? new($"the server's lists lack programs that are in force: {DescribeMissed(missed)}", "Where the utility took them away they end within a minute by themselves; where it stays, tell the utility what its server lists.")
        : null;

    private ServerTrouble? CheckRegistration(DeviceState device)
    {
        if (device.Presence == Presence.Unknown)
        {
            return new($"EndDevice {device.Lfdi} was not found yet", "Wait until the server's list of EndDevices is read.");
        }

        var refused = _state.Line.Holds.GetValueOrDefault(new DerPurpose.Register(device.Lfdi, string.Empty).Key)?.Why;
        return new(
            refused is null ? $"the server's list holds no EndDevice {device.Lfdi}" : $"the server refuses to register EndDevice {device.Lfdi}: {refused}",
            "Ask the utility to register this LFDI" + (_config.Registration == DerRegistration.OutOfBand ? ", or set registration to inBand." : "."));
    }

    private ServerTrouble? CheckAssignments(DeviceState device, Node? assignments, string href)
    {
        if (Check(assignments, href) is { } trouble)
        {
            return trouble;
        }

        var programs = 0;
        if (CheckTimes(assignments!) is { } untimed)
        {
            return untimed;
        }

        foreach (var assignment in ((FunctionSetAssignmentsList)assignments!.Known!).Readable.Where(a => a.DerProgramListLink is not null))
        {
            var list = FindLinked(NodeKind.ProgramList, assignments, assignment.DerProgramListLink!.Href);
            if (Check(list, assignment.DerProgramListLink.Href) is { } unread)
            {
                return unread;
            }

            foreach (var program in ((DerProgramList)list!.Known!).Readable)
            {
                programs++;
                if (CheckProgram(program, list) is { } unusable)
                {
                    return unusable;
                }
            }
        }

        return CheckLoadControl(assignments, ref programs) is { } load ? load : programs > 0 ? null : new($"EndDevice {device.Lfdi} is assigned to no program", "Ask the utility to assign the device to a program; until then there is nothing to follow.");
    }

    private ServerTrouble? CheckTimes(Node assignments) => ((FunctionSetAssignmentsList)assignments.Known!).Readable.Where(a => AssignmentTimes.FindKey(_config, _state, assignments, a) is not null)
        .Select(a => Check(FindLinked(NodeKind.AssignmentTime, assignments, a.TimeLink!.Href), a.TimeLink.Href)).FirstOrDefault(t => t is not null);

    private ServerTrouble? CheckLoadControl(Node assignments, ref int programs)
    {
        foreach (var link in ((FunctionSetAssignmentsList)assignments.Known!).Readable.Select(a => a.DemandResponseProgramListLink).OfType<ListLink>().Where(_ => _config.LoadControl is not null))
        {
            var list = FindLinked(NodeKind.DemandResponseList, assignments, link.Href);
            if (Check(list, link.Href) is { } unread)
            {
                return unread;
            }

            foreach (var program in ((DemandResponseProgramList)list!.Known!).Readable)
            {
                programs++;
                if ((program.EndDeviceControlListLink ?? program.ActiveEndDeviceControlListLink)?.Href is { } controls && Check(FindLinked(NodeKind.LoadControlList, list, controls), controls) is { } trouble)
                {
                    return trouble;
                }
            }
        }

        return null;
    }

    private ServerTrouble? CheckProgram(DerProgram program, Node list)
    {
        if ((program.DerControlListLink ?? program.ActiveDerControlListLink)?.Href is { } controls && Check(FindLinked(NodeKind.ControlList, list, controls), controls) is { } trouble)
        {
            return trouble;
        }

        // A program without a default is no fault; one whose default can't be read is.
        return program.DefaultDerControlLink is { } link ? Check(FindLinked(NodeKind.DefaultControl, list, link.Href), link.Href)
            : program is { DerControlListLink: null, ActiveDerControlListLink: null }
                ? new($"DERProgram {program.MRid} leads to neither controls nor a default", "Ask the utility what the program is for; nothing of it can be followed.")
            : null;
    }

    private ServerTrouble? CheckPin(DeviceState device, EndDevice own, Node at) =>
        _config.AllDevices().Any(d => d.Pin is not null) && Identities.GetDevices(_config, _state).GetValueOrDefault(device.Lfdi)?.Pin is not null && own.RegistrationLink is { } link
            ? Check(FindLinked(NodeKind.Registration, at, link.Href), link.Href) is { } trouble ? trouble with { Advice = $"The PIN can't be compared. {trouble.Advice}" }
                : _state.Line.PinDoubts.GetValueOrDefault(device.Lfdi) is { Since: var since }
                    ? new($"the server's registration PIN of {device.Lfdi}, which matched before, is read as another since {since}", "Check the PIN with the utility; communication ceases once that is confirmed.") : null
            : null;

    private ServerTrouble? CheckConnectionPoint(DeviceState device, EndDevice own, Node at) =>
        own.ConnectionPointLink is { } link && Hrefs.TryPin(_config.ServerUrl, at.Href, link.Href, out var path, out _)
        && _state.Line.Holds.GetValueOrDefault(new DerPurpose.PutConnectionPoint(device.Lfdi, path, string.Empty).Key)?.Why is { } why
            ? new($"the server refuses the NMI of {device.Lfdi}: {why}", "Check nmi with the utility and correct it here.")
            : null;

    private static IEnumerable<ServerTrouble> GetRefused(DerClientState state)
    {
        // What has not been tried again long after it was due concerns something that is over.
        var heardAt = state.Line.HeardAt ?? Instant.MinValue;
        foreach (var (key, hold) in state.Line.Holds.Where(h => h.Value.Why is not null && h.Value.Until + Overdue > heardAt && !state.Nodes.ContainsKey(h.Key)))
        {
            yield return new($"the server does not take what it is told ({key}): {hold.Why}", "Ask the utility whether this client may send it, and where to; it is tried again.");
        }

        foreach (var node in state.Nodes.Values.Where(n => n.Kind is (> NodeKind.ControlList and < NodeKind.DemandResponseList) or NodeKind.SheddableList))
        {
            if (state.Line.Readings.GetValueOrDefault(node.Key) is { Trouble: { } trouble })
            {
                yield return new($"{node.Kind} {node.Href} can't be used: {trouble}", Advice(node, trouble));
            }
        }

        foreach (var device in state.Devices.Values.Where(d => d.IsListMissed))
        {
            yield return new($"EndDevice {device.Lfdi} holds no LogEventListLink: alarms reach the server by alarmStatus alone", "Ask the utility whether it takes log events, and for a list to post them to.");
        }

        var lately = state.Line.HeardAt is { } heard ? state.Clock.OnServer(heard) - Duration.FromDays(1) : Instant.MinValue;
        var parked = state.Responses.Where(r => r.Outcome is ResponseOutcome.Parked or ResponseOutcome.Expired && r.At > lately).ToList();
        if (parked.Count > 0)
        {
            yield return new(
                $"{parked.Count} responses of the last day were not taken, the latest {parked[^1].Status} to {parked[^1].MRid}: {parked[^1].Reason}",
                "Ask the utility whether the LFDI of our certificate may answer its events; it may count them as not followed.");
        }
    }

    private Node? FindLinked(NodeKind kind, Node from, string href) => TreeLookup.FindLinked(_config, _state, kind, from, href);

    private ServerTrouble? Check(Node? node, string what)
    {
        if (node is null)
        {
            return new($"{what} is not read yet", "Wait a moment; a link that leads away from the server is never followed.");
        }

        var reading = _state.Line.Readings.GetValueOrDefault(node.Key);
        if (reading is { Trouble: { } trouble })
        {
            return new(reading.IsRefused ? $"{node.Kind} {node.Href} can't be used: {trouble}" : $"{node.Kind} {node.Href} {trouble}", Advice(node, trouble));
        }

        if (node.Known is not null)
        {
            return CheckKept(node);
        }

        return reading is null && !_state.Line.Holds.ContainsKey(node.Key)
            ? new($"{node.Kind} {node.Href} is not read yet", "Wait a moment.")
            : new($"{node.Kind} {node.Href} could not be read yet", "See the client's messages for what the server answers.");
    }

    // "ok" ends fail-safes: what was read before the start alone may have been replaced since.
    private ServerTrouble? CheckKept(Node node) => _state.Line.Readings.GetValueOrDefault(node.Key) is { IsRead: true } ? null
        : new($"{node.Kind} {node.Href} is to be read anew: what is kept of it may be over", "Wait a moment.");

    // Without a reservation nothing is read of the list.
    private ServerTrouble? CheckGrants(DeviceState device, EndDevice own, Node at) => device.Reservations.Any(r => r.IsActive())
        && own.FlowReservationResponseListLink is { } link && FindLinked(NodeKind.ReservationList, at, link.Href) is { Known: not null } list ? CheckKept(list) : null;

    private static string Advice(Node node, string trouble) => trouble switch
    {
        _ when trouble.Contains("HTTP 401", StringComparison.Ordinal) || trouble.Contains("HTTP 403", StringComparison.Ordinal) =>
            "Ask the utility whether the LFDI of our certificate is registered and may read this.",
        _ when trouble.Contains("HTTP 404", StringComparison.Ordinal) || trouble.Contains("HTTP 405", StringComparison.Ordinal) =>
            node.Kind <= NodeKind.DeviceCapability ? "Check the path of serverUrl with the utility." : "Tell the utility that a link of its server leads nowhere.",
        _ when trouble.Contains("html", StringComparison.OrdinalIgnoreCase) => "Something in between answers (a captive portal, a proxy) or serverUrl is not that of the utility's server; check the network and the URL.",
        _ when trouble.Contains("exi", StringComparison.OrdinalIgnoreCase) => "The server sends EXI, which is not read here; ask the utility for application/sep+xml.",
        _ => "Tell the utility what its server answers; the client's messages hold it byte by byte.",
    };
}
