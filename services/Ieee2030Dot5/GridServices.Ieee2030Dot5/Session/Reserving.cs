using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Discovery;
using GridServices.Ieee2030Dot5.Events;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Session;

/// <summary>Asks the server for reservations, and tells it of those that are withdrawn.</summary>
/// <remarks>
/// <code>
///   wanted ─POST─▶ requested ──(response list is read)──▶ grants
///      │  └─4xx─▶ refused
///      └────────── withdrawing ─PUT, requestStatus 1─▶ withdrawn
/// </code>
/// </remarks>
internal static class Reserving
{
    /// <summary>Reservations of one EndDevice that may stand at once.</summary>
    public const int MostStanding = 32;

    /// <summary>Takes on what the charging plan wants; it is in the state, and so promised, before the first request.</summary>
    public static void Reserve(StepContext context, string siteId, Reservation wanted)
    {
        if (context.State.Devices.Values.FirstOrDefault(d => !d.Retired && d.SiteId == siteId) is not { } device)
        {
            context.Warn(NoteKind.Reservation, ErrorClass.NotFound, $"There is no EndDevice for site {SafeText.Quote(siteId)} here.", wanted.Id);
        }
        else if (device.Reservations.Count(r => r.IsActive() && r.Until > context.Now) >= MostStanding)
        {
            context.Warn(NoteKind.Reservation, ErrorClass.LimitCount, $"{MostStanding} reservations of site {SafeText.Quote(siteId)} stand already; withdraw one first.", wanted.Id);
        }
        else
        {
            var named = wanted with { MRid = Identities.MRid(device.Lfdi, context.Config.Pen, $"reservation {wanted.Id} {wanted.CreatedAt}") };
            context.Change(device.Lfdi, d => d with { Reservations = d.Reservations.Append(named).ToValueList() });
            context.Inform(NoteKind.Reservation, $"Reservation {wanted.Id} of {siteId}: {wanted.EnergyWh} Wh at {wanted.PowerW} W from {wanted.From} to {wanted.Until} is asked for.", wanted.Id);
            ReportMissingList(context, device, named);
        }
    }

    /// <summary>What it states ends here at once; the server is told as soon as that is possible.</summary>
    public static void Withdraw(StepContext context, string id)
    {
        foreach (var device in context.State.Devices.Values.Where(d => d.Reservations.Any(r => r.Id == id && r.IsActive())).ToList())
        {
            Change(context, device.Lfdi, id, r => r with
            {
                WithdrawnAt = context.Now,
                Phase = IsUnknownToServer(context, device, r) ? ReservationPhase.Withdrawn : ReservationPhase.Withdrawing,
            });
            context.Inform(NoteKind.Reservation, $"Reservation {id} is withdrawn.", id);
        }

        // Whether and where the server has it may be in its list alone.
        Reads.Again(context, n => n.Kind == NodeKind.ReservationRequests);
    }

    public static IEnumerable<Job> Jobs(DerClientConfig config, DeviceState device, (EndDevice Own, Node At) found, Instant now)
    {
        foreach (var reservation in device.Reservations.Where(r => r.Until > now))
        {
            if (reservation.Phase == ReservationPhase.Wanted && FindPath(config, found.At, found.Own.FlowReservationRequestListLink?.Href) is { } list)
            {
                yield return new Job(new DerPurpose.AskReservation(device.Lfdi, reservation.Id, list), Instant.MinValue, Rank.Device);
            }
            else if (reservation is { Phase: ReservationPhase.Withdrawing, Href: { } href })
            {
                yield return new Job(new DerPurpose.CancelReservation(device.Lfdi, reservation.Id, href), Instant.MinValue, Rank.Device);
            }
        }
    }

    public static FlowReservationRequest? Message(DerClientState state, DerPurpose purpose) => purpose switch
    {
        DerPurpose.AskReservation ask => Find(state, ask.Lfdi, ask.Id) is { } r ? CreateRequest(state, r, RequestStatus.Requested, r.CreatedAt) : null,
        DerPurpose.CancelReservation cancel => Find(state, cancel.Lfdi, cancel.Id) is { } r ? CreateRequest(state, r, RequestStatus.Cancelled, r.WithdrawnAt ?? r.CreatedAt) : null,
        _ => null,
    };

