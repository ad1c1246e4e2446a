using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Discovery;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Session;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Devices;

/// <summary>
/// Polling seldom what the server tells of by itself, where <see cref="DerSubscriptions.Heartbeat"/> asks for it:
/// <code>
///   usual polls ──a notification arrives──▶ heartbeat ──a poll finds what none told of, the server was away, one is refused, we restart──▶ usual polls
/// </code>
/// A resource whose subscription is not held, is overdue, or whose list of subscriptions can't be read is always polled as usual.
/// </summary>
internal sealed class HeartbeatPolling
{
    private readonly DerClientState _state;
    private readonly Duration _rhythm;
    private readonly Instant _oldest;

    private HeartbeatPolling(DerClientState state, Duration rhythm, Instant oldest) => (_state, _rhythm, _oldest) = (state, rhythm, oldest);

    /// <summary>Null: everything is polled as usual.</summary>
    public static HeartbeatPolling? Create(DerClientConfig config, DerClientState state, Instant now)
    {
        if (config.Subscriptions is not { Heartbeat: { } rhythm, NotificationUrl: not null } settings || state.Line is not { NotifiedAt: not null, DoubtedSince: null })
        {
            return null;
        }

        var lists = state.Nodes.Values.Where(n => n.Kind == NodeKind.SubscriptionList).ToList();
        var isFresh = lists.Count > 0 && lists
            .All(n => state.Line.Readings.GetValueOrDefault(n.Key) is { IsRefused: false, Trouble: null } reading && (reading.ReadAt is null || reading.ReadAt + (settings.RenewEvery * 2) > now));
        return isFresh ? new HeartbeatPolling(state, rhythm, now - settings.RepostAfter - settings.RenewEvery) : null;
    }

    /// <summary>How seldom this may be read; null: as usual.</summary>
    public Duration? For(Node node) =>
        Subscribing.IsOffered(node) && _state.Subscriptions.GetValueOrDefault(NotifiedResources.Normalize(node.Href)) is { IsHeld: true } held && held.PostedAt > _oldest
        && _state.Line.Readings.GetValueOrDefault(node.Key) is not { IsRefused: true } && Subscribing.FindRefusal(_state, node.Href) is null ? _rhythm : null;

    /// <summary>A poll that no notification asked for brought this.</summary>
    public static void Compare(StepContext context, Node node, Resource before, Resource after)
    {
        if (context.Line is { NotifiedAt: not null, DoubtedSince: null } && Subscribing.IsOffered(node)
            && context.State.Subscriptions.GetValueOrDefault(NotifiedResources.Normalize(node.Href)) is { IsHeld: true } && IsNews(before, after))
        {
            Doubt(context, $"{node.Href} changed and no notification told of it.", ErrorClass.AuthzSubscription);
        }
    }

    /// <summary>Notifications are not relied on until the next one arrives.</summary>
    public static void Doubt(StepContext context, string why, ErrorClass? error)
    {
        if (context.Config.Subscriptions is not { Heartbeat: not null, NotificationUrl: not null })
        {
            if (error is { } refused)
            {
                context.Warn(NoteKind.Subscription, refused, why, null);
            }
        }
        else if (context.Line.DoubtedSince is null)
        {
            context.Line = context.Line with { DoubtedSince = context.Now };
            context.Note(new Note<NoteKind>(NoteLevel.Warning, NoteKind.Subscription, error ?? ErrorClass.Unavailable, null, $"{why} Polled as usual until a notification arrives."));
        }
    }

    // What time alone changes (a control that begins or is over) nobody is notified of.
    private static bool IsNews(Resource before, Resource after) => (before, after) switch
    {
        (DefaultDerControl, DefaultDerControl) => !before.Equals(after),
        (DerControlList b, DerControlList a) => a.Readable.Any(c => !b.Readable.Any(o => o.MRid == c.MRid && o.Version == c.Version && IsCancelled(o.EventStatus) == IsCancelled(c.EventStatus))),
        (EndDeviceControlList b, EndDeviceControlList a) => a.Readable.Any(c => !b.Readable.Any(o => o.MRid == c.MRid && o.Version == c.Version && IsCancelled(o.EventStatus) == IsCancelled(c.EventStatus))),
        (DemandResponseProgramList b, DemandResponseProgramList a) when a.Readable.Any(p => b.Readable.Any(o => o.MRid == p.MRid && o.Primacy != p.Primacy)) => true,
        (DerProgramList b, DerProgramList a) when a.Readable.Any(p => b.Readable.Any(o => o.MRid == p.MRid && o.Primacy != p.Primacy)) => true,
        _ => ListPaging.FindFacts(after) is { } a && ListPaging.FindFacts(before) is { } b && a.Keys.Except(b.Keys).Any(),
    };

    private static bool IsCancelled(EventStatus status) => status.CurrentStatus is EventState.Cancelled or EventState.CancelledWithRandomization;
}
