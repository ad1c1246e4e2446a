using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Discovery;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Session;

namespace GridServices.Ieee2030Dot5.Devices;

/// <summary>
/// Takes a notification in: what it is about is read at once, from the server itself. The resource decides and not how the server spells the subscription,
/// as aggregators' servers name it by the EndDevice it is scoped to. What comes twice leads to the same reading.
/// </summary>
internal static class NotificationIntake
{
    private const int MostRemarks = 256;
    private const byte Changed = 0;
    private const byte Moved = 2;

    public static void Process(StepContext context, Notification notification)
    {
        // Nothing is ever asked of the subscription, so that it may be spelled as it likes.
        var isOurServers = Hrefs.TryPin(context.Config.ServerUrl, "/", notification.SubscriptionUri ?? "/", out var own, out _);
        var subscription = isOurServers && notification.SubscriptionUri is not null ? own : notification.SubscriptionUri;
        if (!Hrefs.TryPin(context.Config.ServerUrl, "/", notification.SubscribedResource, out var path, out var refused))
        {
            context.Warn(NoteKind.HrefRefused, ErrorClass.SsrfBlocked, $"A notification is refused: {refused}.", null);
            HeartbeatPolling.Doubt(context, "A notification could not be followed.", null);
            return;
        }

        var about = NotifiedResources.Nodes(context.State, path);
        if (about.Count == 0 && NotifiedResources.FindLists(context.Config, context.State, path) is { Count: > 0 } lists)
        {
            Remark(context, subscription, isOurServers, path);
            Accept(context);
            Reads.MarkNotified(context, Among(lists));
        }
        else if (about.Count == 0)
        {
            context.Warn(NoteKind.Subscription, ErrorClass.AuthzSubscription, $"A notification about {SafeText.Quote(path)} is refused: that is none of the resources this client follows.", path);
        }
        else if (notification.Resource is { } resource && !about.Any(n => Reads.IsWhatWasAskedFor(n.Kind, resource)))
        {
            context.Warn(NoteKind.Subscription, ErrorClass.TypeMismatch, $"A notification about {path} is refused: a {resource.GetType().Name} is no {about[0].Kind}.", path);
            HeartbeatPolling.Doubt(context, $"A notification about {path} could not be followed.", null);
        }
        else
        {
            Remark(context, subscription, isOurServers, path);
            Accept(context);
            Act(context, notification, path, about);
        }
    }

    private static void Accept(StepContext context)
    {
        if (context.Line.DoubtedSince is not null)
        {
            context.Inform(NoteKind.Subscription, "Notifications arrive again.");
        }

        context.Line = context.Line with { NotifiedAt = context.Now, DoubtedSince = null };
    }

    private static void Act(StepContext context, Notification notification, string path, IReadOnlyList<Node> about)
    {
        Reads.MarkNotified(context, Among(about));
        if (notification.Status == Changed)
        {
            return;
        }

        // Cancelled, moved, changed in definition, deleted: the subscription is not what it was; the server's list says what is left of it.
        context.Inform(NoteKind.Subscription, $"The server ended the subscription to {path} ({DescribeStatus(notification)}).", path);
        Reads.MarkNotified(context, n => n.Kind == NodeKind.SubscriptionList);
        context.Line = context.Line with { Holds = context.Line.Holds.RemoveRange(about.Select(n => new DerPurpose.Subscribe(n.Href, string.Empty).Key)) };
        context.State = context.State with { Subscriptions = context.State.Subscriptions.SetItems(Ended(context.State, about)) };
        if (notification.Status >= Moved)
        {
            // Links alone say where it is now, whatever the notification says.
            var paths = about.Select(n => n.Href).ToHashSet(StringComparer.Ordinal);
            Reads.MarkNotified(context, n => Links.GetHrefs(n.Known).Any(l => Hrefs.TryPin(context.Config.ServerUrl, n.Href, l, out var to, out _) && paths.Contains(to)));
        }
    }

    private static IEnumerable<KeyValuePair<string, HeldSubscription>> Ended(DerClientState state, IReadOnlyList<Node> about) =>
        from node in about
        let key = NotifiedResources.Normalize(node.Href)
        let held = state.Subscriptions.GetValueOrDefault(key)
        where held is { IsHeld: true }
        select KeyValuePair.Create(key, held with { IsHeld = false });

    private static string DescribeStatus(Notification notification) => notification.Status switch
    {
        1 => "cancelled",
        Moved => notification.NewResourceUri is { } to ? $"moved to {SafeText.Quote(to)}" : "moved",
        3 => "changed in its definition",
        4 => "deleted",
        var other => $"status {other}",
    };

    private static Func<Node, bool> Among(IReadOnlyList<Node> nodes)
    {
        var hrefs = nodes.Select(n => n.Href).ToHashSet(StringComparer.Ordinal);
        return n => hrefs.Contains(n.Href);
    }

    // Said once, however often the server repeats it.
    private static void Remark(StepContext context, string? subscription, bool isOurServers, string path)
    {
        var key = $"subscription {SafeText.Quote(subscription ?? string.Empty, 200)}";
        if (subscription is not null && !IsOurs(context.State, NotifiedResources.Normalize(subscription)) && context.Line.Refused.Count < MostRemarks && !context.Line.Refused.ContainsKey(key))
        {
            context.Line = context.Line with { Refused = context.Line.Refused.Add(key, context.Now) };
            context.Note(new Note<NoteKind>(NoteLevel.Information, NoteKind.Subscription, isOurServers ? ErrorClass.AuthzSubscription : ErrorClass.SsrfBlocked, path,
                $"The server notifies of {path} by a subscription {SafeText.Quote(subscription)} that it never told us; {path} is read again all the same."));
        }
    }

    private static bool IsOurs(DerClientState state, string subscription) =>
        state.Subscriptions.Values.Any(s => s.Href == subscription)
        || (TreeLookup.First(state, NodeKind.SubscriptionList)?.Known is SubscriptionList list && list.Readable.Any(s => s.Href == subscription));
}