    public static void OnAnswered(StepContext context, DerPurpose.AskReservation purpose, int status, string? location, string why)
    {
        // A conflict means that the server has it already.
        if (status is >= 200 and < 300 or 409)
        {
            var href = location is not null && Hrefs.TryPin(context.Config.ServerUrl, purpose.Href, location, out var path, out _) ? path : null;
            context.Line = context.Line with { Holds = context.Line.Holds.Remove(purpose.Key) };
            Change(context, purpose.Lfdi, purpose.Id, r => r with { Href = href, Phase = r.Phase == ReservationPhase.Wanted ? ReservationPhase.Requested : r.Phase });
            Reads.Again(context, n => n.Kind == NodeKind.ReservationList);
        }
        else if (LinkPolicy.CanBeLifted(status))
        {
            Hold(context, purpose, purpose.Id, why);
        }
        else
        {
            Change(context, purpose.Lfdi, purpose.Id, r => r with { Why = why, Phase = r.Phase == ReservationPhase.Wanted ? ReservationPhase.Refused : ReservationPhase.Withdrawn });
            context.Alarm(NoteKind.Reservation, ErrorClass.Respond, $"The server refuses reservation {purpose.Id}: {why}. Nothing may flow for it; withdraw it, and ask for something else.", purpose.Id);
        }
    }

    public static void Cancelled(StepContext context, DerPurpose.CancelReservation purpose, int status, string why)
    {
        if (status is 401 or 403 or 405)
        {
            Hold(context, purpose, purpose.Id, why);
            return;
        }

        // Gone is as good as cancelled; what the server refuses otherwise it will refuse again.
        if (status is >= 400 and not (404 or 410))
        {
            context.Warn(NoteKind.Reservation, ErrorClass.Respond, $"The server refuses to have reservation {purpose.Id} withdrawn: {why}; here it is.", purpose.Id);
        }

        context.Line = context.Line with { Holds = context.Line.Holds.Remove(purpose.Key) };
        Change(context, purpose.Lfdi, purpose.Id, r => r with { Phase = ReservationPhase.Withdrawn });
        Reads.Again(context, n => n.Kind == NodeKind.ReservationList);
    }

    /// <summary>The server's list of requests was read: where ours stand, and which it never had.</summary>
    public static void Match(StepContext context, Node node, bool isWhole)
    {
        var requests = ((FlowReservationRequestList)node.Known!).Readable.ToList();
        foreach (var device in context.State.Devices.Values.Where(d => d.Reservations.Any(IsUnplaced) && FindList(context, d) == node.Href).ToList())
        {
            foreach (var reservation in device.Reservations.Where(IsUnplaced))
            {
                var found = requests.FirstOrDefault(r => string.Equals(r.MRid, reservation.MRid, StringComparison.OrdinalIgnoreCase));
                if (FindPath(context.Config, node, found?.Href) is { } path)
                {
                    Change(context, device.Lfdi, reservation.Id, r => r with { Href = path });
                }
                else if (found is null && isWhole && reservation.Phase == ReservationPhase.Withdrawing)
                {
                    Change(context, device.Lfdi, reservation.Id, r => r with { Phase = ReservationPhase.Withdrawn });
                }
            }
        }
    }

    /// <summary>True where only the server's list can tell under which address it has the request.</summary>
    public static bool IsUnplaced(Reservation reservation) => reservation is { Href: null, Phase: ReservationPhase.Requested or ReservationPhase.Withdrawing };

    /// <summary>Another server, or another identity towards it, is asked anew: what was granted is the former's word.</summary>
    public static ValueList<Reservation> RequestAllAgain(IEnumerable<Reservation> reservations) => reservations
        .Select(r => r with { Href = null, Why = null, Grants = [], Phase = r.IsActive() ? ReservationPhase.Wanted : ReservationPhase.Withdrawn }).ToValueList();

