using System.Globalization;
using System.Text;
using GridServices.Contracts;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Readers;
using NodaTime;

namespace GridServices.Tariffs.Tests.Intervals;

/// <summary>Files of the Australian market: what was measured, what was not, and what cannot be read.</summary>
public sealed class NemFileTests
{
    private const string Head = "100,NEM12,202601030000,MDP1,RETAILER1\n";
    private static readonly IntervalOptions Sydney = new() { Zone = "Australia/Sydney" };

    [Fact]
    public void Intervals_start_at_midnight_of_the_market_and_keep_their_qualities()
    {
        var file = Head + Stream("E1", "kWh") + Day("20260101", "A") + Day("20260102", "V")
            + "400,1,20,A,,\n400,21,24,S14,32,\n400,25,26,N,,\n400,27,48,A,,\n500,O,S,20260103000000,100\n900\n";
        var net = Read(file).OrThrow().Net;
        Assert.Equal((Instant.FromUtc(2025, 12, 31, 14, 0), 1800, 96, IntervalUnit.Kwh), (net.Start, net.StepSeconds, net.Count, net.Unit));
        Assert.Equal([new IndexRange(68, 4)], net.Estimated);
        Assert.Equal([new IndexRange(72, 2)], net.Missing);
        Assert.Equal(47m, Enumerable.Range(0, net.Count).Sum(i => net[i]));
    }

    [Fact]
    public void What_is_fed_in_and_reactive_energy_stand_beside_what_is_drawn()
    {
        var data = Read(Head + Stream("E1", "Wh") + Day("20260101", "A", 500) + Stream("B1", "kWh") + Day("20260101", "A", 0.25m) + Stream("Q1", "kvarh") + Day("20260101", "A", 2) + "900\n").OrThrow();
        Assert.Equal((0.5m, 0.25m, 2m), (data.Net[0], data.Export![0], data.Reactive![0]));
    }

    [Fact]
    public void Of_several_meters_one_is_named_and_what_is_not_read_is_told()
    {
        var file = Head + Stream("E1", "kWh") + Day("20260101", "A") + Stream("E1", "kWh", "6199999999") + Day("20260101", "A", 3) + Stream("F1", "kWh") + Day("20260101", "A") + "900\n";
        Assert.Contains("6102345678/E1, 6199999999/E1", Assert.Single(Read(file).Refusals).Detail, StringComparison.Ordinal);
        var named = Read(file, "6199999999");
        Assert.Equal(3m, named.OrThrow().Net[0]);
        Assert.Contains(named.Warnings, w => w.Detail.Contains("6102345678/F1", StringComparison.Ordinal));
        Assert.Equal(3m, Read(file, "6199999999/E1").OrThrow().Net[0]);
    }

    [Fact]
    public void Every_record_that_cannot_be_read_is_told_with_line_and_column()
    {
        var file = Head + Stream("E1", "kWh") + "300,20260101,1,2,3,A\n" + Day("20260102", "V") + Day("20260103", "Q") + Day("2026-01-04", "A") + "900\n";
        Assert.Equal(
            [(ErrorClass.Malformed, "line 3"), (ErrorClass.SemanticCode, "line 4, column 51"), (ErrorClass.SemanticCode, "line 5, column 51"), (ErrorClass.SemanticTime, "line 6, column 2")],
            Read(file).Refusals.Select(r => (r.Class, r.Path)));
    }

    [Fact]
    public void A_file_without_its_end_is_told() => Assert.Contains(Read(Head + Stream("E1", "kWh") + Day("20260101", "A")).Warnings, w => w.Detail.Contains("cut off", StringComparison.Ordinal));

    [Fact]
    public void Two_readings_of_a_register_are_no_measured_intervals()
    {
        const string File = "100,NEM13,202602010000,MDP1,RETAILER1\n250,6102345678,11,01,11,11,METSER1,E,1000,20260101000000,A,,,1100.5,20260103020000,A,,,100.5,kWh,20260401,20260103020000,\n900\n";
        var net = Read(File).OrThrow().Net;
        Assert.Equal((Instant.FromUtc(2025, 12, 31, 14, 0), 50, 100.5m), (net.Start, net.Count, Enumerable.Range(0, net.Count).Sum(i => net[i])));
        Assert.Equal([new IndexRange(0, 50)], net.Estimated);
    }

    [Theory]
    [InlineData("6102345678/Q1", "reactive energy")]
    [InlineData("6102345678/b1", "what was fed in")]
    public void Reactive_energy_and_what_is_fed_in_are_never_billed_as_drawn(string reading, string what)
    {
        var refusal = Assert.Single(Read(Head + Stream("E1", "kWh") + Day("20260101", "A") + Stream("B1", "kWh") + Day("20260101", "A", 3) + Stream("Q1", "kvarh") + Day("20260101", "A", 2) + "900\n", reading).Refusals);
        Assert.Equal((ErrorClass.SemanticReference, "reading"), (refusal.Class, refusal.Path));
        Assert.Contains(what, refusal.Detail, StringComparison.Ordinal);
        Assert.EndsWith(": 6102345678/E1", refusal.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_small_quantity_over_many_hours_leaves_none_below_0()
    {
        const string File = "100,NEM13,202602010000,MDP1,RETAILER1\n250,6102345678,11,01,11,11,METSER1,E,1000,20230101000000,A,,,1000.01,20250311000000,A,,,0.01,kWh,20260401,20250311000000,\n900\n";
        var net = Read(File).OrThrow().Net;
        Assert.Equal((19_200, 0.01m, false), (net.Count, Enumerable.Range(0, net.Count).Sum(i => net[i]), net.HasNegative));
    }

    private static ReadResult<MeterData> Read(string file, string? reading = null) => MeterFile.Read(Encoding.UTF8.GetBytes(file), isXml: false, Sydney, reading);

    private static string Stream(string suffix, string unit, string nmi = "6102345678") => $"200,{nmi},E1B1Q1,{suffix},{suffix},N1,METSER1,{unit},30,\n";

    private static string Day(string date, string quality, decimal value = 0.5m) =>
        $"300,{date},{string.Join(',', Enumerable.Repeat(value.ToString(CultureInfo.InvariantCulture), 48))},{quality},,,20260103000000,20260103000000\n";
}
