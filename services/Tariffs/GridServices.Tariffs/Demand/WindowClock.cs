using System.Runtime.InteropServices;
using GridServices.Tariffs.Time;
using NodaTime;
using NodaTime.TimeZones;

namespace GridServices.Tariffs.Demand;

/// <summary>A stretch of time [<see cref="From"/>, <see cref="Until"/>) in seconds since 1970.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ClockCell(long From, long Until);

/// <summary>
/// Divides time into cells of equal length on the local clock. Bills and live meters share it, so that both know the same demand windows. A change of the clock cuts
/// the cell that it falls into:
/// <code>
///   Lord Howe, 60 min   |01:00 ─ 02:00|01:30─02:00|02:00 ─ 03:00|     autumn: 30 min back at 02:00, one cell of 30 min
///   Berlin, 120 min     |00:00 ─ 02:00|03:00 ─ 04:00|04:00 ─ 06:00|   spring: 02:00 becomes 03:00, one cell of 60 min
/// </code>
/// Cells never overlap and leave no gap; midnight is always an edge, for the length divides the day.
/// </summary>
internal sealed class WindowClock
{
    private readonly DateTimeZone? zone;
    private readonly long length;
    private long phase;
    private long from = long.MaxValue;
    private long until = long.MinValue;

    private WindowClock(DateTimeZone? zone, long length, long phase) => (this.zone, this.length, this.phase) = (zone, length, phase);

    /// <summary>Cells aligned to the wall clock of a zone.</summary>
    public static WindowClock Local(DateTimeZone zone, long lengthSeconds) => new(zone, lengthSeconds, 0);

    /// <summary>Cells that are the intervals of a series.</summary>
    public static WindowClock From(Grid grid) => new(zone: null, grid.StepSeconds, grid.StartSeconds);

    /// <summary>The cell that holds a moment.</summary>
    public ClockCell Cell(long at)
    {
        if (zone is not null && (at < from || at >= until))
        {
            SetZoneInterval(zone.GetZoneInterval(Instant.FromUnixTimeSeconds(at)));
        }

        var start = at - Mod(at - phase, length);
        return zone is null ? new ClockCell(start, start + length) : new ClockCell(CutBefore(start), CutAfter(start + length));
    }

    private long CutBefore(long start) => start < from && OffsetAt(start) != -phase ? from : start;

    private long CutAfter(long end) => end > until && OffsetAt(until) != -phase ? until : end;

    private void SetZoneInterval(ZoneInterval stretch)
    {
        phase = -stretch.WallOffset.Seconds;
        from = stretch.HasStart ? stretch.Start.ToUnixTimeSeconds() : long.MinValue;
        until = stretch.HasEnd ? stretch.End.ToUnixTimeSeconds() : long.MaxValue;
    }

    private long OffsetAt(long at) => zone!.GetUtcOffset(Instant.FromUnixTimeSeconds(at)).Seconds;

    private static long Mod(long value, long modulus) => ((value % modulus) + modulus) % modulus;
}
