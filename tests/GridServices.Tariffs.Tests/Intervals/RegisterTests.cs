using System.Text;
using GridServices.Contracts;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Requests;
using NodaTime;

namespace GridServices.Tariffs.Tests.Intervals;

/// <summary>Readings of a register are billed by their differences where that is declared, and never taken for energy per interval.</summary>
public sealed class RegisterTests
{
    private static readonly IntervalOptions Utc = new() { Zone = "Etc/UTC" };

    [Theory]
    [InlineData("Zaehlerstand kWh")]
    [InlineData("Zählerstand (kWh)")]
    [InlineData("Meter reading kWh")]
    [InlineData("register_kwh")]
    [InlineData("cumulative Wh")]
    public void A_column_named_like_a_register_is_refused_until_it_is_declared(string name)
    {
        var file = File(name, 10_000, 10_001, 10_003);
        var refusal = Assert.Single(Read(file, Utc).Refusals);
        Assert.Equal((ErrorClass.Plausibility, "line 1"), (refusal.Class, refusal.Path));
        Assert.Contains("register: true", refusal.Detail, StringComparison.Ordinal);
        var factor = name.EndsWith(" Wh", StringComparison.Ordinal) ? 0.001m : 1;
        Assert.Equal([1 * factor, 2 * factor], Values(Read(file, Utc with { IsRegister = true })));
        Assert.Equal(3, Values(Read(file, Utc with { IsRegister = false })).Length);
    }

    [Fact]
    public void Values_that_only_rise_and_are_large_against_their_rise_are_refused_until_declared()
    {
        var file = File("kWh", 10_000, 10_001, 10_003, 10_003, 10_004);
        Assert.Contains("register: false", Assert.Single(Read(file, Utc).Refusals).Detail, StringComparison.Ordinal);
        Assert.Equal([1m, 2m, 0m, 1m], Values(Read(file, Utc with { IsRegister = true })));
        Assert.Equal(50_011m, Values(Read(file, Utc with { IsRegister = false })).Sum());
        Assert.Single(Read(File("kWh", [.. Enumerable.Range(0, 96)]), Utc).Refusals);
        var limited = Read(file, Utc with { SiteLimitKw = 200 });
        Assert.Equal([new IndexRange(0, 5)], limited.OrThrow().Net.Estimated);
        Assert.Contains(limited.Warnings, w => w.Detail.Contains("register: true", StringComparison.Ordinal));
        Assert.True(Read(File("kWh", 5, 5, 5, 5, 6), Utc).Ok);
        Assert.True(Read(File("kWh", 1, 2, 4, 8), Utc).Ok);
        Assert.True(Read(File("kW", 100, 101, 102, 103), Utc).Ok);
    }

    [Fact]
    public void A_register_starts_at_its_first_reading_and_a_gap_is_spread_and_marked()
    {
        const string Gap = "time,register kWh\n2026-01-01T00:00:00Z,100\n2026-01-01T00:15:00Z,101\n2026-01-01T00:45:00Z,104\n2026-01-01T01:00:00Z,105\n";
        foreach (var stamp in Enum.GetValues<StampPosition>())
        {
            var series = Read(Gap, Utc with { IsRegister = true, Stamp = stamp }).OrThrow().Net;
            Assert.Equal((Instant.FromUtc(2026, 1, 1, 0, 0), 900), (series.Start, series.StepSeconds));
            Assert.Equal([1m, 1.5m, 1.5m, 1m], Enumerable.Range(0, series.Count).Select(i => series[i]));
            Assert.Equal([new IndexRange(1, 2)], series.Estimated);
        }
    }

    [Fact]
    public void Import_and_export_registers_are_differenced_apart()
    {
        const string Both = "time,import kWh,export kWh\n2026-01-01T00:00:00Z,100,50\n2026-01-01T00:15:00Z,101,52\n2026-01-01T00:30:00Z,103,52\n";
        var data = Read(Both, Utc with { IsRegister = true }).OrThrow();
        Assert.Equal([1m, 2m, 2m, 0m], [data.Net[0], data.Net[1], data.Export![0], data.Export[1]]);
    }

    [Fact]
    public void A_register_that_falls_and_a_register_of_power_are_refused()
    {
        Assert.Contains("falls", Assert.Single(Read(File("register kWh", 10, 9, 11), Utc with { IsRegister = true }).Refusals).Detail, StringComparison.Ordinal);
        Assert.Equal(ErrorClass.Unit, Assert.Single(Read(File("kW", 10, 11, 12), Utc with { IsRegister = true }).Refusals).Class);
    }

