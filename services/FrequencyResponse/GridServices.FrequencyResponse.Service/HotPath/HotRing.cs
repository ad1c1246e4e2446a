namespace GridServices.FrequencyResponse.Service.HotPath;

/// <summary>
/// Hands values from one writing thread to one reading thread without a lock or an allocation.
/// Full: the newest value is dropped and counted, so that a slow recorder never holds up the hot path.
/// </summary>
internal sealed class HotRing<T>
    where T : struct
{
    private readonly T[] _slots;
    private readonly int _mask;
    private long _written;
    private long _read;
    private long _dropped;

    /// <param name="capacity">A power of two.</param>
    public HotRing(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(int.IsPow2(capacity), true, nameof(capacity));
        (_slots, _mask) = (new T[capacity], capacity - 1);
    }

    public long Dropped => Volatile.Read(ref _dropped);

    public int Waiting => (int)(Volatile.Read(ref _written) - Volatile.Read(ref _read));

    /// <summary>Called by the writing thread only.</summary>
    public bool TryWrite(in T value)
    {
        var at = _written;
        if (at - Volatile.Read(ref _read) > _mask)
        {
            Volatile.Write(ref _dropped, _dropped + 1);
            return false;
        }

        _slots[(int)(at & _mask)] = value;
        Volatile.Write(ref _written, at + 1);
        return true;
    }

    /// <summary>Called by the reading thread only.</summary>
    public bool TryRead(out T value)
    {
        var at = _read;
        if (at == Volatile.Read(ref _written))
        {
            value = default;
            return false;
        }

        value = _slots[(int)(at & _mask)];
        Volatile.Write(ref _read, at + 1);
        return true;
    }
}
