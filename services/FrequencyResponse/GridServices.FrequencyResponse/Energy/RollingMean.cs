using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GridServices.FrequencyResponse.Energy;

/// <summary>Time-weighted mean of the last 300 s; what lies before the start counts as 0. A value of fixed size.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct RollingMean
{
    private const double BucketSeconds = 5;
    private const int Full = 60;

    private Buckets _sums;
    private int _current;
    private double _filled;
    private double _total;

    internal readonly double Mean
    {
        get
        {
            // Of the oldest bucket only the part that still lies inside the window.
            var oldest = _sums[(_current + 1) % (Full + 1)];
            return (_total - (oldest * (_filled / BucketSeconds))) / (Full * BucketSeconds);
        }
    }

    internal void Add(double value, double seconds)
    {
        var left = Math.Min(seconds, (Full + 1) * BucketSeconds);
        while (left > 0)
        {
            var part = Math.Min(left, BucketSeconds - _filled);
            _sums[_current] += value * part;
            _total += value * part;
            _filled += part;
            left -= part;
            if (BucketSeconds - _filled < 1e-9)
            {
                Turn();
            }
        }
    }

    private void Turn()
    {
        _filled = 0;
        _current = (_current + 1) % (Full + 1);
        _sums[_current] = 0;

        // Summed anew, so that rounding does not gather over days.
        _total = 0;
        for (var i = 0; i <= Full; i++)
        {
            _total += _sums[i];
        }
    }

    [InlineArray(Full + 1)]
    private struct Buckets
    {
        private double _first;
    }
}
