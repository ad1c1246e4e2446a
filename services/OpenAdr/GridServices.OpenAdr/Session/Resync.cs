using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using NodaTime;

namespace GridServices.OpenAdr.Session;

/// <summary>A push VEN's requests for the VTN's events at intervals, where <see cref="VenConfig.ResyncInterval"/> asks for them: a way in that is shut shows by nothing else.</summary>
internal static class Resync
{
    /// <summary>When the next one is due; <see cref="Instant.MaxValue"/>: never, or one is owed already.</summary>
    public static Instant At(VenConfig config, VenState state, Instant now)
    {
        if (config is not { Transport: VenTransport.Push, ResyncInterval: { } interval } || state.Owed.Any(o => o is PendingRequest.RequestEvents))
        {
            return Instant.MaxValue;
        }

        var due = (state.Link.SyncedAt ?? now - interval) + interval;
        return RequestScheduler.IsAhead(due, now, interval) ? due : now;
    }

    /// <summary>The VTN has told its events.</summary>
    public static void Done(StepContext context)
    {
        if (context.Config.Transport == VenTransport.Push)
        {
            context.State = context.State with { Link = context.State.Link with { SyncedAt = context.Now } };
        }
    }

    /// <summary>All events of the VTN are known as of now.</summary>
    public static void Listed(StepContext context) => context.State = context.State with { Link = context.State.Link with { ListedAt = context.Now } };

    /// <summary>The VTN has told an event of the program, and it was taken.</summary>
    public static void OnEventReceived(StepContext context, string? marketContext)
    {
        if (marketContext is not null && Events.Programs.For(context.Config, marketContext)?.Stream is { } stream && !context.State.Link.ToldStreams.Contains(stream))
        {
            context.State = context.State with { Link = context.State.Link with { ToldStreams = [.. context.State.Link.ToldStreams, stream] } };
        }
    }

    /// <summary>Events that a request at intervals found and no push had told of: the way in may be shut.</summary>
    /// <param name="context">Before they are taken.</param>
    /// <param name="asked">The request: one that is owed was sent because something may have been missed.</param>
    /// <param name="told">All that the VTN has.</param>
    public static void Compare(StepContext context, PendingRequest asked, OadrDistributeEvent told)
    {
        if (context.Config.Transport != VenTransport.Push || context.IsPending(asked))
        {
            return;
        }

        foreach (var found in told.Events.Select(e => e.Value).OfType<OadrEvent>().Where(e => IsComing(e) && !IsKnown(context.State, e)))
        {
            context.Warn(
                NoteKind.MessageIgnored,
                GridServices.Contracts.ErrorClass.Unavailable,
                "It was found by asking and had not been pushed: the VTN may not reach the transport address. See the doctor's report.",
                found.Descriptor.EventId);
        }
    }

    // What is over or cancelled was taken in, and forgotten.
    private static bool IsComing(OadrEvent found) => found.Descriptor.Status is EventStatus.Far or EventStatus.Near or EventStatus.Active;

    private static bool IsKnown(VenState state, OadrEvent found) =>
        state.Events.Any(h => h.Id == found.Descriptor.EventId) || state.Refused.Any(r => r.EventId == found.Descriptor.EventId);
}
