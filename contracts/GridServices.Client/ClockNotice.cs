using NodaTime;

namespace GridServices.Client;

/// <summary>Says once when this machine's clock is wrong by more than a second, and once when it is right again.</summary>
internal sealed class ClockNotice(Action<string> tell)
{
    private static readonly Duration Tolerance = Duration.FromSeconds(1);
    private static readonly Duration LongestDelay = Duration.FromMinutes(1);
    private Duration _told = Duration.Zero;

    /// <param name="ahead">By so much this machine's clock is ahead of the hub's; negative: behind.</param>
    /// <param name="hub">What tells it; null: nothing since the start.</param>
    public void Watch(Duration ahead, HubClock? hub)
    {
        // One heartbeat alone may just have been long on its way.
        var wrong = Abs(ahead) > (hub is { Origins.Length: 1 } ? LongestDelay : Tolerance);
        if (wrong && Abs(ahead - _told) > Tolerance)
        {
            tell($"this machine's clock is {Abs(ahead).TotalSeconds:0.#} s {(ahead > Duration.Zero ? "ahead of" : "behind")} the hub's; schedules follow the hub's");
            _told = ahead;
        }
        else if (!wrong && _told != Duration.Zero)
        {
            tell("this machine's clock agrees with the hub's again");
            _told = Duration.Zero;
        }
    }

    private static Duration Abs(Duration duration) => duration < Duration.Zero ? -duration : duration;
}
