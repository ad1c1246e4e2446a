using FsCheck;
using FsCheck.Fluent;
using GridServices.EnvelopeHub.Streaming;

namespace GridServices.EnvelopeHub.Tests.Streaming;

public sealed class SubscriberTests
{
    private const int Capacity = 4;

    private enum Act
    {
        Publish,
        Effective,
        Heartbeat,
        Step,
        Reconnect,
        Trim,
    }

    [Fact]
    public void Whatever_happens_a_subscriber_gets_every_event_once_and_in_order_or_a_snapshot() =>
        Prop.ForAll(Gen.Elements(Enum.GetValues<Act>()).ListOf(120).ToArbitrary(), acts =>
        {
            var world = new World();
            foreach (var act in acts)
            {
                world.Do(act);
            }

            world.Settle();
            return world.Known == world.Published && world.Order.Zip(world.Order.Skip(1)).All(pair => pair.Second == pair.First + 1 || pair.Second < 0 || pair.First < 0);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_first_thing_a_new_subscriber_gets_is_the_current_set_even_when_it_is_empty() =>
        Assert.Equal(SubscriberAction.Snapshot, new Subscriber(null, 0, 0).Next(new Offer(ReplayWindow.StartingAfter(0), 0, 5)));

    [Fact]
    public void Events_come_before_the_timeline_they_make_and_both_before_the_heartbeat()
    {
        var offer = new Offer(ReplayWindow.StartingAfter(0).Add(Event(1), Capacity), 1, 1);
        var subscriber = new Subscriber(0, 0, 0);
        Assert.Equal(SubscriberAction.Events, subscriber.Next(offer));
        subscriber = subscriber with { Cursor = 1 };
        Assert.Equal(SubscriberAction.Effective, subscriber.Next(offer));
        subscriber = subscriber with { Effective = 1 };
        Assert.Equal(SubscriberAction.Heartbeat, subscriber.Next(offer));
        subscriber = subscriber with { Heartbeat = 1 };
        Assert.Equal(SubscriberAction.Wait, subscriber.Next(offer));
    }

    [Fact]
    public void A_subscriber_behind_the_window_reads_the_log()
    {
        var window = Enumerable.Range(1, 10).Aggregate(ReplayWindow.StartingAfter(0), (held, n) => held.Add(Event(n), Capacity));
        Assert.Equal(6, window.After);
        Assert.Equal(SubscriberAction.CatchUp, new Subscriber(5, 0, 0).Next(new Offer(window, 0, 0)));
        Assert.Equal(SubscriberAction.Events, new Subscriber(6, 0, 0).Next(new Offer(window, 0, 0)));
        Assert.Equal([9L, 10L], window.Since(8).ToArray().Select(frame => frame.Sequence));
    }

    [Fact]
    public void A_window_takes_no_frame_out_of_order()
    {
        var window = ReplayWindow.StartingAfter(3).Add(Event(4), Capacity);
        Assert.Throws<ArgumentException>(() => window.Add(Event(6), Capacity));
        Assert.Throws<ArgumentException>(() => window.Add(Event(4), Capacity));
    }

    private static Frame Event(long sequence) => new(sequence, ReadOnlyMemory<byte>.Empty);

    /// <summary>A site, its stored log, and one subscriber that is served only now and then.</summary>
    private sealed class World
    {
        private ReplayWindow _window = ReplayWindow.StartingAfter(0);
        private Subscriber _subscriber = new(null, 0, 0);
        private long _effective;
        private long _heartbeat;
        private long _trimmedTo;

        public long Published { get; private set; }

        /// <summary>What the subscriber knows of.</summary>
        public long Known { get; private set; }

        /// <summary>The sequences it was sent; a snapshot as a negative one.</summary>
        public List<long> Order { get; } = [];

        public void Do(Act act)
        {
            switch (act)
            {
                case Act.Publish:
                    _window = _window.Add(Event(++Published), Capacity);
                    break;
                case Act.Effective:
                    _effective++;
                    break;
                case Act.Heartbeat:
                    _heartbeat++;
                    break;
                case Act.Reconnect:
                    var decided = Resume.Decide($"e.{Known}", "e", Published, _trimmedTo, hasPast: true);
                    _subscriber = new Subscriber(decided is Resume.After after ? after.Sequence : null, 0, 0);
                    break;
                case Act.Trim:
                    _trimmedTo = Math.Max(_trimmedTo, Published - 6);
                    break;
                default:
                    Step();
                    break;
            }
        }

        public void Settle()
        {
            while (_subscriber.Next(Offer) != SubscriberAction.Wait)
            {
                Step();
            }
        }

        private Offer Offer => new(_window, _effective, _heartbeat);

        private void Step()
        {
            switch (_subscriber.Next(Offer))
            {
                case SubscriberAction.Snapshot:
                    Reach(Published);
                    Order.Add(-Published - 1);
                    break;
                case SubscriberAction.CatchUp when _subscriber.Cursor < _trimmedTo:
                    _subscriber = _subscriber with { Cursor = null };
                    break;
                case SubscriberAction.CatchUp:
                    Send(_subscriber.Cursor!.Value + 1);
                    break;
                case SubscriberAction.Events:
                    foreach (var frame in _window.Since(_subscriber.Cursor!.Value).ToArray())
                    {
                        Send(frame.Sequence);
                    }

                    break;
                case SubscriberAction.Effective:
                    _subscriber = _subscriber with { Effective = _effective };
                    break;
                case SubscriberAction.Heartbeat:
                    // A heartbeat says nothing is missing: nothing may be.
                    Assert.Equal(Published, Known);
                    _subscriber = _subscriber with { Heartbeat = _heartbeat };
                    break;
            }
        }

        private void Send(long sequence)
        {
            Assert.Equal(Known + 1, sequence);
            Order.Add(sequence);
            Reach(sequence);
        }

        private void Reach(long sequence)
        {
            Known = sequence;
            _subscriber = _subscriber with { Cursor = sequence };
        }
    }
}
