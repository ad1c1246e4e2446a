using System.Xml.Linq;
using GridServices.OpenAdr.Messages;
using GridServices.Wire;
using static GridServices.OpenAdr.Codec.Ns;

namespace GridServices.OpenAdr.Codec;

/// <summary>ei:EiTargetType, under whatever name it stands.</summary>
internal static class TargetXml
{
    private static readonly HashSet<XName> Known =
    [
        Power + "aggregatedPnode", Power + "endDeviceAsset", Power + "meterAsset", Power + "pnode", Emix + "serviceArea", Power + "serviceDeliveryPoint",
        Power + "serviceLocation", Power + "transportInterface", Ei + "groupID", Ei + "groupName", Ei + "resourceID", Ei + "venID", Ei + "partyID",
    ];

    /// <summary>OpenADR 2.0b rules 22, 112: nothing stated is everybody. Something stated that is not understood is somebody else.</summary>
    public static EiTarget Read(ReceivedElement e)
    {
        var target = e.Children.Count == 0 ? EiTarget.Everybody : ReadMembers(e);
        return target == EiTarget.Everybody && e.Children.FirstOrDefault(c => !Known.Contains(XName.Get(c.Name, c.Namespace))) is { } strange
            ? throw strange.Refuse(Contracts.ErrorClass.TargetMismatch, $"the target names nothing but '{strange.Name}' of namespace {Contracts.SafeText.Quote(strange.Namespace)}, which is not understood")
            : target;
    }

    private static EiTarget ReadMembers(ReceivedElement e) => new()
    {
        AggregatedPnodes = e.Any(Power + "aggregatedPnode", Node),
        EndDeviceAssets = e.Any(Power + "endDeviceAsset", Mrid),
        MeterAssets = e.Any(Power + "meterAsset", Mrid),
        Pnodes = e.Any(Power + "pnode", Node),
        ServiceAreas = e.Any(Emix + "serviceArea", ReadArea),
        ServiceDeliveryPoints = e.Any(Power + "serviceDeliveryPoint", Node),
        ServiceLocations = e.Any(Power + "serviceLocation", ReadArea),
        TransportInterfaces = e.Any(Power + "transportInterface", t => new TransportInterface(t.Id(Power + "pointOfReceipt"), t.Id(Power + "pointOfDelivery"))),
        GroupIds = Ids(e, Ei + "groupID"),
        GroupNames = Ids(e, Ei + "groupName"),
        ResourceIds = Ids(e, Ei + "resourceID"),
        VenIds = Ids(e, Ei + "venID"),
        PartyIds = Ids(e, Ei + "partyID"),
    };

    public static EiTarget? ReadOrNull(ReceivedElement? e) => e is null ? null : Read(e);

    public static XElement Write(XName name, EiTarget t) =>
        new(name,
            Under(Power + "aggregatedPnode", Power + "node", t.AggregatedPnodes),
            Under(Power + "endDeviceAsset", Power + "mrid", t.EndDeviceAssets),
            Under(Power + "meterAsset", Power + "mrid", t.MeterAssets),
            Under(Power + "pnode", Power + "node", t.Pnodes),
            t.ServiceAreas.Select(a => Write(Emix + "serviceArea", a)),
            Under(Power + "serviceDeliveryPoint", Power + "node", t.ServiceDeliveryPoints),
            t.ServiceLocations.Select(a => Write(Power + "serviceLocation", a)),
            t.TransportInterfaces.Select(i => new XElement(Power + "transportInterface",
                new XElement(Power + "pointOfReceipt", i.PointOfReceipt), new XElement(Power + "pointOfDelivery", i.PointOfDelivery))),
            t.GroupIds.Select(id => new XElement(Ei + "groupID", id)),
            t.GroupNames.Select(id => new XElement(Ei + "groupName", id)),
            t.ResourceIds.Select(id => new XElement(Ei + "resourceID", id)),
            t.VenIds.Select(id => new XElement(Ei + "venID", id)),
            t.PartyIds.Select(id => new XElement(Ei + "partyID", id)));

    public static XElement? WriteOrNull(XName name, EiTarget? t) => t is null ? null : Write(name, t);

    // An empty member names nobody: it counts as omitted (rule 46).
    private static ValueList<string> Ids(ReceivedElement e, XName name) => e.All(name).Where(c => c.Trimmed().Length > 0).Select(c => c.AsId()).ToValueList();

    private static string Node(ReceivedElement e) => e.Id(Power + "node");

    private static string Mrid(ReceivedElement e) => e.Id(Power + "mrid");

    private static IEnumerable<XElement> Under(XName name, XName inner, ValueList<string> values) =>
        values.Select(v => new XElement(name, new XElement(inner, v)));

    private static Area ReadArea(ReceivedElement e)
    {
        var collection = e.Child(Gml + "FeatureCollection");
        var polygon = collection.Child(Gml + "location").Child(Gml + "Polygon");
        var ring = polygon.Child(Gml + "exterior").Child(Gml + "LinearRing");
        return new Area(GmlId(collection), GmlId(polygon), ring.Text(Gml + "posList"));
    }

    private static string? GmlId(ReceivedElement e) =>
        e.Attributes.FirstOrDefault(a => a is { Name: "id" } && string.Equals(a.Namespace, Gml.NamespaceName, StringComparison.Ordinal))?.Value;

    private static XElement Write(XName name, Area a) =>
        new(name,
            new XElement(Gml + "FeatureCollection", GmlId(a.Id),
                new XElement(Gml + "location",
                    new XElement(Gml + "Polygon", GmlId(a.PolygonId),
                        new XElement(Gml + "exterior", new XElement(Gml + "LinearRing", new XElement(Gml + "posList", a.Positions)))))));

    private static XAttribute? GmlId(string? id) => id is null ? null : new XAttribute(Gml + "id", id);
}
