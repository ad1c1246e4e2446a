using System.Xml.Linq;
using GridServices.OpenAdr.Messages;
using GridServices.Wire;
using static GridServices.OpenAdr.Codec.Ns;
using static GridServices.OpenAdr.Codec.ResponseXml;

namespace GridServices.OpenAdr.Codec;

/// <summary>EiEvent.</summary>
internal static class EventXml
{
    private static readonly Terms<EventStatus> Statuses = new(
        ("none", EventStatus.None), ("far", EventStatus.Far), ("near", EventStatus.Near),
        ("active", EventStatus.Active), ("completed", EventStatus.Completed), ("cancelled", EventStatus.Cancelled));

    private static readonly Terms<ResponseRequired> ResponsesRequired = new(("always", ResponseRequired.Always), ("never", ResponseRequired.Never));

    public static OadrRequestEvent ReadRequest(ReceivedElement e)
    {
        var request = e.Child(Pyld + "eiRequestEvent");
        return new(request.IdOrEmpty(Pyld + "requestID"), request.Id(Ei + "venID"), request.UnsignedOrNull(Pyld + "replyLimit"));
    }

    public static XElement Write(OadrRequestEvent m) =>
        new(Oadr + "oadrRequestEvent",
            new XElement(Pyld + "eiRequestEvent",
                new XElement(Pyld + "requestID", m.RequestId),
                new XElement(Ei + "venID", m.VenId),
                Optional(Pyld + "replyLimit", m.ReplyLimit)));

    // OpenADR 2.0b rule 46: who refuses may leave out the rest; the code must not be lost for it.
    public static OadrDistributeEvent ReadDistribute(ReceivedElement e) => new()
    {
        Response = e.ResponseOrNull(),
        RequestId = IsRefusal(e) ? e.IdOrNull(Pyld + "requestID") ?? string.Empty : e.IdOrEmpty(Pyld + "requestID"),
        VtnId = IsRefusal(e) ? e.IdOrNull(Ei + "vtnID") ?? string.Empty : e.Id(Ei + "vtnID"),
        Events = e.Any(Oadr + "oadrEvent", ReadAlone),
    };

    private static bool IsRefusal(ReceivedElement e) => e.ResponseOrNull() is { IsSuccess: false };

    public static XElement Write(OadrDistributeEvent m) =>
        new(Oadr + "oadrDistributeEvent",
            m.Response is { } r ? ResponseXml.Write(r) : null,
            new XElement(Pyld + "requestID", m.RequestId),
            new XElement(Ei + "vtnID", m.VtnId),
            m.Events.Select(e => Write(e.Value ?? throw new ArgumentException("an event that could not be read can't be written", nameof(m)))));

    public static OadrCreatedEvent ReadCreated(ReceivedElement e)
    {
        var created = e.Child(Pyld + "eiCreatedEvent");
        return new(
            created.Response(),
            created.ChildOrNull(Ei + "eventResponses")?.Any(Ei + "eventResponse", ReadEventResponse) ?? [],
            created.Id(Ei + "venID"));
    }

    public static XElement Write(OadrCreatedEvent m) =>
        new(Oadr + "oadrCreatedEvent",
            new XElement(Pyld + "eiCreatedEvent",
                ResponseXml.Write(m.Response),
                m.EventResponses.Count == 0 ? null : new XElement(Ei + "eventResponses", m.EventResponses.Select(Write)),
                new XElement(Ei + "venID", m.VenId)));

    /// <summary>An event fails alone: the others of the payload are answered and obeyed all the same (rule 19).</summary>
    private static Readable<OadrEvent> ReadAlone(ReceivedElement e)
    {
        try
        {
            ForeignTypes.Refuse(e);
            return Readable.From(ReadEvent(e));
        }
        catch (WireFormatException failure)
        {
            var descriptor = Legible(() => e.Child(Ei + "eiEvent").Child(Ei + "eventDescriptor"));
            return Readable.Not<OadrEvent>(new UnreadableEvent(
                descriptor is null ? null : Legible(() => descriptor.Id(Ei + "eventID")),
                descriptor is null ? null : Legible<uint?>(() => descriptor.Unsigned(Ei + "modificationNumber")),
                Legible<ResponseRequired?>(() => e.Term(Oadr + "oadrResponseRequired", ResponsesRequired)),
                failure.Refusal,
                OadrCodes.GetCode(failure.Refusal))
            {
                Status = descriptor is null ? null : Legible<EventStatus?>(() => descriptor.Term(Ei + "eventStatus", Statuses)),
            });
        }
    }

