using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using GridServices.Simulators.Vtn.Messages;

namespace GridServices.Simulators.Vtn;

public sealed partial class VtnServer
{
    // Rule 50: every payload carries all far, near and active events of the VEN; a cancelled one until it was acknowledged (rule 36).
    private XElement Distribute(VenRecord ven, string? answeredRequestId)
    {
        var now = clock.GetCurrentInstant();
        var told = events.Where(e => IsTold(e, ven, now)).ToList();
        foreach (var e in told)
        {
            e.FirstTold.TryAdd(ven.VenId, now);
            if (e.Status(now) is "completed")
            {
                e.CompletedTold.Add(ven.VenId);
            }

            if (e is { Cancelled: true, ResponseNever: true })
            {
                e.CancelAcknowledged.Add(ven.VenId);
            }
        }

        ven.EventsChanged = false;
        var requestId = NewId("distribute");
        distributeRequestIds.Add(requestId);
        log.Add("distributed", ven.VenId, $"told {ven.VenId} of {told.Count} event(s){(told.Count == 0 ? "" : ": " + string.Join(", ", told.Select(e => $"{e.EventId}/{e.Modification} {e.Status(now)}")))}");
        return EventMessages.DistributeEvent(requestId, options.VtnId, answeredRequestId, told.Select(e => e.ToXml(ven.VenId, now)));
    }

