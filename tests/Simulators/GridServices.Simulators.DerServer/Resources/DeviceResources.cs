using System.Globalization;
using System.Xml.Linq;
using GridServices.Simulators.DerServer.Model;
using NodaTime;
using static GridServices.Simulators.DerServer.Resources.SepXml;

namespace GridServices.Simulators.DerServer.Resources;

/// <summary>What a client reads of devices.</summary>
internal static class DeviceResources
{
    public static XElement DeviceCapability(SimRates rates, int devices, int mups, string? selfDevice) =>
        El("DeviceCapability", At("href", "/dcap"), At("pollRate", rates.Dcap),
            Link("TimeLink", "/tm"),
            Link("EndDeviceListLink", "/edev", devices),
            Link("MirrorUsagePointListLink", "/mup", mups),
            selfDevice is null ? null : Link("SelfDeviceLink", selfDevice));

    public static XElement Time(Instant now, byte quality) =>
        El("Time", At("href", "/tm"),
            El("currentTime", now.ToUnixTimeSeconds()),
            El("dstEndTime", 0), El("dstOffset", 0), El("dstStartTime", 0),
            El("localTime", now.ToUnixTimeSeconds()),
            El("quality", quality),
            El("tzOffset", 0));

    public static XElement EndDevice(SimDevice d, int fsas, int subscriptions, SepXml xml)
    {
        var href = Href(d);
        var isAggregator = d.Number == 0;
        return El("EndDevice", At("href", href), At("subscribable", 1),
            isAggregator ? null : Link("DERListLink", $"{href}/der", d.DerCount),
            Opt("deviceCategory", d.DeviceCategory?.ToString("X8", CultureInfo.InvariantCulture)),
            El("lFDI", d.LFdi),
            isAggregator ? null : Link("LoadShedAvailabilityListLink", $"{href}/lsl", 0),
            Link("LogEventListLink", $"{href}/lel", d.LogEvents.Count),
            El("sFDI", d.SFdi),
            El("changedTime", d.Changed.ToUnixTimeSeconds()),
            El("enabled", d.Enabled),
            isAggregator ? null : Link("FlowReservationRequestListLink", $"{href}/frq", 0),
            isAggregator ? null : Link("FlowReservationResponseListLink", $"{href}/frp", 0),
            isAggregator ? null : Link("FunctionSetAssignmentsListLink", $"{href}/fsa", fsas),
            Opt("postRate", d.PostRate),
            d.Pin is null ? null : Link("RegistrationLink", $"{href}/rg"),
            Link("SubscriptionListLink", $"{href}/sub", subscriptions),
            d.HasConnectionPoint && !isAggregator ? xml.Ext("ConnectionPointLink", At("href", $"{href}/cp")) : null);
    }

    public static XElement Registration(SimDevice d) =>
        El("Registration", At("href", $"{Href(d)}/rg"), El("dateTimeRegistered", d.Changed.ToUnixTimeSeconds()), El("pIN", d.Pin));

    public static XElement ConnectionPoint(SimDevice d, SepXml xml) =>
        xml.Ext("ConnectionPoint", At("href", $"{Href(d)}/cp"), xml.Ext("connectionPointId", d.ConnectionPointId)!)!;

    public static XElement Assignments(SimDevice d, int fsa, int programs, int tariffs, int loadPrograms) =>
        El("FunctionSetAssignments", At("href", $"{Href(d)}/fsa/{fsa}"), At("subscribable", 1),
            loadPrograms == 0 ? null : Link("DemandResponseProgramListLink", $"{Href(d)}/fsa/{fsa}/drp", loadPrograms),
            Link("DERProgramListLink", $"{Href(d)}/fsa/{fsa}/derp", programs),
            tariffs == 0 ? null : Link("TariffProfileListLink", $"{Href(d)}/fsa/{fsa}/tp", tariffs),
            Link("TimeLink", "/tm"),
            El("mRID", string.Create(CultureInfo.InvariantCulture, $"4{d.Number:X15}{fsa:X8}00012345")),
            El("description", $"FSA {fsa}"));

    public static XElement Der(SimDevice d, int number)
    {
        var href = $"{Href(d)}/der/{number}";
        return El("DER", At("href", href),
            Link("DERAvailabilityLink", $"{href}/dera"),
            Link("DERCapabilityLink", $"{href}/dercap"),
            Link("DERSettingsLink", $"{href}/derg"),
            Link("DERStatusLink", $"{href}/ders"));
    }

    public static XElement Mup(SimMup m, int postRate)
    {
        var xml = new XElement(m.Xml);
        xml.SetAttributeValue("href", $"/mup/{m.Number}");
        xml.Elements(Base + "postRate").Remove();
        xml.Add(El("postRate", postRate));
        return xml;
    }

    public static XElement Subscription(SimSubscription s) =>
        El("Subscription", At("href", $"/edev/{s.Device}/sub/{s.Number}"),
            El("subscribedResource", s.Resource), El("encoding", 0), El("level", s.Level), El("limit", s.Limit), El("notificationURI", s.NotificationUri));

    public static string Href(SimDevice d) => $"/edev/{d.Number}";
}
