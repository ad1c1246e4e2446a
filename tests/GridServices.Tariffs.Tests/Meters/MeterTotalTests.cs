using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Meters;
using NodaTime;

namespace GridServices.Tariffs.Tests.Meters;

/// <summary>Several meters as one: what one of them lacks, the sum lacks.</summary>
public sealed class MeterTotalTests
{
    private static readonly Instant Start = Instant.FromUtc(2026, 1, 1, 0, 0);

    [Fact]
    public void Meters_are_added_and_sub_meters_taken_off_interval_by_interval()
    {
        var total = MeterTotal.Compute([(CreateData(10, 20, 30), MeterSign.Add), (CreateData(1, 2.5m, 3), MeterSign.Add), (CreateData(4, 4, 4), MeterSign.Deduct)]).Net;
        Assert.Equal([7m, 18.5m, 29m], [total[0], total[1], total[2]]);
        Assert.Empty(total.Missing);
        Assert.Empty(total.Estimated);
    }

    [Fact]
    public void A_reading_that_one_lacks_is_missing_in_the_sum_and_an_estimate_stays_one()
    {
        var gap = MeterData.From(CreateData(1, 0, 3).Net.Marked([new IndexRange(1, 1)], [new IndexRange(2, 1)]));
        var total = MeterTotal.Compute([(CreateData(10, 20, 30), MeterSign.Add), (gap, MeterSign.Add)]).Net;
        Assert.Equal([new IndexRange(1, 1)], total.Missing);
        Assert.Equal([new IndexRange(2, 1)], total.Estimated);
        Assert.Equal([11m, 0m, 33m], [total[0], total[1], total[2]]);
    }

    [Fact]
    public void Where_sub_meters_read_more_than_their_meter_the_sum_is_not_called_measured() =>
        Assert.Equal([new IndexRange(1, 1)], MeterTotal.Compute([(CreateData(10, 20, 30), MeterSign.Add), (CreateData(4, 21, 4), MeterSign.Deduct)]).Net.Estimated);

    [Fact]
    public void Meters_of_other_intervals_are_not_summed() =>
        Assert.Throws<BillRefusedException>(() => MeterTotal.Compute([(CreateData(10, 20, 30), MeterSign.Add), (CreateData(10, 20), MeterSign.Add)]));

    [Fact]
    public void What_is_drawn_and_fed_in_at_once_is_netted_before_it_is_billed()
    {
        // A deducted tenant feeds in 8 while the connection feeds in 5: the rest of the site drew 3.
        var behind = MeterTotal.Compute([(CreateData(0, 0, 10) with { Export = CreateData(5, 9, 0).Net }, MeterSign.Add), (CreateData(0, 0, 4) with { Export = CreateData(8, 8, 0).Net }, MeterSign.Deduct)]);
        Assert.Equal([(3m, 0m), (0m, 1m), (6m, 0m)], Flows(behind));
        Assert.Empty(behind.Net.Estimated);
        var feeds = MeterTotal.Compute([(CreateData(10, 2, 0), MeterSign.Add), (CreateData(0, 0, 0) with { Export = CreateData(4, 4, 4).Net.Marked([new IndexRange(2, 1)], []) }, MeterSign.Add)]);
        Assert.Equal([(6m, 0m), (0m, 2m), (0m, 0m)], Flows(feeds));
        Assert.Equal([new IndexRange(2, 1)], feeds.Net.Missing);
        Assert.Equal(feeds.Net.Missing, feeds.Export!.Missing);
    }

    [Fact]
    public void What_a_deducted_meter_feeds_in_behind_one_that_tells_no_export_is_an_estimate() =>
        Assert.Equal([new IndexRange(1, 1)], MeterTotal.Compute([(CreateData(10, 0, 10), MeterSign.Add), (CreateData(4, 0, 4) with { Export = CreateData(0, 8, 0).Net }, MeterSign.Deduct)]).Net.Estimated);

    private static (decimal Drawn, decimal FedIn)[] Flows(MeterData total) => [.. Enumerable.Range(0, total.Net.Count).Select(i => (total.Net[i], total.Export![i]))];

    private static MeterData CreateData(params decimal[] kw) => MeterData.From(IntervalSeries.Create(Start, Duration.FromMinutes(15), IntervalUnit.Kw, kw));
}
