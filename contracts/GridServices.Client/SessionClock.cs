using System.Globalization;
using NodaTime;

namespace GridServices.Client;

/// <summary>
/// Both clocks of this machine since the session began. The monotonic one counts the time that the machine slept, which .NET's does not on Linux:
/// after it a limit that began meanwhile holds, and a line that was not heard meanwhile is stale, before the hub is heard again.
/// </summary>
internal sealed class SessionClock
{
    private const string SinceBootFile = "/proc/uptime";
    private static readonly Duration Noticeable = Duration.FromSeconds(1);
    private readonly IClock _clock;
    private readonly TimeProvider _time;
    private readonly Func<Duration?> _sinceBoot;
    private readonly long _origin;
    private readonly Duration? _booted;
    private Lapse _lapse;

    /// <param name="clock">Wall clock.</param>
    /// <param name="time">Monotonic clock; need not count sleep.</param>
    /// <param name="sinceBoot">Time since the machine's start, sleep included; null: not to be had.</param>
    public SessionClock(IClock clock, TimeProvider time, Func<Duration?> sinceBoot)
    {
        (_clock, _time, _sinceBoot) = (clock, time, sinceBoot);
        (_origin, _booted) = (time.GetTimestamp(), sinceBoot());
        _lapse = new Lapse(clock.GetCurrentInstant() - Awake, Duration.Zero);
    }

    public Moment Now
    {
        get
        {
            var wall = _clock.GetCurrentInstant();
            var awake = Awake;
            var before = Volatile.Read(ref _lapse);

            // Only sleep and a clock that was set move them apart; which of them it was, the time since the start of the machine tells.
            if (wall - awake - before.WallOrigin is var moved && (moved > Noticeable || moved < -Noticeable))
            {
                Interlocked.CompareExchange(ref _lapse, new Lapse(wall - awake, AsleepAfter(before.Asleep)), before);
            }

            return new Moment(wall, awake + Volatile.Read(ref _lapse).Asleep);
        }
    }

    /// <summary>False: the time that the machine sleeps does not count.</summary>
    public bool CountsSleep => _booted is not null;

    private Duration Awake => Duration.FromTimeSpan(_time.GetElapsedTime(_origin));

    /// <summary>A session's clocks. Sleep counts wherever the time is the system's, named or not; a time that somebody else moves has no sleep.</summary>
    /// <param name="clock">Wall clock; null: the system's.</param>
    /// <param name="time">Monotonic clock; null: the system's.</param>
    public static SessionClock Create(IClock? clock, TimeProvider? time) =>
        new(clock ?? SystemClock.Instance, time ?? TimeProvider.System, time is null || ReferenceEquals(time, TimeProvider.System) ? SinceBoot : () => null);

    /// <summary>The system's time since its start; null where it is not told, and on systems whose monotonic clock counts sleep.</summary>
    public static Duration? SinceBoot()
    {
        try
        {
            return OperatingSystem.IsLinux() && double.TryParse(File.ReadAllText(SinceBootFile).Split(' ')[0], NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds)
                ? Duration.FromSeconds(seconds)
                : null;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // Less than a second is the two readings being apart.
    private Duration AsleepAfter(Duration before) =>
        _sinceBoot() - _booted - Awake is { } asleep && asleep - before > Noticeable ? asleep : before;

    private sealed record Lapse(Instant WallOrigin, Duration Asleep);
}
