using System.Globalization;
using System.Text;
using GridServices.Contracts;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Readers;
using NodaTime;

namespace GridServices.Tariffs.Tests.Intervals;

/// <summary>Validation, estimation, editing: nothing that was not measured reads as measured, and nothing is dropped in silence.</summary>
public sealed class ValidationTests
{
    private static readonly Instant Start = Instant.FromUtc(2026, 1, 1, 0, 0);

    [Fact]
    public void Only_a_quality_that_says_measured_is_one()
    {
        const string File = "time,kWh,Quality\n2026-01-01T00:00:00Z,1,A\n2026-01-01T00:15:00Z,2,E\n2026-01-01T00:30:00Z,,N\n2026-01-01T00:45:00Z,4,\n2026-01-01T01:00:00Z,5,actual\n";
        var read = Read(File);
        var net = read.OrThrow().Net;
        Assert.Equal([new IndexRange(1, 1), new IndexRange(3, 1)], net.Estimated);
        Assert.Equal([new IndexRange(2, 1)], net.Missing);
        Assert.Equal(12m, Sum(net));
        Assert.Contains(read.Warnings, w => w.Detail.Contains("'E' (1)", StringComparison.Ordinal));
        var declared = Read(File, new IntervalOptions { MeasuredCodes = ["A", "E", "empty", "actual"] }).OrThrow().Net;
        Assert.Empty(declared.Estimated);
        Assert.Empty(Read(File.Replace("2026-01-01T00:30:00Z,,N", "2026-01-01T00:30:00Z,3,N", StringComparison.Ordinal), new IntervalOptions { IgnoreColumns = ["Quality"] }).OrThrow().Net.Estimated);
    }

    [Fact]
    public void A_declared_word_for_no_reading_is_a_gap_and_no_zero()
    {
        const string File = "time,kWh\n2026-01-01T00:00:00Z,1\n2026-01-01T00:15:00Z,NaN\n2026-01-01T00:30:00Z,\n2026-01-01T00:45:00Z,4\n";
        Assert.Equal([new IndexRange(1, 2)], Read(File, new IntervalOptions { MissingValues = ["NaN", "empty"] }).OrThrow().Net.Missing);
        Assert.Contains("missingValues", Read(File).Refusals[0].Detail, StringComparison.Ordinal);
        var filled = Read(File, new IntervalOptions { MissingValues = ["NaN", "empty"], Gaps = GapPolicy.Linear }).OrThrow().Net;
        Assert.Equal(2m, filled[1]);
        Assert.Equal([new IndexRange(1, 2)], filled.Estimated);
    }

    [Fact]
    public void A_gap_at_an_end_has_nothing_to_be_estimated_from()
    {
        const string File = "time,kWh\n2026-01-01T00:00:00Z,NaN\n2026-01-01T00:15:00Z,1\n2026-01-01T00:30:00Z,NaN\n";
        foreach (var policy in new[] { GapPolicy.Linear, GapPolicy.Previous })
        {
            Assert.Contains(new IndexRange(0, 1), Read(File, new IntervalOptions { MissingValues = ["NaN"], Gaps = policy, Step = Duration.FromMinutes(15) }).OrThrow().Net.Missing);
        }
    }

