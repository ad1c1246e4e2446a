using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Discovery;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Session;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Devices;

/// <summary>
/// Asking to be told of changes (CSIP-AUS ALL-14): one subscription for each list that offers it, compared with the server's own list now and then
/// and renewed where it is missing. The polls go on beside it: a notification that is lost costs time, nothing else.
/// </summary>
internal static class Subscribing
{
    /// <summary>Items that may come with a notification; what it is about is read anyway.</summary>
    private const int Limit = 1;

    private const int MostRemarks = 256;

    private static readonly Duration Patience = Duration.FromMinutes(5);

    /// <summary>Where subscriptions are kept: at the client's own EndDevice (an aggregator's stands beside those it speaks for), else at the device's.</summary>
    public static (string Href, Node At)? Place(DerClientConfig config, DerClientState state, string lfdi)
    {
        foreach (var candidate in new[] { config.Lfdi, lfdi })
        {
            if (candidate is not null && TreeLookup.OwnDevice(state, candidate.ToUpperInvariant()) is { Own.SubscriptionListLink.Href: { } href, At: var at })
            {
                return (href, at);
            }
        }

        return null;
    }

    public static IEnumerable<Job> Jobs(DerClientConfig config, DerClientState state)
    {
        if (config.Subscriptions.NotificationUrl is not { } callback
            || TreeLookup.First(state, NodeKind.SubscriptionList) is not { Known: SubscriptionList list, Href: var href } node
            || state.Line.Readings.GetValueOrDefault(node.Key)?.ReadAt is null)
        {
            yield break;
        }

        var held = list.Readable.Where(s => s.NotificationUri == callback)
            .Select(s => Hrefs.TryPin(config.ServerUrl, href, s.SubscribedResource, out var path, out _) ? Notified.Plain(path) : null)
            .ToHashSet(StringComparer.Ordinal);
        foreach (var wanted in state.Nodes.Values.Where(n => IsOffered(n) && !held.Contains(Notified.Plain(n.Href))))
        {
            yield return new Job(new DerPurpose.Subscribe(wanted.Href, href), Instant.MinValue, Rank.Convenience);
        }
    }

    public static Subscription Message(DerClientConfig config, DerPurpose.Subscribe purpose) => new()
    {
        SubscribedResource = purpose.Resource,
        Encoding = 0,
        Level = "+S1",
        Limit = Limit,
        NotificationUri = config.Subscriptions.NotificationUrl!,
    };

    public static void Answered(StepContext context, DerPurpose.Subscribe purpose, int status, string? location, string why)
    {
        if (status is >= 200 and < 300 or 409)
        {
            if (location is not null && Hrefs.TryPin(context.Config.ServerUrl, purpose.Href, location, out var path, out _))
            {
                context.Line = context.Line with { Subscribed = context.Line.Subscribed.SetItem(path, purpose.Resource) };
            }

            LinkPolicy.Hold(context, purpose, Patience);
            context.Inform(NoteKind.Subscription, $"Subscribed to {purpose.Resource}.", purpose.Resource);
            if (!Jobs(context.Config, context.State).Any(j => !context.Line.Holds.ContainsKey(j.Purpose.Key)))
            {
                Reads.Again(context, n => n.Kind == NodeKind.SubscriptionList);
            }

            return;
        }

        LinkPolicy.Hold(context, purpose, context.Config.Subscriptions.RenewEvery, why);
        context.Warn(NoteKind.Subscription, ErrorClass.AuthzSubscription, $"The server refuses the subscription to {purpose.Resource}: {why}; polling goes on.", purpose.Resource);
    }

    /// <summary>
    /// A notification: what it is about is read at once, from the server itself. The resource decides and not how the server spells the subscription,
    /// as aggregators' servers name it by the EndDevice it is scoped to; whoever sends knows a path that was told to that server alone.
    /// </summary>
    public static void Told(StepContext context, Notification notification)
    {
        string? subscription = null;
        if (!Hrefs.TryPin(context.Config.ServerUrl, "/", notification.SubscribedResource, out var path, out var refused)
            || (notification.SubscriptionUri is { } uri && !Hrefs.TryPin(context.Config.ServerUrl, "/", uri, out subscription, out refused)))
        {
            context.Warn(NoteKind.HrefRefused, ErrorClass.SsrfBlocked, $"A notification is refused: {refused}.", null);
            return;
        }

        var about = Notified.Nodes(context.State, path);
        if (about.Count == 0 && Notified.ListsOf(context.Config, context.State, path) is { Count: > 0 } lists)
        {
            Remark(context, subscription, path);
            ReadAgain(context, 0, path, [.. lists.Select(n => n.Href)]);
        }
        else if (about.Count == 0)
        {
            context.Warn(NoteKind.Subscription, ErrorClass.AuthzSubscription, $"A notification about {SafeText.Quote(path)} is refused: that is none of the resources this client follows.", path);
        }
        else if (notification.Resource is { } resource && !about.Any(n => Reads.IsWhatWasAskedFor(n.Kind, resource)))
        {
            context.Warn(NoteKind.Subscription, ErrorClass.TypeMismatch, $"A notification about {path} is refused: a {resource.GetType().Name} is no {about[0].Kind}.", path);
        }
        else
        {
            Remark(context, subscription, path);
            ReadAgain(context, notification.Status, path, [.. about.Select(n => n.Href)]);
        }
    }

    private static void ReadAgain(StepContext context, byte status, string path, HashSet<string> hrefs)
    {
        if (status == 0)
        {
            Reads.Again(context, n => hrefs.Contains(n.Href));
            return;
        }

        // Cancelled, moved, changed in definition, deleted: the subscription is not what it was; what it was to is found anew by its links.
        context.Inform(NoteKind.Subscription, $"The server ended the subscription to {path} (status {status}); renewing.", path);
        Reads.Again(context, n => hrefs.Contains(n.Href) || n.Kind == NodeKind.SubscriptionList);
        context.Line = context.Line with { Holds = context.Line.Holds.RemoveRange(hrefs.Select(h => new DerPurpose.Subscribe(h, string.Empty).Key)) };
    }

    // Said once, however often the server repeats it.
    private static void Remark(StepContext context, string? subscription, string path)
    {
        var key = $"subscription {subscription}";
        if (subscription is not null && !IsOurs(context.State, subscription) && context.Line.Refused.Count < MostRemarks && !context.Line.Refused.ContainsKey(key))
        {
            context.Line = context.Line with { Refused = context.Line.Refused.Add(key, context.Now) };
            context.Note(new Note<NoteKind>(NoteLevel.Information, NoteKind.Subscription, ErrorClass.AuthzSubscription, path,
                $"The server notifies of {path} by a subscription {SafeText.Quote(subscription)} that it never told us; {path} is read again all the same."));
        }
    }

    private static bool IsOurs(DerClientState state, string subscription) =>
        state.Line.Subscribed.ContainsKey(subscription)
        || (TreeLookup.First(state, NodeKind.SubscriptionList)?.Known is SubscriptionList list && list.Readable.Any(s => s.Href == subscription));

    private static bool IsOffered(Node node) =>
        node.Kind is NodeKind.EndDeviceList or NodeKind.AssignmentsList or NodeKind.ProgramList or NodeKind.DefaultControl or NodeKind.ControlList
            or NodeKind.TariffList or NodeKind.ComponentList or NodeKind.IntervalList
        && node.Known?.Subscribable is 1 or 3;
}
