using NodaTime;

namespace GridServices.EnvelopeHub.Service.Retention;

/// <summary>
/// What time it is, for deleting: a clock that was set ahead is believed only after a day, because what was let go by a wrong one never comes back.
/// One that was set back is believed at once.
/// </summary>
internal sealed class SettledClock(IClock clock, TimeProvider time)
{
    private static readonly Duration Slack = Duration.FromHours(1);
    private static readonly Duration Day = Duration.FromDays(1);
    private Instant? _believed;
    private long _at;
    private long? _aheadSince;

    /// <summary>The time that is believed now.</summary>
    /// <param name="known">The newest instant in the store: before the first look it tells how late it can be.</param>
    public Instant Now(Instant known)
    {
        var (wall, at) = (clock.GetCurrentInstant(), time.GetTimestamp());
        var expected = _believed is { } before ? before + Elapsed(_at, at) : known + Day;
        var isBelieved = wall <= expected + Slack || (_aheadSince is { } since && Elapsed(since, at) >= Day);
        _aheadSince = isBelieved ? null : _aheadSince ?? at;
        (_believed, _at) = (isBelieved ? wall : expected, at);
        return _believed.Value;
    }

    private Duration Elapsed(long from, long to) => Duration.FromTimeSpan(time.GetElapsedTime(from, to));
}
