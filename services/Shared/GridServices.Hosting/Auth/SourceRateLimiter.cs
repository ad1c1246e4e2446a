namespace GridServices.Hosting.Auth;

/// <summary>How much somebody may still do, and since when nothing was told of them. A bucket: full at first, filled up one by one.</summary>
internal sealed class SourceRateLimiter(TimeProvider time, int burst, TimeSpan refillOne)
{
    private readonly Lock _gate = new();
    private double _left = burst;
    private long? _at;
    private long? _toldAt;
    private long _untold;

    /// <summary>Takes one. False: there is none left.</summary>
    internal bool TryAcquire()
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            _left = Math.Min(burst, _left + (time.GetElapsedTime(_at ?? now, now) / refillOne));
            _at = now;
            if (_left < 1)
            {
                return false;
            }

            _left--;
            return true;
        }
    }

    /// <summary>Counts one, and says whether it is time to tell of it, with all since the last time.</summary>
    internal bool ShouldLog(TimeSpan every, out long count)
    {
        lock (_gate)
        {
            count = ++_untold;
            if (_toldAt is { } told && time.GetElapsedTime(told) < every)
            {
                return false;
            }

            (_toldAt, _untold) = (time.GetTimestamp(), 0);
            return true;
        }
    }
}
