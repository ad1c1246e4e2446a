namespace GridServices.FrequencyResponse.Service.Recording;

/// <summary>
/// How often a moving set-point is told to the hub: at once by a fifth of the quantity (but ten times a second at most), by a twentieth once a second.
/// Begin and end of an activation are always told.
/// </summary>
internal sealed class TargetThrottle(double quantityW)
{
    private const double LargeStep = 0.2;
    private const double SmallStep = 0.05;
    private const long LargePause = 100_000_000;
    private const long SmallPause = 1_000_000_000;

    /// <summary>A set-point that stands is said again before it lapses.</summary>
    private const long RefreshPause = 15_000_000_000;
    private long _told;
    private long _atNanos = long.MinValue / 2;

    /// <param name="targetW">The pool's target.</param>
    /// <param name="nowNanos">Monotonic.</param>
    /// <param name="activated">An activation lasts.</param>
    /// <param name="must">One begins or ends.</param>
    /// <returns>True: say it now.</returns>
    public bool TryAcquire(long targetW, long nowNanos, bool activated, bool must)
    {
        var moved = Math.Abs(targetW - _told) / quantityW;
        var since = nowNanos - _atNanos;
        var now = must || (activated && ((moved >= LargeStep && since >= LargePause) || (moved >= SmallStep && since >= SmallPause) || since >= RefreshPause));
        if (now)
        {
            (_told, _atNanos) = (targetW, nowNanos);
        }

        return now;
    }
}
