using System.Collections.Immutable;
using NodaTime;

namespace GridServices.Client;

/// <summary>
/// The hub's time, told by its heartbeats and carried on by this machine's monotonic clock: a controller whose own clock is wrong starts and ends
/// limits with the rest of the site all the same. A heartbeat can only be late, never early, so of the last few the one with the least delay counts.
/// One that is further away than a minute is not believed alone: the hub's clock was set where the next one says the same.
/// Where the last two are later than the others the hub's clock may have been set back by less: then both times count.
/// </summary>
public sealed record HubClock
{
    private const int Kept = 8;
    private static readonly Instant Plausible = Instant.FromUtc(2000, 1, 1, 0, 0);
    private static readonly Duration Noticeable = Duration.FromSeconds(1);
    private static readonly Duration Believable = Duration.FromMinutes(1);

    /// <summary>What the hub's clock showed when the monotonic clock was at zero, as each of the last heartbeats puts it.</summary>
    public ImmutableArray<Instant> Origins { get; init; } = [];

    /// <summary>The same, as a heartbeat put it that was more than a minute away from all others; null: the last one was not.</summary>
    public Instant? Doubted { get; init; }

    /// <summary>The same, as the last two heartbeats put it where both are more than a second behind the others; null: they are not.</summary>
    internal Instant? SetBack => Origins.Length > 2 && Instant.Max(Origins[^1], Origins[^2]) is var last && Origins.Max() - last > Noticeable ? last : null;

    /// <summary>The hub's time at a monotonic time.</summary>
    public Instant At(Duration monotonic) => Origins.Max() + monotonic;

    /// <summary>The clock after a heartbeat; one whose time can't be meant changes nothing.</summary>
    /// <param name="before">Null before the first.</param>
    /// <param name="hub">What the hub's clock shows.</param>
    /// <param name="monotonic">When that was heard.</param>
    public static HubClock? After(HubClock? before, Instant hub, Duration monotonic)
    {
        if (hub < Plausible)
        {
            return before;
        }

        var origin = hub - monotonic;
        if (before is null)
        {
            return new HubClock { Origins = [origin] };
        }

        if (AreNear(origin, before.Origins.Max()))
        {
            var origins = before.Origins.Add(origin);
            return new HubClock { Origins = origins.Length > Kept ? origins.RemoveAt(0) : origins };
        }

        return before.Doubted is { } doubted && AreNear(origin, doubted)
            ? new HubClock { Origins = [doubted, origin] }
            : before with { Doubted = origin };
    }

    private static bool AreNear(Instant left, Instant right) => left - right <= Believable && right - left <= Believable;
}