    private static T? Legible<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (WireFormatException)
        {
            return default;
        }
    }

    private static OadrEvent ReadEvent(ReceivedElement e)
    {
        var ei = e.Child(Ei + "eiEvent");
        var signals = ei.Child(Ei + "eiEventSignals");
        return new OadrEvent
        {
            Descriptor = ReadDescriptor(ei.Child(Ei + "eventDescriptor")),
            ActivePeriod = CalendarXml.ReadProperties(ei.Child(Ei + "eiActivePeriod").Child(Xcal + "properties")),
            Signals = signals.Some(Ei + "eiEventSignal", SignalXml.Read),
            Baseline = signals.FilledOrNull(Ei + "eiEventBaseline") is { } b ? SignalXml.ReadBaseline(b) : null,
            Target = TargetXml.Read(ei.Child(Ei + "eiTarget")),
            ResponseRequired = e.Term(Oadr + "oadrResponseRequired", ResponsesRequired),
        };
    }

    private static XElement Write(OadrEvent e) =>
        new(Oadr + "oadrEvent",
            new XElement(Ei + "eiEvent",
                Write(e.Descriptor),
                new XElement(Ei + "eiActivePeriod", CalendarXml.WriteProperties(e.ActivePeriod), new XElement(Xcal + "components")),
                new XElement(Ei + "eiEventSignals", e.Signals.Select(SignalXml.Write), e.Baseline is { } b ? SignalXml.Write(b) : null),
                TargetXml.Write(Ei + "eiTarget", e.Target)),
            new XElement(Oadr + "oadrResponseRequired", ResponsesRequired.Format(e.ResponseRequired)));

    private static EventDescriptor ReadDescriptor(ReceivedElement e) => new()
    {
        EventId = e.Id(Ei + "eventID"),
        ModificationNumber = e.Unsigned(Ei + "modificationNumber"),
        ModificationDateTime = e.InstantOrNull(Ei + "modificationDateTime"),
        ModificationReason = e.TextOrNull(Ei + "modificationReason"),
        Priority = e.UnsignedOrNull(Ei + "priority"),
        MarketContext = e.Child(Ei + "eiMarketContext").IdOrEmpty(Emix + "marketContext"),
        CreatedDateTime = e.Instant(Ei + "createdDateTime"),
        Status = e.Term(Ei + "eventStatus", Statuses),
        TestEvent = e.TextOrNull(Ei + "testEvent"),
        VtnComment = e.TextOrNull(Ei + "vtnComment"),
    };

    private static XElement Write(EventDescriptor d) =>
        new(Ei + "eventDescriptor",
            new XElement(Ei + "eventID", d.EventId),
            new XElement(Ei + "modificationNumber", d.ModificationNumber),
            d.ModificationDateTime is { } at ? new XElement(Ei + "modificationDateTime", InstantText.Format(at)) : null,
            Optional(Ei + "modificationReason", d.ModificationReason),
            Optional(Ei + "priority", d.Priority),
            new XElement(Ei + "eiMarketContext", new XElement(Emix + "marketContext", d.MarketContext)),
            new XElement(Ei + "createdDateTime", InstantText.Format(d.CreatedDateTime)),
            new XElement(Ei + "eventStatus", Statuses.Format(d.Status)),
            Optional(Ei + "testEvent", d.TestEvent),
            Optional(Ei + "vtnComment", d.VtnComment));

    private static EventResponse ReadEventResponse(ReceivedElement e) =>
        new(e.ResponseCode(),
            e.TextOrNull(Ei + "responseDescription"),
            e.IdOrEmpty(Pyld + "requestID"),
            ReadQualifiedEventId(e.Child(Ei + "qualifiedEventID")),
            e.Term(Ei + "optType", OptTypes));

    private static XElement Write(EventResponse r) =>
        new(Ei + "eventResponse",
            new XElement(Ei + "responseCode", Code(r.Code)),
            Optional(Ei + "responseDescription", r.Description),
            new XElement(Pyld + "requestID", r.RequestId),
            ResponseXml.Write(r.QualifiedEventId),
            new XElement(Ei + "optType", OptTypes.Format(r.OptType)));
}
