using System.Threading.Channels;

namespace GridServices.Operations.Service.Storage;

/// <summary>What became different, told to those who watch now. Nothing is kept: who comes later reads the state anew.</summary>
internal sealed class ChangeFeed
{
    private const int Waiting = 1_000;
    private readonly Lock _gate = new();
    private readonly List<Watch> _watches = [];

    internal void Publish(IReadOnlyList<EntityChange> changes)
    {
        if (changes.Count == 0)
        {
            return;
        }

        Watch[] watches;
        lock (_gate)
        {
            watches = [.. _watches];
        }

        foreach (var watch in watches)
        {
            watch.Enqueue(changes);
        }
    }

    /// <summary>Follows a tenant's changes from now on, until it is disposed of.</summary>
    internal Watch Subscribe(string tenant)
    {
        var watch = new Watch(this, tenant, Waiting);
        lock (_gate)
        {
            _watches.Add(watch);
        }

        return watch;
    }

    private void Unsubscribe(Watch watch)
    {
        lock (_gate)
        {
            _watches.Remove(watch);
        }
    }

    /// <summary>One who watches. Who does not keep up misses some, and is told so by <see cref="TakeMissed"/>.</summary>
    internal sealed class Watch : IDisposable
    {
        private readonly ChangeFeed _feed;
        private readonly string _tenant;
        private readonly System.Threading.Channels.Channel<EntityChange> _channel;
        private int _missed;

        internal Watch(ChangeFeed feed, string tenant, int waiting)
        {
            _feed = feed;
            _tenant = tenant;
            _channel = System.Threading.Channels.Channel.CreateBounded<EntityChange>(new BoundedChannelOptions(waiting) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
        }

        internal ChannelReader<EntityChange> Reader => _channel.Reader;

        /// <summary>True once after changes were missed: everything is to be read anew.</summary>
        internal bool TakeMissed() => Interlocked.Exchange(ref _missed, 0) != 0;

        internal void Enqueue(IReadOnlyList<EntityChange> changes)
        {
            foreach (var change in changes)
            {
                if (string.Equals(change.Tenant, _tenant, StringComparison.Ordinal) && !_channel.Writer.TryWrite(change))
                {
                    Interlocked.Exchange(ref _missed, 1);
                }
            }
        }

        public void Dispose() => _feed.Unsubscribe(this);
    }
}
