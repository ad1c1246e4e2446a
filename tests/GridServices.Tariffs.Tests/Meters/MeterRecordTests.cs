using FsCheck;
using FsCheck.Fluent;
using GridServices.Contracts;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Meters;
using NodaTime;

namespace GridServices.Tariffs.Tests.Meters;

public sealed class MeterRecordTests
{
    private static readonly MeterGrid Quarter = MeterGrid.Create(DateTimeZoneProviders.Tzdb["Europe/Berlin"], Duration.FromMinutes(15));

    [Fact]
    public void A_packed_day_gives_every_digit_back() => Prop.ForAll(ArbMap.Default.ArbFor<int[]>(), values =>
    {
        var block = DayBlock.Empty(900);
        for (var i = 0; i < Math.Min(96, values.Length); i++)
        {
            block.Set(i, values[i] / 1000m, IntervalMark.Known | (IntervalMark)(values[i] & 6));
        }

        var back = DayBlock.Unpack(block.Pack());
        return Enumerable.Range(0, 96).All(i => back[i] == block[i]);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Telemetry_never_takes_the_place_of_the_meters_own_records()
    {
        var block = DayBlock.Empty(900);
        Assert.Equal(new MergeCount(1, 0, 0), block.Set(3, 5, IntervalMark.Known | IntervalMark.Telemetry));
        Assert.Equal(new MergeCount(0, 1, 0), block.Set(3, 6, IntervalMark.Known));
        Assert.Equal(new MergeCount(0, 0, 1), block.Set(3, 5, IntervalMark.Known | IntervalMark.Telemetry));
        Assert.Equal(new MergeCount(0, 0, 1), block.Set(3, 6, IntervalMark.Known));
        Assert.Equal((6m, IntervalMark.Known), block[3]);
    }

    [Fact]
    public void Stored_days_come_back_as_one_series_with_its_gaps()
    {
        var (one, two) = (DayBlock.Empty(900), DayBlock.Empty(900));
        one.Set(95, 1.25m, IntervalMark.Known);
        two.Set(1, 2, IntervalMark.Known | IntervalMark.Estimated);
        var start = Quarter.GetStart(20_000, 0);
        var series = StoredIntervals.Series(new Dictionary<int, byte[]> { [20_000] = one.Pack(), [20_001] = two.Pack() }, Quarter, start, start + Duration.FromDays(2))!;
        Assert.Equal((192, 1.25m, 2m), (series.Count, series[95], series[97]));
        Assert.Equal([new IndexRange(0, 95), new IndexRange(96, 1), new IndexRange(98, 94)], series.Missing);
        Assert.Equal([new IndexRange(97, 1)], series.Estimated);
        Assert.Equal([0.3125m, 0.5m], StoredIntervals.Samples(series).Select(s => s.NetKwh));
    }

    [Fact]
    public void Finer_data_are_averaged_and_marked_where_they_are_not_whole()
    {
        var fine = IntervalSeries.Create(Instant.FromUtc(2026, 3, 29, 0, 0), Duration.FromMinutes(5), IntervalUnit.Kwh, [1, 2, 3, 4, 5, 6]).Marked([new IndexRange(4, 1)], []);
        var records = MeterRecords.Read(MeterData.From(fine), Quarter).OrThrow()[MeterChannels.Net];
        Assert.Equal([(24m, IntervalMark.Known), (60m, IntervalMark.Known | IntervalMark.Estimated)], records.Select(r => (r.Kw, r.Mark)));
    }

    [Theory]
    [InlineData(60, 0)]
    [InlineData(15, 7)]
    public void Data_that_do_not_lie_on_the_grid_are_refused(int minutes, int late)
    {
        var series = IntervalSeries.Create(Instant.FromUtc(2026, 1, 1, 0, late), Duration.FromMinutes(minutes), IntervalUnit.Kw, [1, 2]);
        Assert.Equal(ErrorClass.DataMisaligned, MeterRecords.Read(MeterData.From(series), Quarter).Refusals[0].Class);
    }

    [Fact]
    public void The_grid_of_a_half_hour_zone_starts_at_its_local_hours()
    {
        var grid = MeterGrid.Create(DateTimeZoneProviders.Tzdb["Asia/Kolkata"], Duration.FromHours(1));
        Assert.Equal(Instant.FromUtc(2026, 1, 1, 0, 30), grid.GetStart(Instant.FromUtc(2026, 1, 1, 1, 29)));
        Assert.True(grid.Contains(Instant.FromUtc(2026, 1, 1, 5, 30)));
        var (day, index) = grid.Locate(Instant.FromUtc(2026, 1, 1, 5, 30));
        Assert.Equal(Instant.FromUtc(2026, 1, 1, 5, 30), grid.GetStart(day, index));
    }
}
