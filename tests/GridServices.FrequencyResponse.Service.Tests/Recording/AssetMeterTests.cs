using GridServices.FrequencyResponse.Evidence;
using GridServices.FrequencyResponse.Performance;
using GridServices.FrequencyResponse.Service.Recording;

namespace GridServices.FrequencyResponse.Service.Tests.Recording;

/// <summary>Each asset's set-point, second by second, beside what its readings tell of that very second.</summary>
public sealed class AssetMeterTests
{
    private const long Second = 1_000_000_000;
    private static readonly long Start = 1_800_000_000L / 60 * 60;

    [Fact]
    public void Who_gave_how_much_is_told_minute_by_minute_and_who_told_nothing_has_nothing_measured()
    {
        var minutes = Run(new AssetMeter(2, 2), 200, _ => [1_000, -500], (at, asset) => asset == 0 ? Reading(at, 900) : default);
        Assert.Equal([0, 1], minutes.Select(m => (int)((m.Start / Second) - Start) / 60).Take(2));
        Assert.Equal(new AssetMinute(0, Math.Round(1_000 / 60.0, 9), 60, 15, Math.Round(1_000 / 60.0, 9), 60, MeterSource.Telemetry), Rounded(minutes[0].Rows[0]));
        Assert.Equal(new AssetMinute(1, Math.Round(-500 / 60.0, 9), 60, 0, 0, 0, MeterSource.None), Rounded(minutes[0].Rows[1]));
        Assert.Equal(200, minutes.Sum(m => m.Rows[0].SetpointSeconds));
    }

    [Fact]
    public void A_reading_speaks_for_ten_seconds_of_its_own_time_however_late_it_comes()
    {
        // Taken at second 5, known from second 20 on; the set-point moves at second 12.
        var minutes = Run(new AssetMeter(1, 1), 60, at => [at < 12 ? 0 : 3_600], (at, _) => at >= 20 ? Reading(5, 1_800) : default);
        var row = Assert.Single(minutes).Rows[0];
        Assert.Equal((10, 5.0, 3.0), (row.MeasuredSeconds, Math.Round(row.MeasuredWh, 9), Math.Round(row.SetpointMeasuredWh, 9)));
        Assert.Equal((60, 48.0), (row.SetpointSeconds, Math.Round(row.SetpointWh, 9)));

        // One that comes when nobody waits for it any more shows nothing.
        minutes = Run(new AssetMeter(1, 1), 120, _ => [100], (at, _) => at >= 100 ? Reading(5, 1_800) : default);
        Assert.All(minutes, m => Assert.Equal((0, MeterSource.None), (m.Rows[0].MeasuredSeconds, m.Rows[0].Source)));
    }

    [Fact]
    public void Readings_that_follow_each_other_cover_no_second_twice()
    {
        var minutes = Run(new AssetMeter(1, 1), 60, _ => [100], (at, _) => Reading(at / 4 * 4, at / 4 % 2 == 0 ? 100 : 200));
        var row = Assert.Single(minutes).Rows[0];
        Assert.Equal(60, row.MeasuredSeconds);
        Assert.InRange(row.MeasuredWh, 140 * 60 / 3_600.0, 160 * 60 / 3_600.0);
        Assert.Equal(row.SetpointWh, row.SetpointMeasuredWh, 9);
    }

    [Fact]
    public void Where_nothing_is_told_nothing_is_recorded_and_the_least_sure_reading_marks_the_minute()
    {
        Assert.Empty(Run(new AssetMeter(1, 1), 100, _ => null, (at, _) => Reading(at, 900)));
        var minutes = Run(new AssetMeter(1, 1), 60, at => at < 30 ? null : [100], (at, _) => Reading(at, 900) with { Source = at < 40 ? MeterSource.Telemetry : MeterSource.Meter });
        var row = Assert.Single(minutes).Rows[0];
        Assert.Equal((30, 30, MeterSource.Telemetry), (row.SetpointSeconds, row.MeasuredSeconds, row.Source));
    }

    [Fact]
    public void Beyond_those_that_are_named_there_is_one_row_for_the_rest()
    {
        var rows = Assert.Single(Run(new AssetMeter(5, 2), 60, _ => [1, 2, 3, 4, 5], (at, asset) => asset == 4 ? Reading(at, 7) : default)).Rows;
        Assert.Equal([0, 1, AssetMinute.Rest], rows.Select(r => r.Asset));
        Assert.Equal((180, 60, 0.2, MeterSource.Telemetry), (rows[2].SetpointSeconds, rows[2].MeasuredSeconds, Math.Round(rows[2].SetpointWh, 9), rows[2].Source));
    }

    [Fact]
    public void A_turn_that_comes_late_leaves_no_hole_and_silence_does()
    {
        var meter = new AssetMeter(1, 1);
        meter.Process(Start * Second, Told, _ => default);
        meter.Process((Start + 4) * Second, Told, _ => default);
        meter.Process((Start + 30) * Second, Told, _ => default);
        Assert.True(AssetMinutes.TryRead(Assert.Single(meter.Close()), out _, out var rows));
        Assert.Equal(6, rows[0].SetpointSeconds);

        static bool Told(int[] to)
        {
            to[0] = 100;
            return true;
        }
    }

    private static AssetReading Reading(int at, double watts) => new((Start + at) * Second, watts, MeterSource.Telemetry);

    private static AssetMinute Rounded(AssetMinute row) => row with { SetpointWh = Math.Round(row.SetpointWh, 9), MeasuredWh = Math.Round(row.MeasuredWh, 9), SetpointMeasuredWh = Math.Round(row.SetpointMeasuredWh, 9) };

    private static List<(long Start, IReadOnlyList<AssetMinute> Rows)> Run(AssetMeter meter, int seconds, Func<int, int[]?> setpoints, Func<int, int, AssetReading> reading)
    {
        var bodies = new List<byte[]>();
        for (var at = 0; at < seconds; at++)
        {
            bodies.AddRange(meter.Process(((Start + at) * Second) + 1, to => Copy(setpoints(at), to), i => reading(at, i)));
        }

        bodies.AddRange(meter.Close());
        return [.. bodies.Select(b => (AssetMinutes.TryRead(b, out var start, out var rows), start, rows)).Select(b => (b.start, b.rows))];

        static bool Copy(int[]? told, int[] to)
        {
            told?.CopyTo(to, 0);
            return told is not null;
        }
    }
}
