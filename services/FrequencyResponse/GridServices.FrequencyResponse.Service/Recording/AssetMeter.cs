using System.Runtime.InteropServices;
using GridServices.FrequencyResponse.Evidence;
using GridServices.FrequencyResponse.Performance;

namespace GridServices.FrequencyResponse.Service.Recording;

/// <summary>A reading of an asset at its own instant.</summary>
/// <param name="UnixNanos">When it was measured, by our wall clock.</param>
/// <param name="PowerW">W, + = injection.</param>
/// <param name="Source">None: there is none.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct AssetReading(long UnixNanos, double PowerW, MeterSource Source);

/// <summary>Holds each asset's set-point, second by second, beside what readings tell of that very second. One thread.</summary>
/// <remarks>
/// <code>
/// set-point   ▁▁▁▁████████████████▁▁▁▁        every second, as it was told
/// readings        r─────────┤ r──────┤        each speaks until the next one, 10 s at most, and may come 16 s late
/// minute      ├──────────────────────────┤ ── 33 s ──▶ written
/// </code>
/// </remarks>
/// <param name="assets">How many.</param>
/// <param name="named">Of these, so many are told apart; the others in sum.</param>
internal sealed class AssetMeter(int assets, int named)
{
    private const long Second = 1_000_000_000;
    private const int HoldSeconds = 10;
    private const int LateSeconds = 16;
    private const int ClosedAfter = Kept + 1;

    /// <summary>A set-point is said again every second; for so long one that was not is still what the device goes by.</summary>
    private const int MostSkipped = 5;

    /// <summary>As far back as a late reading's time reaches.</summary>
    private const int Kept = HoldSeconds + LateSeconds + MostSkipped + 1;
    private readonly int[]?[] _setpoints = new int[Kept][];
    private readonly long[] _seconds = [.. Enumerable.Repeat(long.MinValue, Kept)];
    private readonly AssetReading[] _read = new AssetReading[assets];
    private readonly long[] _settled = new long[assets];
    private readonly SortedDictionary<long, AssetMinute[]> _open = [];
    private long _second = long.MinValue;

    /// <summary>A turn; only the first of a second is looked at.</summary>
    /// <param name="unixNanos">The wall clock.</param>
    /// <param name="setpoints">Gives what each asset was told, W, + = injection; false: nothing is told to any.</param>
    /// <param name="reading">The latest of an asset.</param>
    /// <returns>Minutes that are over, as bodies of the log.</returns>
    public IReadOnlyList<byte[]> Process(long unixNanos, Func<int[], bool> setpoints, Func<int, AssetReading> reading)
    {
        var second = unixNanos / Second;
        if (second <= _second)
        {
            return [];
        }

        // A turn that came late: what was told before it held on.
        for (var skipped = Math.Max(_second + 1, second - MostSkipped); _second != long.MinValue && skipped < second && second - _second <= MostSkipped; skipped++)
        {
            RecordSetpoints(skipped, FindSetpoints(_second));
        }

        _second = second;
        var slot = _setpoints[second % Kept] ??= new int[assets];
        RecordSetpoints(second, setpoints(slot) ? slot : null);
        for (var i = 0; i < assets; i++)
        {
            Read(i, reading(i), unixNanos);
        }

        return Done(second - ClosedAfter);
    }

    /// <summary>Nothing more comes: what is open, as far as it is known.</summary>
    public IReadOnlyList<byte[]> Close()
    {
        for (var i = 0; i < assets; i++)
        {
            AccrueLast(i, _second + 1);
        }

        return Done(long.MaxValue);
    }

    private int[]? FindSetpoints(long second) => _seconds[second % Kept] == second ? _setpoints[second % Kept] : null;

    private void RecordSetpoints(long second, int[]? setpoints)
    {
        var slot = second % Kept;
        _seconds[slot] = setpoints is null ? long.MinValue : second;
        if (setpoints is null)
        {
            return;
        }

        if (!ReferenceEquals(setpoints, _setpoints[slot]))
        {
            setpoints.CopyTo(_setpoints[slot] ??= new int[assets], 0);
        }

        var minute = GetOrAddMinute(second);
        for (var i = 0; i < assets; i++)
        {
            minute[i] = minute[i].Plus(AssetMinute.None(i) with { SetpointWh = setpoints[i] / 3600.0, SetpointSeconds = 1 });
        }
    }

    private void Read(int asset, in AssetReading reading, long unixNanos)
    {
        if (reading.Source >= MeterSource.Telemetry && reading.UnixNanos > _read[asset].UnixNanos && reading.UnixNanos <= unixNanos)
        {
            AccrueLast(asset, reading.UnixNanos / Second);
            _read[asset] = reading;
        }
        else if (_second - (_read[asset].UnixNanos / Second) >= LateSeconds)
        {
            AccrueLast(asset, long.MaxValue);
        }
    }

    /// <summary>The time that the last reading speaks for, up to a second; what came before it is settled.</summary>
    private void AccrueLast(int asset, long until)
    {
        var last = _read[asset];
        var begun = last.UnixNanos / Second;
        var end = Math.Min(until, begun + HoldSeconds);
        for (var second = Math.Max(begun, _settled[asset]); last.Source != MeterSource.None && second < end; second++)
        {
            if (FindSetpoints(second) is { } told)
            {
                var minute = GetOrAddMinute(second);
                minute[asset] = minute[asset].Plus(AssetMinute.None(asset) with
                {
                    MeasuredWh = last.PowerW / 3600,
                    SetpointMeasuredWh = told[asset] / 3600.0,
                    MeasuredSeconds = 1,
                    Source = last.Source,
                });
            }
        }

        _settled[asset] = Math.Max(_settled[asset], end);
    }

    private AssetMinute[] GetOrAddMinute(long second)
    {
        if (!_open.TryGetValue(second / 60, out var minute))
        {
            _open[second / 60] = minute = [.. Enumerable.Range(0, assets).Select(AssetMinute.None)];
        }

        return minute;
    }

    private List<byte[]> Done(long by)
    {
        var done = new List<byte[]>();
        while (_open.Count > 0 && _open.First() is var (minute, rows) && (by == long.MaxValue || (minute + 1) * 60 <= by))
        {
            _open.Remove(minute);
            var told = rows.Take(named).Where(r => r.SetpointSeconds > 0).ToList();
            var rest = rows.Skip(named).Aggregate(AssetMinute.None(AssetMinute.Rest), (sum, r) => sum.Plus(r));
            told = rest.SetpointSeconds > 0 ? [.. told, rest] : told;
            if (told.Count > 0)
            {
                done.Add(AssetMinutes.Body(minute * 60 * Second, told));
            }
        }

        return done;
    }
}
