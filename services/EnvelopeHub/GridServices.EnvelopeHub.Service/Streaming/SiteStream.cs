using System.Text.Json;
using GridServices.Contracts;
using GridServices.EnvelopeHub.History;
using GridServices.EnvelopeHub.Service.History;
using GridServices.EnvelopeHub.Service.Sites;
using GridServices.EnvelopeHub.Sites;
using GridServices.EnvelopeHub.Streaming;
using GridServices.Hosting.Web;
using Microsoft.Extensions.Options;
using NodaTime;

namespace GridServices.EnvelopeHub.Service.Streaming;

/// <summary>Serves one subscriber of a site: asks <see cref="Subscriber"/> what is next, and does it.</summary>
internal sealed class SiteStream(
    SiteLog log, HubHistory history, EffectiveTimelinePublisher effective, HeartbeatScheduler heartbeats, HubMetrics metrics, IClock clock, TimeProvider time, IOptions<EnvelopeHubOptions> options)
{
    private const int LogPage = 256;
    private static readonly Duration SnapshotFreshFor = Duration.FromSeconds(5);

    /// <summary>Runs until the client goes, its token dies, its socket does not drain, or the hub stops.</summary>
    /// <param name="state">The site.</param>
    /// <param name="http">The request; nothing was answered yet.</param>
    /// <param name="after">The sequence it has everything up to; null: it is told the whole current set first.</param>
    /// <param name="epoch">The epoch that the sequence is of.</param>
    /// <param name="stop">The hub stops.</param>
    public async Task ServeAsync(SiteState state, HttpContext http, long? after, string epoch, CancellationToken stop)
    {
        var wake = new AsyncSignal();
        state.Subscribe(wake);
        metrics.Subscribed();
        try
        {
            await using var gone = http.RequestAborted.UnsafeRegister(static wake => ((AsyncSignal)wake!).Set(), wake);
            await using var stopping = stop.UnsafeRegister(static wake => ((AsyncSignal)wake!).Set(), wake);
            effective.Refresh(state);
            var newcomer = new Subscriber(after, 0, state.View.Heartbeat?.Number ?? 0);
            await ServeAsync(state, new SseWriter(http, options.Value.DrainTimeout, time), wake, (newcomer, epoch), stop);
        }
        finally
        {
            state.Unsubscribe(wake);
            metrics.Unsubscribed();
        }
    }

    private async Task ServeAsync(SiteState state, SseWriter writer, AsyncSignal wake, (Subscriber Subscriber, string Epoch) from, CancellationToken stop)
    {
        writer.Begin(SseWriter.UsualRetry);
        var (subscriber, epoch) = from;
        var (live, greeted) = (false, false);
        var oldest = 0L;
        while (!stop.IsCancellationRequested)
        {
            var view = state.View;
            if (!string.Equals(view.Epoch, epoch, StringComparison.Ordinal))
            {
                // Another history has begun: nothing that this subscriber was told can be gone on from.
                (subscriber, epoch) = (new Subscriber(null, 0, 0), view.Epoch);
                effective.Refresh(state);
                if (view.Heartbeat is null)
                {
                    heartbeats.SendHeartbeat(state);
                }

                continue;
            }

            subscriber = subscriber.Cursor is { } reached ? subscriber with { Cursor = view.SkipLeap(reached) } : subscriber;
            var turn = subscriber.Next(view.Offer);
            if (turn == SubscriberAction.Wait || writer.IsFull)
            {
                if (!await FlushAsync(writer, oldest))
                {
                    return;
                }

                oldest = 0;
                live |= turn == SubscriberAction.Wait;
            }

            switch (turn)
            {
                case SubscriberAction.Wait when !greeted && heartbeats.FindFirstHeartbeat(state) is { } greeting:
                    writer.Write(greeting.Bytes);
                    greeted = true;
                    break;
                case SubscriberAction.Wait:
                    await wake.WaitAsync();
                    break;
                case SubscriberAction.CatchUp:
                    if (live)
                    {
                        metrics.CutOff(view.Set.Sequence - subscriber.Cursor!.Value);
                        live = false;
                    }

                    subscriber = await CatchUpAsync(state.Key, writer, subscriber, epoch);
                    break;
                case SubscriberAction.Heartbeat when !writer.MayGoOn:
                    return;
                default:
                    oldest = oldest == 0 && turn == SubscriberAction.Events ? view.Window.Since(subscriber.Cursor!.Value)[0].CommittedAt : oldest;
                    subscriber = Send(state, view, writer, subscriber, turn);
                    break;
            }
        }

        await writer.FlushAsync();
    }

    private Subscriber Send(SiteState state, SiteModel view, SseWriter writer, Subscriber subscriber, SubscriberAction turn)
    {
        switch (turn)
        {
            case SubscriberAction.Snapshot:
                var snapshot = GetSnapshot(state);
                writer.Write(snapshot.Bytes);

                // The snapshot holds the merged timeline of its own sequence.
                return subscriber with { Cursor = snapshot.Sequence, Effective = view.Effective?.Frame.Sequence == snapshot.Sequence ? view.Effective.Number : 0 };
            case SubscriberAction.Events:
                foreach (var frame in view.Window.Since(subscriber.Cursor!.Value))
                {
                    writer.Write(frame.Bytes);
                }

                return subscriber with { Cursor = view.Window.Last };
            case SubscriberAction.Effective:
                writer.Write(view.Effective!.Frame.Bytes);
                return subscriber with { Effective = view.Effective.Number };
            default:
                writer.Write(view.Heartbeat!.Frame.Bytes);
                return subscriber with { Heartbeat = view.Heartbeat.Number };
        }
    }

    // Cursor mode: what it missed comes from the stored log, page by page, as fast as its socket drains.
    private async Task<Subscriber> CatchUpAsync(SiteKey key, SseWriter writer, Subscriber subscriber, string epoch)
    {
        var cursor = subscriber.Cursor!.Value;
        var page = await log.ReadAfterAsync(key, cursor, LogPage, CancellationToken.None);
        if (page.Count == 0 || page[0].Sequence != cursor + 1)
        {
            // What came next was trimmed meanwhile: never skip silently, state the whole set.
            return subscriber with { Cursor = null };
        }

        foreach (var entry in page)
        {
            writer.Write(Frame.WithId("envelope", epoch, entry.Sequence, entry.Event.Span).Bytes);
        }

        return subscriber with { Cursor = page[^1].Sequence };
    }

    private async ValueTask<bool> FlushAsync(SseWriter writer, long oldest)
    {
        if (!await writer.FlushAsync())
        {
            if (writer.IsStuck)
            {
                metrics.Closed();
            }

            return false;
        }

        if (oldest != 0)
        {
            metrics.FannedOut(oldest);
        }

        return true;
    }

    private Frame GetSnapshot(SiteState state)
    {
        var now = clock.GetCurrentInstant();

        // First the history: what is told complete holds everything that completed it.
        var told = history.GetTenantHistory(state.Key.Tenant);
        var view = state.View;
        var about = told.InEpoch(view.Epoch);
        if (view.Snapshot is { } kept && kept.IsFresh(view.Set.Sequence, about, now, SnapshotFreshFor))
        {
            return kept.Frame;
        }

        var snapshot = view.Set.Snapshot(state.Key.SiteId, view.Epoch, now).WithHistory(about.With(view.Set));
        var frame = Frame.WithId("snapshot", view.Epoch, view.Set.Sequence, JsonSerializer.SerializeToUtf8Bytes(snapshot, ContractJson.Options));
        state.CacheSnapshot(frame, now, about);
        return frame;
    }
}
