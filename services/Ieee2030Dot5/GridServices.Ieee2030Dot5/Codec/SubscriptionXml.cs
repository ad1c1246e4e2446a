using System.Xml.Linq;
using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Wire;
using static GridServices.Ieee2030Dot5.Codec.Sep2Out;

namespace GridServices.Ieee2030Dot5.Codec;

/// <summary>Subscription and Notification.</summary>
internal static class SubscriptionXml
{
    public static Subscription Read(ReceivedElement e) => new()
    {
        Href = e.Href(),
        SubscribedResource = e.Req("subscribedResource").Uri(),
        Condition = e.Opt("Condition") is { } c
            ? new(c.Req("attributeIdentifier").Number<byte>(), c.Req("lowerThreshold").Number<long>(), c.Req("upperThreshold").Number<long>())
            : null,
        Encoding = e.Opt("encoding").NumberOrNull<byte>() ?? 0,
        Level = e.Opt("level").TextOrNull() ?? string.Empty,
        Limit = e.Opt("limit").NumberOrNull<uint>() ?? 0,
        NotificationUri = e.Req("notificationURI").Uri(),
    };

    public static XElement Write(Subscription s) =>
        El("Subscription", Head(s),
            El("subscribedResource", s.SubscribedResource),
            s.Condition is { } c
                ? El("Condition", El("attributeIdentifier", c.AttributeIdentifier), El("lowerThreshold", c.LowerThreshold), El("upperThreshold", c.UpperThreshold))
                : null,
            El("encoding", s.Encoding),
            El("level", s.Level),
            El("limit", s.Limit),
            El("notificationURI", s.NotificationUri));

    /// <summary>What it names is read from the server anyway: all but that may be missing or illegible.</summary>
    public static Notification ReadNotification(ReceivedElement e)
    {
        var aside = new LenientReader();
        return new()
        {
            Href = aside.Read("href", e.Href),
            SubscribedResource = e.Req("subscribedResource").Uri(),
            NewResourceUri = aside.Read("newResourceURI", () => e.Opt("newResourceURI")?.Uri()),
            Resource = aside.Read("Resource", () => e.Opt("Resource") is { } r ? ReadResource(r) : null),
            Status = aside.Read("status", () => e.Opt("status").NumberOrNull<byte>()) ?? 0,
            SubscriptionUri = aside.Read("subscriptionURI", () => e.Opt("subscriptionURI")?.Uri()),
        };
    }

    public static XElement Write(Notification n, Sep2Out o) =>
        El("Notification", Head(n),
            El("subscribedResource", n.SubscribedResource),
            Opt("newResourceURI", n.NewResourceUri),
            n.Resource is { } r ? WriteResource(Sep2Xml.Element(r, o)) : null,
            El("status", n.Status),
            Opt("subscriptionURI", n.SubscriptionUri));

    /// <summary>Which resource it is stands in xsi:type; whether it is the one subscribed to is for whoever subscribed to judge.</summary>
    private static Resource? ReadResource(ReceivedElement e)
    {
        var type = e.Attributes.FirstOrDefault(a => a.Name is "type" && string.Equals(a.Namespace, Ns.Xsi, StringComparison.Ordinal))?.Value.Trim();
        if (type is null)
        {
            return null;
        }

        var name = type[(type.IndexOf(':', StringComparison.Ordinal) + 1)..];
        return Sep2Xml.Reader(name) is { } read
            ? read(e)
            : throw e.Refuse(ErrorClass.TypeMismatch, $"xsi:type {SafeText.Quote(type)} is not a resource this client can take from a notification");
    }

    private static XElement WriteResource(XElement resource)
    {
        var name = resource.Name.LocalName;
        resource.Name = Ns.Base + "Resource";
        resource.SetAttributeValue(XName.Get("type", Ns.Xsi), name);
        return resource;
    }
}
