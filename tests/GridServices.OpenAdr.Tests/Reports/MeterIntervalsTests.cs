using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Reports;
using GridServices.OpenAdr.Tests.Scripts;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Reports;

/// <summary>A meter's intervals as the intervals of a report.</summary>
public sealed class MeterIntervalsTests
{
    private static readonly Duration Quarter = Duration.FromMinutes(15);
    private static readonly Duration Hour = Duration.FromHours(1);
    private static readonly Instant Six = Vtn.Time("18:00");

    [Theory]
    [InlineData(ReportSources.NetPowerW, new long[] { 2500, -4000 })]
    [InlineData(ReportSources.EnergyImportWh, new long[] { 2500, 0 })]
    [InlineData(ReportSources.EnergyExportWh, new long[] { 0, 4000 })]
    public void Quarter_hours_become_hours_of_mean_power_or_of_energy_by_direction(string source, long[] expected) =>
        Assert.Equal(expected, Values(source, 2, Hour, Net(1m, 2m, 3m, 4m, -4m, -4m, -4m, -4m)).Select(v => v.Value));

    [Theory]
    [InlineData(ReportSources.NetPowerW, 1000)]
    [InlineData(ReportSources.EnergyImportWh, 750)]
    [InlineData(ReportSources.EnergyExportWh, 500)]
    public void A_meter_with_two_registers_tells_each_by_itself_and_their_difference_as_power(string source, long expected) =>
        Assert.Equal(expected, Assert.Single(Values(source, 1, Quarter, [CreateInterval(0, 3m, 2m, hasExport: true)])).Value);

    [Fact]
    public void Where_one_of_two_registers_is_missing_the_difference_is_not_known()
    {
        Assert.Empty(Values(ReportSources.NetPowerW, 1, Quarter, [CreateInterval(0, 3m, null, hasExport: true)]));
        Assert.Empty(Values(ReportSources.EnergyExportWh, 1, Quarter, [CreateInterval(0, 3m, null, hasExport: true)]));
        Assert.Equal(750, Assert.Single(Values(ReportSources.EnergyImportWh, 1, Quarter, [CreateInterval(0, 3m, null, hasExport: true)])).Value);
    }

    [Fact]
    public void What_is_estimated_incomplete_or_missing_is_told_so_and_never_filled_in()
    {
        var values = Values(ReportSources.EnergyImportWh, 4, Hour,
        [
            .. Net(4m, 4m, 4m, 4m),
            CreateInterval(4, 4m), CreateInterval(5, 4m) with { IsEstimated = true }, CreateInterval(6, 4m), CreateInterval(7, 4m),
            CreateInterval(8, 4m), CreateInterval(9, 4m) with { IsEstimated = true }, CreateInterval(11, 4m),
        ]);
        Assert.Equal(
            [(Six, 4000L, MeteredQuality.Measured), (Six + Hour, 4000L, MeteredQuality.Estimated), (Six + (Hour * 2), 3000L, MeteredQuality.Partial)],
            values.Select(v => (v.At, v.Value, v.Quality)));
    }

    [Fact]
    public void An_interval_longer_than_asked_for_is_shared_out_evenly_and_called_an_estimate()
    {
        var values = Values(ReportSources.EnergyImportWh, 3, Duration.FromMinutes(5), [CreateInterval(0, 6m)]);
        Assert.Equal([500L, 500, 500], values.Select(v => v.Value));
        Assert.All(values, v => Assert.Equal(MeteredQuality.Estimated, v.Quality));
    }

    [Fact]
    public void A_year_and_more_of_quarter_hours_needs_no_more_than_its_days()
    {
        var sums = new MeterIntervals(Channel(ReportSources.EnergyImportWh), new PastGrid(Six, Six + Duration.FromDays(400), Duration.FromDays(1)));
        for (var i = 0; i < 400 * 96; i++)
        {
            sums.Add(CreateInterval(i, i / 96));
        }

        var told = sums.ToChannel().Values;
        Assert.Equal(400, told.Count);
        Assert.Equal(Enumerable.Range(0, 400).Select(day => day * 24_000L), told.Select(v => v.Value));
    }

    [Fact]
    public void What_lies_beside_the_period_is_not_counted() =>
        Assert.Equal(1000, Assert.Single(Values(ReportSources.NetPowerW, 1, Hour, [CreateInterval(-1, 9m), .. Net(1m, 1m, 1m, 1m), CreateInterval(4, 9m)])).Value);

    private static ValueList<MeteredValue> Values(string source, int count, Duration step, IEnumerable<MeterInterval> intervals)
    {
        var sums = new MeterIntervals(Channel(source), new PastGrid(Six, Six + (step * count), step));
        foreach (var interval in intervals)
        {
            sums.Add(interval);
        }

        return sums.ToChannel().Values;
    }

    private static ReportConfig Channel(string source) => new() { Kind = ReportKind.HistoryUsage, RId = "past", Source = source, Meter = "m-1", SamplingInterval = Quarter };

    private static IEnumerable<MeterInterval> Net(params decimal[] kw) => kw.Select((v, i) => CreateInterval(i, v));

    private static MeterInterval CreateInterval(int index, decimal? net, decimal? export = null, bool hasExport = false) => new(Six + (Quarter * index), Quarter, net, export, hasExport, false);
}
