using System.Xml.Linq;
using GridServices.Simulators.DerServer.Model;
using GridServices.Simulators.DerServer.Resources;
using NodaTime;

namespace GridServices.Simulators.DerServer;

/// <summary>Notifications: a changed resource is told to whoever subscribed to it.</summary>
public sealed partial class SimulatedUtility
{
    private const int MostOutgoing = 10_000;

    private readonly List<(string Uri, string Resource, int Status)> notified = [];

    /// <summary>After so long a subscription that was not made again is dropped without a word; null: never.</summary>
    public Duration? SubscriptionLife { get; set; }

    /// <summary>Drops subscriptions without a word, as a server does that lost them.</summary>
    /// <param name="resource">Null: all.</param>
    public int DropSubscriptions(string? resource = null) => Locked(() => subscriptions.RemoveAll(s => resource is null || string.Equals(s.Resource, resource, StringComparison.Ordinal)));

    /// <summary>Notifies of a resource with a status of the standard, whatever happened to it; all but 0 end its subscriptions.</summary>
    /// <param name="resource">As it was subscribed to.</param>
    /// <param name="status">0 changed, 1 cancelled, 2 moved, 3 definition changed, 4 deleted.</param>
    /// <param name="moved">Where it is now; null: not said.</param>
    public void NotifySubscribers(string resource, int status, string? moved = null) => Locked(() =>
    {
        foreach (var s in subscriptions.Where(s => string.Equals(s.Resource, resource, StringComparison.Ordinal)))
        {
            outgoing.Add(new SimNotification(s, s.NotificationUri, xml.Bytes(SepXml.El("Notification",
                SepXml.El("subscribedResource", s.Resource),
                moved is null ? null : SepXml.El("newResourceURI", moved),
                SepXml.El("status", status),
                SepXml.El("subscriptionURI", GetHref(s))))));
        }

        return status == 0 ? 0 : subscriptions.RemoveAll(s => string.Equals(s.Resource, resource, StringComparison.Ordinal));
    });

    /// <summary>Takes the notifications that are due.</summary>
    public IReadOnlyList<SimNotification> TakeNotifications() => Locked(() =>
    {
        var due = outgoing.ToList();
        outgoing.Clear();
        return due;
    });

    /// <summary>How notifications went: address, resource, HTTP status (0 = unreachable).</summary>
    public IReadOnlyList<(string Uri, string Resource, int Status)> Notified => Locked(() => notified.ToList());

    /// <summary>Tells how the client answered a notification.</summary>
    public void NoteNotified(SimNotification notification, int status) => Locked(() =>
    {
        ArgumentNullException.ThrowIfNull(notification);
        notified.Add((notification.Uri, notification.Subscription.Resource, status));
        log.Write($"Notifies of {notification.Subscription.Resource}: {(status == 0 ? "unreachable" : status)}");
        return 0;
    });

    private void NotifyControls(SimProgram program)
    {
        NotifyDevices(program, d => $"/edev/{d.Number}/derp/{program.Number}/derc");
        NotifyDevices(program, d => $"/edev/{d.Number}/derp/{program.Number}/actderc");
    }

    private void NotifyDevices(SimProgram program, Func<SimDevice, string> href)
    {
        foreach (var device in devices.Where(d => d.Number > 0 && IsFor(program, d)))
        {
            Changed(href(device));
        }
    }

    private void Announce(SimRates before)
    {
        if (before.EndDevices != rates.EndDevices)
        {
            Changed("/edev");
        }

        foreach (var device in devices.Where(d => d.Number > 0))
        {
            if (before.Fsa != rates.Fsa)
            {
                Changed($"/edev/{device.Number}/fsa");
            }

            foreach (var fsa in before.Programs == rates.Programs ? [] : GetFsas(device))
            {
                Changed($"/edev/{device.Number}/fsa/{fsa}/derp");
            }
        }
    }

    private void Changed(string href)
    {
        foreach (var subscription in subscriptions.Where(s => IsAlive(s) && string.Equals(s.Resource, href, StringComparison.Ordinal)))
        {
            if (outgoing.Count < MostOutgoing)
            {
                outgoing.Add(new SimNotification(subscription, subscription.NotificationUri, xml.Bytes(Notification(subscription))));
            }
        }
    }

    private XElement Notification(SimSubscription s)
    {
        var resource = Resource(s);
        if (resource is not null)
        {
            resource.SetAttributeValue(XName.Get("type", "http://www.w3.org/2001/XMLSchema-instance"), resource.Name.LocalName);
            resource.Name = SepXml.Base + "Resource";
        }

        return SepXml.El("Notification",
            SepXml.El("subscribedResource", s.Resource),
            resource,
            SepXml.El("status", resource is null ? 4 : 0),
            SepXml.El("subscriptionURI", GetHref(s)));
    }

    // As the certifying server does: by the EndDevice that it is scoped to, not by the Location of its 201.
    private static string GetHref(SimSubscription s) =>
        s.Resource.Split('/') is [_, "edev", var device, ..] ? $"/edev/{device}/sub/{s.Number}" : $"/edev/{s.Device}/sub/{s.Number}";

    private XElement? Resource(SimSubscription s)
    {
        try
        {
            return Read(new SimRequest("GET", s.Resource) { Query = $"?s=0&l={Math.Clamp(s.Limit, 0, Paging.Most)}", LFdi = s.Owner }, s.Resource.Trim('/').Split('/'));
        }
        catch (ProblemException)
        {
            return null;
        }
    }
}