    [Fact]
    public void Every_row_that_cannot_be_read_is_told_with_line_and_column()
    {
        const string File = "time,kWh\n2026-01-01T00:00:00Z,1\n2026-01-01T00:15:00Z,x\n01/02/2026 00:30,3\n2026-01-01T00:45:00Z\n2026-01-01T01:00:00Z,-1\n";
        Assert.Equal(["line 3, column 2 (kWh)", "line 4, column 1 (time)", "line 5", "line 6, column 2 (kWh)"], Read(File).Refusals.Select(r => r.Path));
        var many = Read("time,kWh\n" + string.Concat(Enumerable.Range(0, 150).Select(i => $"{Start + Duration.FromMinutes(i)},x\n"))).Refusals;
        Assert.Equal((100, true), (many.Length, many[^1].Detail.StartsWith("51 more rows", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_transformers_ratio_multiplies_every_value()
    {
        var net = Read(File(1, 2, 3), new IntervalOptions { Multiplier = 40 }).OrThrow().Net;
        Assert.Equal((40m, 240m), (net[0], Sum(net)));
    }

    [Fact]
    public void The_sum_is_held_against_the_register()
    {
        RegisterCheck Register(decimal until, decimal? tolerance = null) => new(100, until, tolerance);
        ReadResult<MeterData> Held(RegisterCheck check, decimal multiplier = 1) => MeterFile.Read(Encoding.UTF8.GetBytes(File(10, 20, 30)), isXml: false, new IntervalOptions { Check = check, Multiplier = multiplier });
        Assert.True(Held(Register(160.5m)).Ok);
        Assert.True(Held(Register(160.5m), 40).Ok);
        var refused = Assert.Single(Held(Register(170)).Refusals);
        Assert.Equal((ErrorClass.DataConflict, true), (refused.Class, refused.Detail.Contains("(170 - 100) x 1 = 70 kWh, the intervals sum to 60 kWh", StringComparison.Ordinal)));
        Assert.True(Held(Register(170, 10)).Ok);
        Assert.Contains("multiplier 40", Assert.Single(Held(Register(2500)).Refusals).Detail, StringComparison.Ordinal);
        var gap = MeterFile.Read("time,kWh\n2026-01-01T00:00:00Z,10\n2026-01-01T00:15:00Z,NaN\n2026-01-01T00:30:00Z,30\n"u8.ToArray(), isXml: false, new IntervalOptions { Check = Register(160), MissingValues = ["NaN"] });
        Assert.Contains(gap.Warnings, w => w.Detail.Contains("20 kWh lies in the intervals that are missing", StringComparison.Ordinal));
        Assert.True(gap.Ok);
    }

    [Fact]
    public void A_spike_is_never_billed_as_measured_where_spikes_are_looked_for()
    {
        var file = File([.. Enumerable.Range(0, 96).Select(i => i == 40 ? 100m : 10m + i % 3)]);
        Assert.Empty(Read(file).OrThrow().Net.Estimated);
        var marked = Read(file, new IntervalOptions { Spikes = SpikePolicy.Mark }).OrThrow().Net;
        Assert.Equal(100m, marked[40]);
        Assert.Equal([new IndexRange(40, 1)], marked.Estimated);
        Assert.Equal([new IndexRange(40, 1)], Read(file, new IntervalOptions { Spikes = SpikePolicy.LeaveOut }).OrThrow().Net.Missing);
        var filled = Read(file, new IntervalOptions { Spikes = SpikePolicy.LeaveOut, Gaps = GapPolicy.Previous }).OrThrow().Net;
        Assert.Equal(10m, filled[40]);
        Assert.Equal([new IndexRange(40, 1)], filled.Estimated);
        Assert.Contains("100 Kwh at 2026-01-01T10:00:00Z", Assert.Single(Read(file, new IntervalOptions { Spikes = SpikePolicy.Refuse }).Refusals).Detail, StringComparison.Ordinal);
        Assert.Empty(Read(file, new IntervalOptions { Spikes = SpikePolicy.Mark, SpikePercent = 900 }).OrThrow().Net.Estimated);
    }

    [Fact]
    public void A_load_that_lasts_is_no_spike_and_the_sites_limit_bounds_all()
    {
        var file = File([.. Enumerable.Range(0, 96).Select(i => i is >= 40 and < 43 ? 100m : 10m + i % 3)]);
        Assert.Empty(Read(file, new IntervalOptions { Spikes = SpikePolicy.Mark }).OrThrow().Net.Estimated);
        Assert.Equal([new IndexRange(40, 3)], Read(file, new IntervalOptions { Spikes = SpikePolicy.Mark, SiteLimitKw = 300 }).OrThrow().Net.Estimated);
    }

    private static string File(params decimal[] kwh) =>
        "time,kWh\n" + string.Concat(kwh.Select((v, i) => $"{Start + Duration.FromMinutes(15 * i)},{v.ToString(CultureInfo.InvariantCulture)}\n"));

    private static ReadResult<MeterData> Read(string file, IntervalOptions? options = null) =>
        MeterFile.Read(Encoding.UTF8.GetBytes(file), isXml: false, (options ?? new IntervalOptions()) with { IsRegister = false });

    private static decimal Sum(IntervalSeries series) => Enumerable.Range(0, series.Count).Sum(i => series[i]);
}