    [Fact]
    public void A_feed_that_does_not_say_what_its_values_are_is_read_as_declared()
    {
        Assert.Contains("register: true", Assert.Single(Feed("", Utc).Refusals).Detail, StringComparison.Ordinal);
        var series = Feed("", Utc with { IsRegister = true }).OrThrow().Readings[0].Series;
        Assert.Equal([1m, 2m, 1m], Enumerable.Range(0, series.Count).Select(i => series[i]));
        Assert.Equal(4, Feed("", Utc with { IsRegister = false }).OrThrow().Readings[0].Series.Count);
        Assert.Equal(4, Feed("<accumulationBehaviour>4</accumulationBehaviour>", Utc with { IsRegister = true }).OrThrow().Readings[0].Series.Count);
    }

    [Fact]
    public void A_request_declares_it_too_and_numbers_that_look_like_one_are_told()
    {
        const string Tariff = """{"schemaVersion":1,"id":"t","currency":"EUR","timeZone":"Etc/UTC","energy":[{"id":"e","rates":[{"period":"all","tiers":[{"price":1}]}]}]}""";
        static ReadResult<BillRequest> ReadRequest(string intervals) => BillRequestJson.Read(Encoding.UTF8.GetBytes($$"""{"tariff":{{Tariff}},"intervals":{{intervals}} }"""));
        var csv = File("Zählerstand kWh", 10_000, 10_001, 10_003).Replace("\n", "\\n", StringComparison.Ordinal);
        Assert.Equal("/intervals/csv", Assert.Single(ReadRequest($$"""{"csv":"{{csv}}"}""").Refusals).Path);
        Assert.Equal(3m, ReadRequest($$"""{"csv":"{{csv}}","register":true}""").OrThrow().Bill().Total);
        Assert.Contains(ReadRequest("""{"start":"2026-01-01","minutes":360,"kWh":[10000,10001,10003,10004]}""").Warnings, w => w.Path == "/intervals/kWh");
    }

    [Theory]
    [InlineData("00:15:01")]
    [InlineData("00:14:40")]
    [InlineData("00:15:20")]
    [InlineData("00:14:59")]
    public void A_stamp_a_little_early_or_late_makes_no_crooked_interval(string second)
    {
        var read = Read($"time,kWh\n2026-01-01T00:00:00Z,1\n2026-01-01T{second}Z,1\n2026-01-01T00:30:00Z,1\n2026-01-01T00:45:00Z,1\n", Utc);
        Assert.Equal((900, 4, 4m), (read.OrThrow().Net.StepSeconds, read.Value!.Net.Count, read.Value.Net.Kw(read.Value.Net.Values[1], 1)));
        Assert.Contains(read.Warnings, w => w.Class == ErrorClass.DataMisaligned);
    }

    [Fact]
    public void A_length_that_does_not_divide_the_day_is_refused_until_it_is_declared()
    {
        const string Crooked = "time,kWh\n2026-01-01T00:00:00Z,1\n2026-01-01T00:07:00Z,1\n2026-01-01T00:14:00Z,2\n";
        Assert.Contains("420 s", Assert.Single(Read(Crooked, Utc).Refusals).Detail, StringComparison.Ordinal);
        Assert.Equal(3, Values(Read(Crooked, Utc with { Step = Duration.FromMinutes(7) })).Length);
        Assert.False(Read("time,kWh\n2026-01-01T00:00:00Z,1\n2026-01-01T00:14:00Z,1\n2026-01-01T00:28:00Z,2\n2026-01-01T00:42:00Z,2\n2026-01-01T00:56:00Z,2\n", Utc).Ok);
    }

    private static string File(string name, params int[] values) =>
        $"time,{name}\n" + string.Concat(values.Select((v, i) => $"{Instant.FromUtc(2026, 1, 1, 0, 0) + Duration.FromMinutes(15 * i)},{v}\n"));

    private static ReadResult<MeterData> Read(string text, IntervalOptions options) => CsvIntervals.ReadMeter(new MemoryStream(Encoding.UTF8.GetBytes(text)), options);

    private static decimal[] Values(ReadResult<MeterData> read) => [.. Enumerable.Range(0, read.OrThrow().Net.Count).Select(i => read.Value!.Net[i])];

    private static ReadResult<GreenButtonFeed> Feed(string type, IntervalOptions options)
    {
        var readings = string.Concat(new[] { 10_000, 10_001, 10_003, 10_004 }.Select((v, i) =>
            $"<IntervalReading><timePeriod><duration>900</duration><start>{1_772_341_200 + i * 900}</start></timePeriod><value>{v * 1000}</value></IntervalReading>"));
        return GreenButton.Read(Encoding.UTF8.GetBytes($"""
            <feed xmlns="http://www.w3.org/2005/Atom"><entry><content><ReadingType xmlns="http://naesb.org/espi">{type}<uom>72</uom></ReadingType></content></entry>
            <entry><content><IntervalBlock xmlns="http://naesb.org/espi">{readings}</IntervalBlock></content></entry></feed>
            """), options);
    }
}
