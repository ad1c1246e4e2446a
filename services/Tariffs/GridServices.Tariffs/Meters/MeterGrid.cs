using System.Runtime.InteropServices;
using NodaTime;

namespace GridServices.Tariffs.Meters;

/// <summary>
/// Where a meter's intervals lie: whole steps of the zone's standard time, so that the grid never moves when clocks do. Kept in days of 24 h of that grid.
/// </summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct MeterGrid(int StepSeconds, int PhaseSeconds)
{
    public const int Day = 86_400;

    public static MeterGrid Create(DateTimeZone zone, Duration interval)
    {
        var step = (int)interval.TotalSeconds;
        var offset = zone.GetZoneInterval(Instant.FromUtc(2020, 1, 1, 0, 0)).StandardOffset.Seconds;
        return new MeterGrid(step, (int)Mod(-offset, step));
    }

    /// <summary>The interval that holds a moment starts here.</summary>
    public Instant GetStart(Instant moment)
    {
        var seconds = moment.ToUnixTimeSeconds();
        return Instant.FromUnixTimeSeconds(seconds - Mod(seconds - PhaseSeconds, StepSeconds));
    }

    public bool Contains(Instant start) => start.ToUnixTimeTicks() % NodaConstants.TicksPerSecond == 0 && Mod(start.ToUnixTimeSeconds() - PhaseSeconds, StepSeconds) == 0;

    /// <summary>The day's number and the place in it of the interval that starts here.</summary>
    public (int Day, int Index) Locate(Instant start)
    {
        var seconds = start.ToUnixTimeSeconds() - PhaseSeconds;
        var into = Mod(seconds, Day);
        return ((int)((seconds - into) / Day), (int)(into / StepSeconds));
    }

    public Instant GetStart(int day, int index) => Instant.FromUnixTimeSeconds((long)day * Day + PhaseSeconds + (long)index * StepSeconds);

    private static long Mod(long value, long modulus) => ((value % modulus) + modulus) % modulus;
}