    /// <summary>A server that lost the device lost what it was asked for: asked again, while what was granted stays. What is being withdrawn is looked for in its list.</summary>
    public static ValueList<Reservation> RequestAgain(ValueList<Reservation> reservations) => reservations.Select(r => r.Phase switch
    {
        ReservationPhase.Requested => r with { Href = null, Phase = ReservationPhase.Wanted },
        ReservationPhase.Withdrawing => r with { Href = null },
        _ => r,
    }).ToValueList();

    /// <summary>The list of what the server grants, as last read; null: never.</summary>
    public static Node? Granted(DerClientConfig config, DerClientState state, string lfdi) =>
        TreeLookup.OwnDevice(state, lfdi) is { } found ? TreeLookup.FindLinked(config, state, NodeKind.ReservationList, found.At, found.Own.FlowReservationResponseListLink?.Href) : null;

    private static FlowReservationRequest CreateRequest(DerClientState state, Reservation r, byte status, Instant since) => new()
    {
        MRid = r.MRid,
        CreationTime = state.Clock.OnServer(r.CreatedAt).ToUnixTimeSeconds(),
        DurationRequested = r.DurationS,

        // IEEE 2030.5: energy is signed, charging positive; the power is its amount.
        EnergyRequested = new Quantity(r.EnergyWh, 0),
        PowerRequested = ActivePower.FromWatts(r.PowerW),
        IntervalRequested = new DateTimeInterval((r.From + state.Clock.OffsetToMachine).ToUnixTimeSeconds(), (long)(r.Until - r.From).TotalSeconds),
        RequestStatus = new RequestStatus(status, state.Clock.OnServer(since).ToUnixTimeSeconds()),
    };

    private static void ReportMissingList(StepContext context, DeviceState device, Reservation reservation)
    {
        if (TreeLookup.OwnDevice(context.State, device.Lfdi) is { } && FindList(context, device) is null)
        {
            context.Alarm(NoteKind.Reservation, ErrorClass.NotFound,
                $"The server has no list for reservations of {device.Lfdi} (FlowReservationRequestListLink): {reservation.Id} waits for one, and nothing may flow for it meanwhile.", reservation.Id);
        }
    }

    private static void Hold(StepContext context, DerPurpose purpose, string id, string why)
    {
        if (!context.Line.Holds.ContainsKey(purpose.Key))
        {
            context.Warn(NoteKind.Reservation, ErrorClass.Respond, $"The server does not take what it is told of reservation {id}: {why}; tried again in a minute, and later with each refusal.", id);
        }

        LinkPolicy.HoldRefused(context, purpose, why);
    }

    // While the tree is not read nobody knows whether the server has it: then it is told, or its list asked, once that is possible.
    private static bool IsUnknownToServer(StepContext context, DeviceState device, Reservation reservation) => reservation.Phase == ReservationPhase.Refused
        || (reservation.Phase == ReservationPhase.Wanted && TreeLookup.OwnDevice(context.State, device.Lfdi) is not null && FindList(context, device) is null);

    private static string? FindList(StepContext context, DeviceState device) =>
        TreeLookup.OwnDevice(context.State, device.Lfdi) is { } found ? FindPath(context.Config, found.At, found.Own.FlowReservationRequestListLink?.Href) : null;

    private static string? FindPath(DerClientConfig config, Node from, string? href) =>
        href is not null && Hrefs.TryPin(config.ServerUrl, from.Href, href, out var path, out _) ? path : null;

    private static Reservation? Find(DerClientState state, string lfdi, string id) => state.Devices.GetValueOrDefault(lfdi)?.Reservations.FirstOrDefault(r => r.Id == id);

    private static void Change(StepContext context, string lfdi, string id, Func<Reservation, Reservation> change) =>
        context.Change(lfdi, d => d with { Reservations = d.Reservations.Select(r => r.Id == id ? change(r) : r).ToValueList() });
}
