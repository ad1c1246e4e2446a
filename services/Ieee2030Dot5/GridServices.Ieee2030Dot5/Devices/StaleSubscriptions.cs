using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Discovery;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Session;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Devices;

/// <summary>
/// Subscriptions with an address of ours that serve nobody any more: to an address we had before, twice to the same, or to what we don't follow.
/// Those of others are left alone. A client that wants none any more, or is being deleted, takes all of its own back.
/// </summary>
internal static class StaleSubscriptions
{
    /// <summary>A last part of an address that can't be another's by chance.</summary>
    private const int UniqueLength = 16;

    /// <summary>How long a client that is being deleted does nothing else; if it is not deleted then, it goes on.</summary>
    private static readonly Duration Leaving = Duration.FromSeconds(10);

    /// <summary>Until when a client that is being deleted only takes back what the server holds for it; null: it is not being deleted.</summary>
    public static Instant? LeavesUntil(DerClientState state, Instant now) => state.Line.LeavingSince is { } since && now < since + Leaving ? since + Leaving : null;

    public static IEnumerable<Job> Jobs(DerClientConfig config, DerClientState state, Instant now) => !IsUnwanted(config, state, now) && config.Subscriptions.NotificationUrl is { } callback
        ? state.Nodes.Values.Where(n => n is { Kind: NodeKind.SubscriptionList, Known: SubscriptionList } && state.Line.Readings.GetValueOrDefault(n.Key)?.ReadAt is not null)
            .SelectMany(list => FindStale(config, state, list, callback)).Distinct()
            .Select(href => new Job(new DerPurpose.Unsubscribe(href), Instant.MinValue, Rank.Convenience))
        : TakeBack(state);

    // Under which address the server has what was not answered, only its list tells.
    private static IEnumerable<Job> TakeBack(DerClientState state)
    {
        foreach (var held in state.Subscriptions.Values.Where(s => s.Href is not null))
        {
            yield return new Job(new DerPurpose.Unsubscribe(held.Href!), Instant.MinValue, Rank.Convenience);
        }

        if (state.Subscriptions.Values.Where(s => s.AskedWith is not null).Select(s => s.PostedAt).DefaultIfEmpty(Instant.MinValue).Max() is var asked && asked > Instant.MinValue)
        {
            foreach (var list in state.Nodes.Values.Where(n => n.Kind == NodeKind.SubscriptionList && !(state.Line.Readings.GetValueOrDefault(n.Key)?.ReadAt >= asked)))
            {
                var from = state.Line.Readings.GetValueOrDefault(list.Key)?.Pages is { } pages ? ListPaging.FindFacts(pages.List)!.Count : 0;
                yield return new Job(new DerPurpose.Read(list.Kind, list.Href, from), Instant.MinValue, Rank.Convenience);
            }
        }
    }

    public static void Answered(StepContext context, DerPurpose.Unsubscribe purpose, int status, string why)
    {
        if (IsUnwanted(context.Config, context.State, context.Now))
        {
            // Asked once: the server that keeps it nevertheless drops it for its age.
            context.State = context.State with { Subscriptions = context.State.Subscriptions.RemoveRange(context.State.Subscriptions.Where(s => s.Value.Href == purpose.Href).Select(s => s.Key)) };
        }

        if (status is (>= 200 and < 300) or 404 or 410)
        {
            // Until the list has been read again it still shows it.
            LinkPolicy.Hold(context, purpose, context.Config.Subscriptions.RenewEvery);
            context.Inform(NoteKind.Subscription, $"The stale subscription {purpose.Href} is removed.", purpose.Href);
            Reads.Again(context, n => n.Kind == NodeKind.SubscriptionList);
            return;
        }

        LinkPolicy.Hold(context, purpose, context.Config.Subscriptions.RenewEvery, why);
        context.Warn(NoteKind.Subscription, ErrorClass.AuthzSubscription, $"The server does not remove the stale subscription {purpose.Href}: {why}.", purpose.Href);
    }

    /// <summary>True: nothing is to be subscribed to, and what is ours is taken back.</summary>
    public static bool IsUnwanted(DerClientConfig config, DerClientState state, Instant now) => config.Subscriptions.NotificationUrl is null || LeavesUntil(state, now) is not null;

    private static IEnumerable<string> FindStale(DerClientConfig config, DerClientState state, Node list, string callback)
    {
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var s in ((SubscriptionList)list.Known!).Readable.Where(s => IsOurs(s.NotificationUri, callback)))
        {
            if (SubscriptionLists.FindPath(config, list, s.Href) is not { } href)
            {
                continue;
            }

            if (s.NotificationUri != callback || SubscriptionLists.FindPath(config, list, s.SubscribedResource) is not { } resource || IsNobodys(config, state, resource))
            {
                yield return href;
            }
            else if (seen.TryGetValue(resource, out var other))
            {
                // The one made last is kept, by the address its answer gave.
                var isOther = state.Subscriptions.GetValueOrDefault(resource)?.Href == other;
                seen[resource] = isOther ? other : href;
                yield return isOther ? href : other;
            }
            else
            {
                seen.Add(resource, href);
            }
        }
    }

    private static bool IsOurs(string address, string callback)
    {
        var own = callback[(callback.LastIndexOf('/') + 1)..];
        return address == callback || (own.Length >= UniqueLength && address.EndsWith($"/{own}", StringComparison.Ordinal));
    }

    // Only once everything that could lead to it has been read.
    private static bool IsNobodys(DerClientConfig config, DerClientState state, string resource) =>
        state.Nodes.Values.All(n => n.Known is not null && state.Line.Readings.GetValueOrDefault(n.Key) is { ReadAt: not null, Trouble: null, LeavingSince: null })
        && NotifiedResources.Nodes(state, resource).Count == 0 && NotifiedResources.FindLists(config, state, resource).Count == 0;
}
