namespace GridServices.Hosting.Auth;

/// <summary>What is remembered of those who came lately, of so many at the most: in two generations, so that who is quiet is forgotten first, and who keeps coming never.</summary>
internal sealed class RecentSourceCache<TKey>(int most, Func<SourceRateLimiter> make)
    where TKey : notnull
{
    private readonly Lock _gate = new();
    private Dictionary<TKey, SourceRateLimiter> _young = [];
    private Dictionary<TKey, SourceRateLimiter> _old = [];

    internal int Count
    {
        get
        {
            lock (_gate)
            {
                return _young.Count + _old.Count;
            }
        }
    }

    internal SourceRateLimiter GetOrAdd(TKey key)
    {
        lock (_gate)
        {
            if (_young.TryGetValue(key, out var known))
            {
                return known;
            }

            var record = _old.Remove(key, out var older) ? older : make();
            if (_young.Count >= most / 2)
            {
                (_old, _young) = (_young, []);
            }

            _young.Add(key, record);
            return record;
        }
    }
}
