namespace GridServices.UtilityClients.Engine;

/// <summary>An index that is made when it is asked for, once for all that changed since: thousands of engines put at once don't make it thousands of times.</summary>
internal sealed class LazyLookup<TKey, TItem>
{
    private volatile ILookup<TKey, TItem>? _made;
    private int _changes;

    public void Invalidate()
    {
        Interlocked.Increment(ref _changes);
        _made = null;
    }

    /// <param name="items">All there are, each under each of its keys.</param>
    public ILookup<TKey, TItem> Get(Func<IEnumerable<(TKey Key, TItem Item)>> items)
    {
        if (_made is { } known)
        {
            return known;
        }

        var changes = Volatile.Read(ref _changes);
        var made = items().ToLookup(x => x.Key, x => x.Item);
        _made = made;
        if (Volatile.Read(ref _changes) != changes)
        {
            // Something changed while it was made: it serves this once.
            _made = null;
        }

        return made;
    }
}
