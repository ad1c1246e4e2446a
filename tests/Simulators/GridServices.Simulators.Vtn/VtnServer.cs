using System.Xml.Linq;
using GridServices.Simulators.Vtn.Messages;
using NodaTime;

namespace GridServices.Simulators.Vtn;

/// <summary>
/// The VTN's side of every pull exchange of OpenADR 2.0b. One message in, one message out:
/// <code>
/// (1) schema verdict, header facts -> journal
/// (2) who is it? unknown venID -> 463, wrong one -> 452
/// (3) do it, answer it
/// </code>
/// </summary>
public sealed partial class VtnServer(VtnOptions options, IClock clock, SimLog log, Journal journal, Habits habits)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, VenRecord> vens = new(StringComparer.Ordinal);
    private readonly List<VtnEvent> events = [];
    private readonly HashSet<string> distributeRequestIds = new(StringComparer.Ordinal);
    private int nextId;

    public VtnOptions Options => options;

    public SimLog Log => log;

    public Habits Habits => habits;

    public Journal Journal => journal;

    /// <summary>Answers a message; the bytes are a raw reply that someone injected.</summary>
    internal QueuedMessage Answer(string service, XElement message, string? fingerprint)
    {
        lock (gate)
        {
            var reply = message.Name.Namespace == Ns.Oadr ? Dispatch(message, fingerprint) : null;
            return reply ?? new(RegistrationMessages.Response("459", $"{message.Name.LocalName} is no request to {service}", FindRequestId(message), null), null);
        }
    }

    private QueuedMessage? Dispatch(XElement message, string? fingerprint) => message.Name.LocalName switch
    {
        "oadrPoll" => Poll(message),
        "oadrQueryRegistration" => Say(Query(message, fingerprint)),
        "oadrCreatePartyRegistration" => Say(Register(message, fingerprint)),
        "oadrCancelPartyRegistration" => Say(CancelByVen(message)),
        "oadrCanceledPartyRegistration" => Say(CanceledByVen(message)),
        "oadrRequestEvent" => Known(message, ven => habits.Has(Habit.ListsNothing) ? RegistrationMessages.Response("200", "OK", FindRequestId(message), ven.VenId) : Distribute(ven, FindRequestId(message))),
        "oadrCreatedEvent" => Known(message, ven => CreatedEvent(ven, message)),
        "oadrRegisterReport" => Known(message, ven => RegisterReport(ven, message)),
        "oadrCreatedReport" or "oadrRegisteredReport" or "oadrCanceledReport" => Known(message, ven => ReportReply(ven, message)),
        "oadrUpdateReport" => Known(message, ven => UpdateReport(ven, message)),
        "oadrCreateReport" => Known(message, ven => CreateReport(ven, message)),
        "oadrCancelReport" => Known(message, ven => ReportMessages.CanceledReport(FindRequestId(message), ven.VenId)),
        "oadrCreateOpt" => Known(message, ven => CreateOpt(ven, message)),
        "oadrCancelOpt" => Known(message, ven => CancelOpt(ven, message)),
        "oadrResponse" => Say(Acknowledged(message)),
        _ => null,
    };

    private QueuedMessage Poll(XElement message)
    {
        if (Find(message) is not { } ven)
        {
            return Say(Unknown(message));
        }

        ven.Polls = checked(ven.Polls + 1);
        ven.LastPollAt = clock.GetCurrentInstant();
        if (ven.PollQueue.TryDequeue(out var waiting))
        {
            return waiting;
        }

        return Say(ven.EventsChanged || events.Exists(e => e.Status(clock.GetCurrentInstant()) is "completed" && e.IsFor(ven.VenId) && IsToldCompleted(e, ven)) ? Distribute(ven, null) : RegistrationMessages.Response("200", "OK", "", ven.VenId));
    }

    private QueuedMessage Known(XElement message, Func<VenRecord, XElement> answer) => Say(Find(message) is { } ven ? answer(ven) : Unknown(message));

    // Rule 517: 463 = not registered here, 452 = an ID that is not this VEN's.
    private XElement Unknown(XElement message)
    {
        var venId = message.Find(Ns.Ei + "venID");
        if (venId is not null && habits.Has(Habit.AsksReregistration))
        {
            log.Add("unknown-ven", venId, $"{message.Name.LocalName} from {venId}, which is not registered: asked to register again");
            return RegistrationMessages.RequestReregistration(venId);
        }

        log.Add("unknown-ven", venId, $"{message.Name.LocalName} from {venId ?? "a VEN without venID"}, which is not registered: answered 463");
        return RegistrationMessages.Response("463", "Not registered", FindRequestId(message), null);
    }

    private static XElement Acknowledged(XElement message) => RegistrationMessages.Response("200", "OK", FindRequestId(message), message.Text(Ns.Ei + "venID"));

    private VenRecord? Find(XElement message) =>
        (message.Text(Ns.Ei + "venID") ?? message.Elements().Select(e => e.Text(Ns.Ei + "venID")).FirstOrDefault(id => id is not null)) is { } venId
            && vens.TryGetValue(venId, out var ven) ? ven : null;

    private static string? FindRequestId(XElement message) => message.Text(Ns.Pyld + "requestID") ?? message.Find(Ns.Pyld + "requestID");

    private string NewId(string kind) => $"{kind}-{++nextId}";

    private static QueuedMessage Say(XElement message) => new(message, null);
}
