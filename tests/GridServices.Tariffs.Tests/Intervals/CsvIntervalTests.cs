using System.Text;
using GridServices.Contracts;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Readers;
using NodaTime;

namespace GridServices.Tariffs.Tests.Intervals;

public sealed class CsvIntervalTests
{
    [Fact]
    public void End_stamps_lie_one_step_later_than_start_stamps()
    {
        const string Rows = "time,kWh\n2026-01-01T00:15:00Z,1\n2026-01-01T00:30:00Z,2\n2026-01-01T00:45:00Z,3\n";
        Assert.Equal(Instant.FromUtc(2026, 1, 1, 0, 15), Read(Rows).OrThrow().Start);
        Assert.Equal(Instant.FromUtc(2026, 1, 1, 0, 0), Read(Rows, new IntervalOptions { Stamp = StampPosition.End }).OrThrow().Start);
    }

    [Theory]
    [InlineData("Wh", "1500", "1.5")]
    [InlineData("MWh", "0.0015", "1.5")]
    [InlineData("Usage (kWh)", "1.5", "1.5")]
    [InlineData("import_w", "1500", "1.5")]
    public void The_unit_in_the_head_is_the_unit_of_the_values(string head, string value, string expected) =>
        Assert.Equal(decimal.Parse(expected), Read($"start,{head}\n2026-01-01T00:00:00Z,{value}\n", new IntervalOptions { Step = Duration.FromHours(1) }).OrThrow()[0]);

    // Found by fuzzing: such a value was an exception instead of a refusal.
    [Theory]
    [InlineData("9223372036854775807")]
    [InlineData("-1000000000000")]
    public void A_value_beyond_any_meter_is_refused_with_its_line(string value)
    {
        var refusal = Read($"time,kWh\n2026-01-01T00:00:00Z,1\n2026-01-01T00:15:00Z,{value}\n").Refusals[0];
        Assert.Equal(ErrorClass.SemanticNumber, refusal.Class);
        Assert.Contains("3", refusal.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_unit_that_is_neither_written_nor_declared_is_refused()
    {
        Assert.Equal(ErrorClass.Unit, Read("time,value\n2026-01-01T00:00:00Z,1\n").Refusals[0].Class);
        Assert.Equal(ErrorClass.Unit, Read("time,kWh\n2026-01-01T00:00:00Z,1\n", new IntervalOptions { Unit = "kW" }).Refusals[0].Class);
    }

    [Fact]
    public void The_repeated_hour_is_told_apart_when_the_rows_are_declared_to_stand_in_order()
    {
        var rows = "time,kwh\n" + string.Concat(new[] { "00:30", "01:00", "01:30", "01:00", "01:30", "02:00" }.Select((t, i) => $"2026-11-01 {t},{i}\n"));
        var options = new IntervalOptions { Zone = "America/Los_Angeles", RepeatedHourInOrder = true };
        var series = Read(rows, options).OrThrow();
        Assert.Equal([0m, 1m, 2m, 3m, 4m, 5m], Enumerable.Range(0, series.Count).Select(i => series[i]));
        Assert.Equal(Instant.FromUtc(2026, 11, 1, 7, 30), series.Start);
        Assert.Equal(ErrorClass.TimeAmbiguous, Read(rows, options with { RepeatedHourInOrder = false }).Refusals[0].Class);
        Assert.Equal(ErrorClass.SemanticTz, Read(rows).Refusals[0].Class);
    }

    [Theory]
    [InlineData(GapPolicy.Previous, "1 1 1 4", 2)]
    [InlineData(GapPolicy.Linear, "1 2 3 4", 2)]
    [InlineData(GapPolicy.LeaveOut, "1 0 0 4", 0)]
    public void A_gap_is_filled_by_its_policy_and_always_marked(GapPolicy policy, string values, int estimated)
    {
        var outcome = Read("time,kwh\n2026-01-01T00:00Z,1\n".Replace("00:00Z", "00:00:00Z", StringComparison.Ordinal) + "2026-01-01T03:00:00Z,4\n", new IntervalOptions { Gaps = policy, Step = Duration.FromHours(1) });
        var series = outcome.OrThrow();
        Assert.Equal(values, string.Join(' ', Enumerable.Range(0, series.Count).Select(i => (int)series[i])));
        Assert.Equal((estimated, 2 - estimated), (series.Estimated.Sum(r => r.Count), series.Missing.Sum(r => r.Count)));
        Assert.Contains(outcome.Warnings, w => w.Class == ErrorClass.DataGap);
    }

    [Fact]
    public void Same_time_before_looks_a_week_back_then_a_day()
    {
        var rows = new StringBuilder("time,kwh\n");
        for (var hour = 0; hour < 24 * 9; hour++)
        {
            if (hour is not (30 or 200))
            {
                rows.Append($"{Instant.FromUtc(2026, 1, 1, 0, 0) + Duration.FromHours(hour)},{hour}\n");
            }
        }

        var series = Read(rows.ToString(), new IntervalOptions { Gaps = GapPolicy.SameTimeBefore, IsRegister = false }).OrThrow();
        Assert.Equal((6m, 32m), (series[30], series[200]));
    }

    [Fact]
    public void Rows_stream_without_being_kept()
    {
        var minutes = 60 * 24 * 30;
        using var file = new MemoryStream(Encoding.UTF8.GetBytes("time,kwh\n" + string.Concat(Enumerable.Range(0, minutes).Select(m => $"{Instant.FromUtc(2026, 1, 1, 0, 0) + Duration.FromMinutes(m)},0.001\n"))));
        var (unit, rows) = CsvIntervals.Stream(file, new IntervalOptions());
        Assert.Equal((IntervalUnit.Kwh, minutes, 43.2m), (unit, minutes, rows.Sum(r => r.Value)));
    }

    [Fact]
    public void Estimated_readings_of_a_feed_stay_marked_to_the_bill()
    {
        var feed = GreenButton.Read(File.ReadAllBytes(KnownData.GetPath("formats/espi_test_usage_data_01.xml"))).OrThrow();
        // Two readings of the feed carry quality 8, "estimated by a reference day".
        Assert.Equal(2, feed.Readings[0].Series.Estimated.Sum(r => r.Count));
    }

    private static ReadResult<IntervalSeries> Read(string text, IntervalOptions? options = null) => CsvIntervals.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), options ?? new IntervalOptions());
}
