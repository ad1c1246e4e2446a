namespace GridServices.FrequencyResponse.Performance;

/// <summary>
/// The response as it reaches the grid: what was commanded, later by the asset's latency, and set against the frequency of its time,
/// which was measured earlier by the path. Both together shift a command by one span.
/// </summary>
public sealed class DelayedResponse(long delayNanos)
{
    private const int Size = 1_024;
    private readonly (long AtNanos, double Pu)[] _told = new (long, double)[Size];
    private long _written;
    private long _read;
    private double _now;

    /// <summary>Commanded now; gives what reaches the grid now.</summary>
    public double Add(long nowNanos, double pu)
    {
        if (_written - _read == Size)
        {
            Advance();
        }

        _told[_written++ % Size] = (nowNanos + delayNanos, pu);
        while (_read < _written && _told[_read % Size].AtNanos <= nowNanos)
        {
            Advance();
        }

        return _now;
    }

    private void Advance() => _now = _told[_read++ % Size].Pu;
}
