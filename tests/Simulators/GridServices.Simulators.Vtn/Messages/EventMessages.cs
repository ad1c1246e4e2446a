using System.Globalization;
using System.Xml.Linq;
using NodaTime;
using static GridServices.Simulators.Vtn.Messages.Payload;

namespace GridServices.Simulators.Vtn.Messages;

/// <summary>What a VTN says about events.</summary>
internal static class EventMessages
{
    public static XElement DistributeEvent(string requestId, string vtnId, string? answeredRequestId, IEnumerable<XElement> events) =>
        Root("oadrDistributeEvent", EiResponse("200", "OK", answeredRequestId), RequestId(requestId), new XElement(Ns.Ei + "vtnID", vtnId), events);

    /// <summary>One oadrEvent of an event that a person defined; its start is already absolute.</summary>
    public static XElement OadrEvent(EventDefinition e, string eventId, long modification, Instant start, Instant created, string status, string venId) =>
        new(Ns.Oadr + "oadrEvent",
            new XElement(
                Ns.Ei + "eiEvent",
                Descriptor(e, eventId, modification, created, status),
                ActivePeriod(e, start),
                new XElement(Ns.Ei + "eiEventSignals", e.Signals.Select(Signal)),
                Target(e.Targets, venId)),
            new XElement(Ns.Oadr + "oadrResponseRequired", e.ResponseRequired));

    private static XElement Descriptor(EventDefinition e, string eventId, long modification, Instant created, string status) =>
        new(Ns.Ei + "eventDescriptor",
            new XElement(Ns.Ei + "eventID", eventId),
            new XElement(Ns.Ei + "modificationNumber", modification),
            new XElement(Ns.Ei + "priority", e.Priority),
            new XElement(Ns.Ei + "eiMarketContext", new XElement(Ns.Emix + "marketContext", e.MarketContext)),
            new XElement(Ns.Ei + "createdDateTime", IsoText.Format(created)),
            new XElement(Ns.Ei + "eventStatus", status),
            new XElement(Ns.Ei + "testEvent", e.TestEvent),
            e.Comment is null ? null : new XElement(Ns.Ei + "vtnComment", e.Comment));

    private static XElement ActivePeriod(EventDefinition e, Instant start) =>
        new(Ns.Ei + "eiActivePeriod",
            new XElement(
                Ns.Xcal + "properties",
                new XElement(Ns.Xcal + "dtstart", new XElement(Ns.Xcal + "date-time", IsoText.Format(start))),
                Period(Ns.Xcal + "duration", IsoText.Format(e.TotalDuration)),
                e.StartAfter is null ? null : new XElement(Ns.Xcal + "tolerance", new XElement(Ns.Xcal + "tolerate", new XElement(Ns.Xcal + "startafter", e.StartAfter))),
                Period(Ns.Ei + "x-eiNotification", e.Notification ?? "PT0S"),
                e.RampUp is null ? null : Period(Ns.Ei + "x-eiRampUp", e.RampUp),
                e.Recovery is null ? null : Period(Ns.Ei + "x-eiRecovery", e.Recovery)),
            new XElement(Ns.Xcal + "components"));

    private static XElement Signal(SignalDefinition signal, int index) =>
        new(Ns.Ei + "eiEventSignal",
            new XElement(Ns.Strm + "intervals", signal.Intervals.Select(Interval)),
            signal.DeviceClasses.Count == 0
                ? null
                : new XElement(Ns.Ei + "eiTarget", signal.DeviceClasses.Select(name => new XElement(Ns.Power + "endDeviceAsset", new XElement(Ns.Power + "mrid", name)))),
            new XElement(Ns.Ei + "signalName", signal.Name),
            new XElement(Ns.Ei + "signalType", signal.Type),
            new XElement(Ns.Ei + "signalID", signal.Id ?? $"signal-{index}"),
            signal.Unit is null ? null : Unit(signal.Unit),
            new XElement(Ns.Ei + "currentValue", Float(signal.CurrentValue ?? 0)));

    private static XElement Interval(IntervalDefinition interval, int index) =>
        new(Ns.Ei + "interval",
            Period(Ns.Xcal + "duration", interval.Duration),
            new XElement(Ns.Xcal + "uid", new XElement(Ns.Xcal + "text", index)), // rule 101: uid counts from 0
            new XElement(Ns.Ei + "signalPayload", Float(interval.Value)));

    private static XElement Unit(UnitDefinition unit) => unit.Kind switch
    {
        "powerReal" => new(
            Ns.Power + unit.Kind, new XElement(Ns.Power + "itemDescription", "RealPower"), new XElement(Ns.Power + "itemUnits", unit.Units ?? "W"),
            new XElement(Ns.Scale + "siScaleCode", unit.Scale),
            new XElement(
                Ns.Power + "powerAttributes", new XElement(Ns.Power + "hertz", 50), new XElement(Ns.Power + "voltage", 230), new XElement(Ns.Power + "ac", true))),
        "energyReal" => new(
            Ns.Power + unit.Kind, new XElement(Ns.Power + "itemDescription", "RealEnergy"), new XElement(Ns.Power + "itemUnits", unit.Units ?? "Wh"),
            new XElement(Ns.Scale + "siScaleCode", unit.Scale)),
        _ => new(
            Ns.Oadr + unit.Kind, new XElement(Ns.Oadr + "itemDescription", unit.Description ?? unit.Kind), new XElement(Ns.Oadr + "itemUnits", unit.Units ?? "EUR"),
            new XElement(Ns.Scale + "siScaleCode", unit.Scale)),
    };

    // The order is the schema's: groups, resources, VENs, parties.
    private static XElement Target(TargetDefinition target, string venId) =>
        new(Ns.Ei + "eiTarget",
            target.GroupIds.Select(id => new XElement(Ns.Ei + "groupID", id)), target.ResourceIds.Select(id => new XElement(Ns.Ei + "resourceID", id)),
            (target.VenIds ?? [venId]).Select(VenId), target.PartyIds.Select(id => new XElement(Ns.Ei + "partyID", id)));

    private static XElement Period(XName name, string text) => new(name, new XElement(Ns.Xcal + "duration", text));

    private static XElement Float(decimal value) =>
        new(Ns.Ei + "payloadFloat", new XElement(Ns.Ei + "value", value.ToString(CultureInfo.InvariantCulture)));
}