    private XElement CreatedEvent(VenRecord ven, XElement message)
    {
        var now = clock.GetCurrentInstant();
        foreach (var response in message.Descendants(Ns.Ei + "eventResponse"))
        {
            var eventId = response.Find(Ns.Ei + "eventID") ?? "";
            var modification = long.TryParse(response.Find(Ns.Ei + "modificationNumber"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
            var e = events.Find(x => string.Equals(x.EventId, eventId, StringComparison.Ordinal) && x.IsFor(ven.VenId));
            var record = new CreatedEventRecord(
                now, ven.VenId, eventId, modification, response.Text(Ns.Ei + "optType"), response.Text(Ns.Ei + "responseCode"),
                response.Text(Ns.Pyld + "requestID"), distributeRequestIds.Contains(response.Text(Ns.Pyld + "requestID") ?? ""),
                e is null ? null : (long)(now - e.ChangedAt).TotalMilliseconds,
                e is not null && e.FirstTold.TryGetValue(ven.VenId, out var told) ? (long)(now - told).TotalMilliseconds : null);
            journal.Add(record);
            if (e is { Cancelled: true } && e.Modification == modification)
            {
                e.CancelAcknowledged.Add(ven.VenId);
            }

            log.Add(
                "created-event", ven.VenId, $"{ven.VenId} answers {eventId}/{modification}: {record.OptType} ({record.ResponseCode})",
                new() { ["eventId"] = eventId, ["modification"] = modification, ["optType"] = record.OptType, ["responseCode"] = record.ResponseCode });
        }

        return RegistrationMessages.Response("200", "OK", FindRequestId(message), ven.VenId);
    }

    /// <summary>Issues an event, or replaces nothing: a known eventID is refused.</summary>
    /// <exception cref="SimException">The definition is not sound.</exception>
    public JsonObject Issue(JsonObject json)
    {
        lock (gate)
        {
            var now = clock.GetCurrentInstant();
            var definition = SimJson.Read<EventDefinition>(json);
            var id = definition.EventId ?? NewId("event");
            if (events.Exists(e => string.Equals(e.EventId, id, StringComparison.Ordinal)))
            {
                throw new SimException($"Event {id} exists; PATCH /sim/events/{id} modifies it.");
            }

            var absolute = Absolute(json, definition, now);
            var issued = new VtnEvent { EventId = id, CreatedAt = now, ChangedAt = now, VenId = definition.VenId, Json = absolute, Definition = SimJson.Read<EventDefinition>(absolute) };
            Prune(now);
            events.Add(issued);
            Changed(issued);
            log.Add("event-issued", definition.VenId, $"issues event {id}: {Describe(issued)}");
            return Show(issued);
        }
    }

    /// <summary>Merges the patch into the event and raises its modification number, unless the patch states one.</summary>
    /// <exception cref="SimException">There is no such event, it is a replayed one, or the result is not sound.</exception>
    public JsonObject Modify(string eventId, JsonObject patch)
    {
        lock (gate)
        {
            var now = clock.GetCurrentInstant();
            var e = Get(eventId);
            var merged = (JsonObject)(e.Json ?? throw new SimException($"{eventId} is a replayed payload; cancel or drop it instead.")).DeepClone();
            foreach (var (name, value) in patch.Where(p => p.Key is not "modification"))
            {
                merged[name] = value?.DeepClone();
            }

            var definition = SimJson.Read<EventDefinition>(merged);
            e.Json = Absolute(merged, definition, now);
            e.Definition = SimJson.Read<EventDefinition>(e.Json);
            e.Modification = patch["modification"]?.GetValue<long>() ?? e.Modification + 1;
            e.ChangedAt = now;
            e.FirstTold.Clear();
            Changed(e);
            log.Add("event-modified", e.VenId, $"modifies event {eventId}, now modification {e.Modification}: {Describe(e)}");
            return Show(e);
        }
    }

    /// <summary>Cancels: the event stays in payloads as cancelled until the VEN answers.</summary>
    /// <exception cref="SimException">There is no such event.</exception>
    public JsonObject Cancel(string eventId)
    {
        lock (gate)
        {
            var e = Get(eventId);
            e.Cancelled = true;
            e.Modification++;
            e.ChangedAt = clock.GetCurrentInstant();
            e.FirstTold.Clear();
            Changed(e);
            log.Add("event-cancelled", e.VenId, $"cancels event {eventId}, now modification {e.Modification}");
            return Show(e);
        }
    }

    /// <summary>Lets the event vanish from payloads without a word: an implied cancel (rule 61).</summary>
    /// <exception cref="SimException">There is no such event.</exception>
    public void Drop(string eventId)
    {
        lock (gate)
        {
            var e = Get(eventId);
            events.Remove(e);
            Changed(e);
            log.Add("event-dropped", e.VenId, $"drops event {eventId} without a word (implied cancel)");
        }
    }

    /// <summary>Takes a real payload's events as its own, and sends the payload itself at the next poll.</summary>
    /// <exception cref="SimException">It is no oadrDistributeEvent, or no VEN is registered whose IDs could be written in.</exception>
    public JsonArray Replay(byte[] payload, string? start, bool rewriteIds, string? venId, string suffix, string? marketContext)
    {
        lock (gate)
        {
            var now = clock.GetCurrentInstant();
            var root = Payload.Parse(payload);
            var ven = Pick(venId);
            EventReplay.Apply(root, new() { Start = start is null ? null : IsoText.ParseStart(start, now), VenId = rewriteIds ? ven.VenId : null, VtnId = rewriteIds ? options.VtnId : null, Suffix = suffix, MarketContext = marketContext }, now);
            var taken = Payload.Message(root).Elements(Ns.Oadr + "oadrEvent").Select(e => Take(e, ven, now)).ToList();
            distributeRequestIds.Add(FindRequestId(Payload.Message(root)) ?? "");
            ven.PollQueue.Enqueue(new(null, Payload.Bytes(root)));
            ven.EventsChanged |= events.Exists(e => IsTold(e, ven, now) && !taken.Contains(e)); // the payload says nothing of the others
            log.Add("replayed", ven.VenId, $"replays a payload with {taken.Count} event(s): {string.Join("; ", taken.Select(e => $"{e.EventId} from {e.Start:HH:mm:ss}"))}");
            return [.. taken.Select(Show)];
        }
    }

    public JsonArray ShowEvents()
    {
        lock (gate)
        {
            return [.. events.Select(Show)];
        }
    }

    // Later payloads carry the replayed events too, or the VEN would take their absence for a cancellation.
    private VtnEvent Take(XElement oadrEvent, VenRecord ven, NodaTime.Instant now)
    {
        var id = oadrEvent.Find(Ns.Ei + "eventID") ?? throw new SimException("An event has no eventID.");
        var e = new VtnEvent
        {
            EventId = id,
            CreatedAt = now,
            ChangedAt = now,
            VenId = ven.VenId,
            Replayed = new XElement(oadrEvent),
            Modification = long.Parse(oadrEvent.Find(Ns.Ei + "modificationNumber") ?? "0", CultureInfo.InvariantCulture),
            Cancelled = oadrEvent.Find(Ns.Ei + "eventStatus") is "cancelled",
        };
        e.FirstTold[ven.VenId] = now;
        events.RemoveAll(x => string.Equals(x.EventId, id, StringComparison.Ordinal));
        events.Add(e);
        return e;
    }

    private bool IsTold(VtnEvent e, VenRecord ven, NodaTime.Instant now) =>
        e.IsFor(ven.VenId) && !e.CancelAcknowledged.Contains(ven.VenId) && (e.Status(now) is not "completed" || IsToldCompleted(e, ven));

    private bool IsToldCompleted(VtnEvent e, VenRecord ven) =>
        habits.Has(Habit.CompletedOnce) && e.FirstTold.ContainsKey(ven.VenId) && !e.CompletedTold.Contains(ven.VenId);

    /// <summary>True where an answer speaks of an event that is over, which this VTN can't take (<see cref="Habit.CompletedOnce"/>).</summary>
    internal bool ChokesOn(XElement message)
    {
        lock (gate)
        {
            var now = clock.GetCurrentInstant();
            return habits.Has(Habit.CompletedOnce) && message.Name.LocalName == "oadrCreatedEvent"
                && message.Descendants(Ns.Ei + "eventID").Any(id => events.Exists(e => e.EventId == id.Value.Trim() && e.Status(now) is "completed"));
        }
    }

    // A demo runs for days: what is over for an hour is let go.
    private void Prune(NodaTime.Instant now)
    {
        var old = now - NodaTime.Duration.FromHours(1);
        events.RemoveAll(e => e.ChangedAt < old && e.Start < old && e.Status(now) is ("completed" or "cancelled"));
        if (distributeRequestIds.Count > 100_000)
        {
            distributeRequestIds.Clear();
        }
    }

    private void Changed(VtnEvent e)
    {
        foreach (var ven in vens.Values.Where(ven => e.IsFor(ven.VenId)))
        {
            ven.EventsChanged = true;
        }
    }

    private static JsonObject Absolute(JsonObject json, EventDefinition definition, NodaTime.Instant now)
    {
        var absolute = (JsonObject)json.DeepClone();
        absolute["start"] = IsoText.Format(IsoText.ParseStart(definition.Start, now));
        _ = definition.TotalDuration;
        return absolute;
    }

    private VtnEvent Get(string eventId) =>
        events.Find(e => string.Equals(e.EventId, eventId, StringComparison.Ordinal)) ?? throw new SimException($"There is no event {eventId}.");

    private static string Describe(VtnEvent e)
    {
        var d = e.Definition!;
        var signals = string.Join("; ", d.Signals.Select(s => $"{s.Name} {string.Join(", ", s.Intervals.Select(i => $"{i.Value} for {i.Duration}"))}"));
        return $"{signals} from {e.Start:HH:mm:ss}{(d.StartAfter is null ? "" : $", start randomised within {d.StartAfter}")}{(d.TestEvent ? ", test event" : "")}";
    }

    private JsonObject Show(VtnEvent e) => new()
    {
        ["eventId"] = e.EventId,
        ["modification"] = e.Modification,
        ["status"] = e.Status(clock.GetCurrentInstant()),
        ["venId"] = e.VenId,
        ["start"] = IsoText.Format(e.Start),
        ["replayed"] = e.Replayed is not null,
        ["definition"] = e.Json?.DeepClone(),
    };
}
