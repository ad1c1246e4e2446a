using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Reporting;
using GridServices.Ieee2030Dot5.Time;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Session;

/// <summary>When something changes although nobody says anything.</summary>
internal static class Changes
{
    /// <summary>The next change of a schedule or end of an averaging interval, our time.</summary>
    public static Instant Next(DerClientConfig config, DerClientState state)
    {
        var next = Averages.NextEnd(config, state);
        var isToBeRead = ClockRules.IsToBeRead(state);
        next = state.Line.TimeAwaitedUntil is { } awaited ? Instant.Min(next, awaited) : next;
        foreach (var device in state.Devices.Values)
        {
            var waits = isToBeRead && !device.Retired;
            if (device.NextChange is { } change && !waits)
            {
                next = Instant.Min(next, state.Clock.OnOurs(change));
            }

            if (device.LoadControl.NextChange is { } load && !waits)
            {
                next = Instant.Min(next, state.Clock.OnOurs(load));
            }

            if (device.NextPrice is { } price)
            {
                next = Instant.Min(next, state.Clock.OnOurs(price));
            }
        }

        return next;
    }
}
