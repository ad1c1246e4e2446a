namespace GridServices.UtilityClients.Listening;

/// <summary>
/// How many messages a listener works on at once:
/// <code>
///   first byte ──── the body is read ────▶ it is taken in ────▶ answer
///   │ of all callers together: reading   │
///   │ of each caller: perCaller                                 │
/// </code>
/// A caller whose messages wait, or come slowly, takes no place from another.
/// </summary>
/// <param name="reading">Bodies read at once.</param>
/// <param name="perCaller">Messages of one caller at once.</param>
public sealed class ListenerSlots(int reading, int perCaller)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _held = new(StringComparer.Ordinal);
    private int _reading;

    /// <summary>A place, held until it is disposed; null: there is none for this caller now.</summary>
    /// <param name="caller">Tells callers apart.</param>
    public ListenerSlot? TryAcquire(string caller)
    {
        lock (_lock)
        {
            var held = _held.GetValueOrDefault(caller);
            if (held >= perCaller || _reading >= reading)
            {
                return null;
            }

            _held[caller] = held + 1;
            _reading++;
            return new ListenerSlot(EndReading, () => Release(caller));
        }
    }

    private void EndReading()
    {
        lock (_lock)
        {
            _reading--;
        }
    }

    private void Release(string caller)
    {
        lock (_lock)
        {
            if (_held[caller] == 1)
            {
                _held.Remove(caller);
            }
            else
            {
                _held[caller]--;
            }
        }
    }
}

/// <summary>One message's place at a listener.</summary>
public sealed class ListenerSlot : IDisposable
{
    private readonly Action _leave;
    private Action? _endReading;
    private bool _isLeft;

    internal ListenerSlot(Action endReading, Action leave) => (_endReading, _leave) = (endReading, leave);

    /// <summary>The body is read: others' may be.</summary>
    public void EndReading() => Interlocked.Exchange(ref _endReading, null)?.Invoke();

    public void Dispose()
    {
        EndReading();
        if (!Interlocked.Exchange(ref _isLeft, true))
        {
            _leave();
        }
    }
}
