using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Discovery;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Session;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Devices;

/// <summary>
/// Asking to be told of changes (CSIP-AUS ALL-14): one subscription for each list that offers it, made again before the server drops it for its age,
/// compared with the server's own list now and then, and renewed where it is missing there. The polls go on beside it, see <see cref="HeartbeatPolling"/>.
/// </summary>
internal static class Subscribing
{
    /// <summary>Items that may come with a notification; what it is about is read anyway.</summary>
    private const int Limit = 1;

    /// <summary>What the server dropped at once is not asked for again at once.</summary>
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
        if (config.Subscriptions.NotificationUrl is null || SubscriptionLists.Create(config, state) is not { } lists)
        {
            yield break;
        }

        foreach (var wanted in state.Nodes.Values.Where(IsOffered))
        {
            yield return new Job(new DerPurpose.Subscribe(wanted.Href, lists.For(wanted.Href)), DueAt(config, state, lists, NotifiedResources.Normalize(wanted.Href)), Rank.Convenience);
        }
    }

    /// <summary>True: it offers to be subscribed to, and is there.</summary>
    public static bool IsOffered(Node node) =>
        node.Kind is NodeKind.EndDeviceList or NodeKind.AssignmentsList or NodeKind.ProgramList or NodeKind.DefaultControl or NodeKind.ControlList
            or NodeKind.TariffList or NodeKind.ComponentList or NodeKind.IntervalList or NodeKind.DemandResponseList or NodeKind.LoadControlList
        && node is { Missing: false, Known.Subscribable: 1 or 3 };

    /// <summary>What the server said when it last refused a subscription to this; null: it did not.</summary>
    public static string? FindRefusal(DerClientState state, string href) => state.Line.Holds.GetValueOrDefault(new DerPurpose.Subscribe(href, string.Empty).Key)?.Why;

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
        var key = NotifiedResources.Normalize(purpose.Resource);
        if (status is >= 200 and < 300 or 409)
        {
            var own = location is not null && Hrefs.TryPin(context.Config.ServerUrl, purpose.Href, location, out var path, out _) ? NotifiedResources.Normalize(path) : null;
            var losses = context.State.Subscriptions.GetValueOrDefault(key)?.Losses ?? 0;
            Set(context, key, new HeldSubscription(own, context.Now) { Losses = losses, AskedWith = own is null ? context.Config.Subscriptions.NotificationUrl : null });
            context.Inform(NoteKind.Subscription, $"Subscribed to {purpose.Resource}.", purpose.Resource);
            if (!Jobs(context.Config, context.State).Any(j => j.Due <= context.Now && !context.Line.Holds.ContainsKey(j.Purpose.Key)))
            {
                Reads.Again(context, n => n.Kind == NodeKind.SubscriptionList);
            }

            return;
        }

        context.State = context.State with { Subscriptions = context.State.Subscriptions.Remove(key) };
        LinkPolicy.Hold(context, purpose, context.Config.Subscriptions.RenewEvery, why);
        context.Warn(NoteKind.Subscription, ErrorClass.AuthzSubscription, $"The server refuses the subscription to {purpose.Resource}: {why}; polling goes on.", purpose.Resource);
    }

    /// <summary>Whether the server took it is not known: its list tells, and what is there is neither made twice nor left behind.</summary>
    public static void Unanswered(StepContext context, DerPurpose.Subscribe purpose)
    {
        var key = NotifiedResources.Normalize(purpose.Resource);
        var known = context.State.Subscriptions.GetValueOrDefault(key);
        if (known?.Href is null && context.Config.Subscriptions.NotificationUrl is { } address)
        {
            Set(context, key, new HeldSubscription(null, context.Now) { IsHeld = false, AskedWith = address, Losses = known?.Losses ?? 0 });
        }

        Reads.Again(context, n => n.Kind == NodeKind.SubscriptionList);
    }

    /// <summary>The client is about to leave: what it may have asked for unheard is looked for in the lists, and taken back with the rest.</summary>
    public static void Leave(StepContext context)
    {
        foreach (var key in FindUnheard(context.Config, context.State).ToList())
        {
            var known = context.State.Subscriptions.GetValueOrDefault(key);
            Set(context, key, new HeldSubscription(null, context.Now) { IsHeld = false, AskedWith = context.Config.Subscriptions.NotificationUrl, Losses = known?.Losses ?? 0 });
        }

        context.Line = context.Line with { LeavingSince = context.Now };
    }

    /// <summary>What may have been asked for though no answer was heard, by plain paths: all that is offered, and that we know of no subscription to.</summary>
    public static IEnumerable<string> FindUnheard(DerClientConfig config, DerClientState state) =>
        config.Subscriptions.NotificationUrl is not null && state.Nodes.Values.Any(n => n is { Kind: NodeKind.SubscriptionList, Known: SubscriptionList })
            ? state.Nodes.Values.Where(IsOffered).Select(n => NotifiedResources.Normalize(n.Href)).Distinct()
                .Where(key => state.Subscriptions.GetValueOrDefault(key) is not ({ Href: not null } or { AskedWith: not null }))
            : [];

    /// <summary>A list of subscriptions was read: what it lacks is lost, what it has of ours and we don't know is taken up.</summary>
    /// <param name="context">The step.</param>
    /// <param name="isWhole">False: what it lacks may merely not have been sent.</param>
    public static void Reconcile(StepContext context, bool isWhole)
    {
        FindUnanswered(context, isWhole);
        if (StaleSubscriptions.IsUnwanted(context.Config, context.State, context.Now) || SubscriptionLists.Create(context.Config, context.State) is not { } lists)
        {
            return;
        }

        foreach (var (key, held) in context.State.Subscriptions.Where(s => s.Value.IsHeld != lists.Held.Contains(s.Key)))
        {
            if (!held.IsHeld)
            {
                Set(context, key, held with { IsHeld = true });
            }
            else if (isWhole)
            {
                Set(context, key, held with { IsHeld = false, Href = null, Losses = held.Losses + 1 });
                context.Warn(NoteKind.Subscription, ErrorClass.AuthzSubscription, $"The server no longer holds the subscription to {key}; it is polled as usual until it does.", key);
            }
        }

        foreach (var listed in context.State.Nodes.Values.Where(n => n is { Kind: NodeKind.SubscriptionList, Known: SubscriptionList })
            .SelectMany(n => SubscriptionLists.Ours(context.Config, n)).ToLookup(s => s.Resource, s => s.Href, StringComparer.Ordinal))
        {
            var known = context.State.Subscriptions.GetValueOrDefault(listed.Key) ?? new HeldSubscription(listed.First(), context.Now);
            Set(context, listed.Key, listed.Contains(known.Href) ? known : known with { Href = listed.Last() });
        }
    }

    /// <summary>A process begins. What it finds was made by a clock that was ahead is of unknown age, and made again.</summary>
    public static void Start(StepContext context)
    {
        foreach (var (key, held) in context.State.Subscriptions.Where(s => s.Value.PostedAt > context.Now))
        {
            Set(context, key, held with { PostedAt = context.Now - context.Config.Subscriptions.RepostAfter });
        }
    }

    /// <summary>Another address: what is subscribed to with the one before doesn't reach us there. Without any, it is taken back.</summary>
    public static void ResetAddress(StepContext context)
    {
        context.Line = context.Line with { NotifiedAt = null, DoubtedSince = null };
        if (context.Config.Subscriptions.NotificationUrl is not null)
        {
            context.State = context.State with { Subscriptions = DerClientState.Empty<HeldSubscription>() };
        }
    }

    // Once all of its lists are read, what is in none of them was not taken.
    private static void FindUnanswered(StepContext context, bool isWhole)
    {
        var lists = context.State.Nodes.Values.Where(n => n.Kind == NodeKind.SubscriptionList).ToList();
        var isAll = (isWhole || StaleSubscriptions.IsUnwanted(context.Config, context.State, context.Now))
            && lists.All(n => n.Known is SubscriptionList && context.Line.Readings.GetValueOrDefault(n.Key)?.ReadAt is not null);
        foreach (var (key, asked) in context.State.Subscriptions.Where(s => s.Value.AskedWith is not null))
        {
            var found = lists.Where(n => n.Known is SubscriptionList).SelectMany(n => SubscriptionLists.Of(context.Config, n, asked.AskedWith!)).LastOrDefault(s => s.Resource == key).Href;
            if (found is not null)
            {
                Set(context, key, asked with { Href = found, IsHeld = true, AskedWith = null });
            }
            else if (isAll)
            {
                // What was answered without an address and is not there is lost like any other.
                context.State = context.State with
                {
                    Subscriptions = asked.IsHeld ? context.State.Subscriptions.SetItem(key, asked with { AskedWith = null }) : context.State.Subscriptions.Remove(key),
                };
            }
        }
    }

    private static Instant DueAt(DerClientConfig config, DerClientState state, SubscriptionLists lists, string key)
    {
        var asked = state.Subscriptions.GetValueOrDefault(key);
        // What a list in part doesn't show is not lost.
        return (asked?.IsHeld == true || lists.Held.Contains(key), asked) switch
        {
            (_, null) => Instant.MinValue,
            (true, _) => asked.PostedAt + config.Subscriptions.RepostAfter,
            _ => asked.PostedAt + Duration.Min(config.Subscriptions.RenewEvery, Patience * (1 + asked.Losses)),
        };
    }

    private static void Set(StepContext context, string key, HeldSubscription held) =>
        context.State = context.State with { Subscriptions = context.State.Subscriptions.SetItem(key, held) };
}
