using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GridServices.FrequencyResponse.Response;

/// <summary>Holds a response back by a fixed time. A value without references, bounded; thins out what comes faster than it can keep.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct DelayLine
{
    private const int Size = 16;

    private Times _times;
    private Values _values;
    private int _newest;
    private int _count;
    private double _released;

    /// <summary>Takes the target of now and gives that of <paramref name="delay"/> ago.</summary>
    /// <param name="value">Share of the quantity.</param>
    /// <param name="before">What an empty line gives: the response so far.</param>
    /// <param name="now">Monotonic.</param>
    /// <param name="delay">Nanoseconds &gt; 0.</param>
    /// <param name="due">When the next value comes out.</param>
    internal double Pass(double value, double before, long now, long delay, out long due)
    {
        _released = _count == 0 ? before : _released;
        if (_count == 0 || Nanos.Since(now, _times[_newest]) >= delay / (Size - 2))
        {
            _newest = (_newest + 1) % Size;
            _times[_newest] = now;
            _values[_newest] = value;
            _count = Math.Min(_count + 1, Size);
        }

        due = Nanos.Never;
        for (var back = 0; back < _count; back++)
        {
            var at = (_newest - back + Size) % Size;
            if (Nanos.Since(now, _times[at]) >= delay)
            {
                _released = _values[at];
                _count = back + 1;
                break;
            }

            due = _times[at] + delay;
        }

        return _released;
    }

    [InlineArray(Size)]
    private struct Times
    {
        private long _first;
    }

    [InlineArray(Size)]
    private struct Values
    {
        private double _first;
    }
}
