using GridServices.EnvelopeHub.Streaming;
using NodaTime;

namespace GridServices.Simulation.Hub;

/// <summary>One subscriber's connection: <see cref="Subscriber"/> says what is next, as in <c>SiteStream</c>; what is sent arrives in order, late, or no more.</summary>
internal sealed class HubStream(HubNode hub, HubStreams streams, long? after, long heartbeat, Action<byte[]?> deliver)
{
    private Subscriber _subscriber = new(after, 0, heartbeat);
    private string _epoch = hub.View.Epoch;
    private Instant _lastArrival;
    private bool _greeted;
    private bool _isSilent;
    private bool _isOver;

    /// <summary>Sends all that is due.</summary>
    public void Pump()
    {
        while (!_isOver)
        {
            var view = hub.View;
            if (!string.Equals(view.Epoch, _epoch, StringComparison.Ordinal))
            {
                (_subscriber, _epoch) = (new Subscriber(null, 0, 0), view.Epoch);
                continue;
            }

            _subscriber = _subscriber.Cursor is { } reached ? _subscriber with { Cursor = view.SkipLeap(reached) } : _subscriber;
            var turn = _subscriber.Next(view.Offer);
            if (turn == SubscriberAction.Wait && _greeted)
            {
                return;
            }

            Send(turn);
        }
    }

    /// <summary>The hub is gone, or the client.</summary>
    public void End()
    {
        if (!_isOver)
        {
            _isOver = true;
            streams.Closed(this);
            hub.World.After(hub.World.Network.Delay(), () => deliver(null));
        }
    }

    /// <summary>The client has gone away.</summary>
    public void Leave()
    {
        _isOver = true;
        streams.Closed(this);
    }

    private void Send(SubscriberAction turn)
    {
        var view = hub.View;
        switch (turn)
        {
            case SubscriberAction.Wait:
                _greeted = true;
                Write(streams.Heartbeat());
                break;
            case SubscriberAction.Snapshot:
                var snapshot = streams.Snapshot();
                Write(snapshot);
                _subscriber = _subscriber with { Cursor = snapshot.Sequence, Effective = view.Effective?.Frame.Sequence == snapshot.Sequence ? view.Effective.Number : 0 };
                break;
            case SubscriberAction.CatchUp:
                CatchUp();
                break;
            case SubscriberAction.Events:
                var cursor = _subscriber.Cursor!.Value;
                _subscriber = _subscriber with { Cursor = view.Window.Last };
                foreach (var frame in view.Window.Since(cursor))
                {
                    Write(frame);
                }

                break;
            case SubscriberAction.Effective:
                _subscriber = _subscriber with { Effective = view.Effective!.Number };
                Write(view.Effective.Frame);
                break;
            default:
                _subscriber = _subscriber with { Heartbeat = view.Heartbeat!.Number };
                Write(view.Heartbeat.Frame);
                break;
        }
    }

    private void CatchUp()
    {
        var cursor = _subscriber.Cursor!.Value;
        var page = hub.Disk.Data.Log.Where(entry => entry.Sequence > cursor).OrderBy(entry => entry.Sequence).Take(4).ToList();
        if (page.Count == 0 || page[0].Sequence != cursor + 1)
        {
            _subscriber = _subscriber with { Cursor = null };
            return;
        }

        foreach (var entry in page)
        {
            Write(Frame.WithId("envelope", _epoch, entry.Sequence, entry.Event.Span));
        }

        _subscriber = _subscriber with { Cursor = page[^1].Sequence };
    }

    private void Write(Frame frame)
    {
        var world = hub.World;
        if (world.Strikes(world.Faults.Loss / 4))
        {
            // Either end may notice at once, or only by the other's silence.
            _isSilent |= world.Chance.Happens(0.5);
            if (!_isSilent)
            {
                End();
            }
        }

        _isSilent |= world.Network.IsCut(hub) || world.Network.IsCut(world.Controller);
        if (_isSilent || _isOver)
        {
            return;
        }

        var bytes = frame.Bytes.ToArray();
        var arrival = Instant.Max(_lastArrival, world.Now + world.Network.Delay());
        _lastArrival = arrival;
        world.After(arrival - world.Now, () => deliver(bytes));
    }
}
