using System.Text;
using GridServices.Contracts;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Meters;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Requests;
using NodaTime;

namespace GridServices.Tariffs.Tests.Requests;

/// <summary>Numbers in a request say which of them nobody measured.</summary>
public sealed class EstimatedIntervalsTests
{
    private static readonly Instant Now = Instant.FromUtc(2026, 1, 15, 12, 0);

    [Fact]
    public void The_ranges_mark_the_intervals_of_every_series_beside_them()
    {
        var data = Read("""{"start":"2026-01-01","minutes":60,"kW":[1,2,null,4,5,6],"exportKW":[0,0,0,0],"kvar":[1,1,1,1,1,1],"estimated":[{"from":0,"until":2},{"from":3,"until":6}]}""").OrThrow();
        Assert.Equal([new IndexRange(0, 2), new IndexRange(3, 3)], data.Net.Estimated);
        Assert.Equal([new IndexRange(2, 1)], data.Net.Missing);
        Assert.Equal([new IndexRange(0, 2), new IndexRange(3, 1)], data.Export!.Estimated);
        Assert.Equal(data.Net.Estimated, data.Reactive!.Estimated);
        Assert.Empty(Read("""{"start":"2026-01-01","minutes":60,"kW":[1,2],"estimated":[]}""").OrThrow().Net.Estimated);
    }

    [Fact]
    public void A_stored_interval_with_an_estimate_in_it_is_one()
    {
        var data = Read("""{"start":"2026-01-01","minutes":30,"kWh":[1,2,3,4],"estimated":[{"from":1,"until":2}]}""").OrThrow();
        var records = MeterRecords.Read(data, new MeterGrid(3_600, 0)).OrThrow()[MeterChannels.Net];
        Assert.Equal([IntervalMark.Known | IntervalMark.Estimated, IntervalMark.Known], records.Select(r => r.Mark));
    }

    [Theory]
    [InlineData("""[{"from":1,"until":1}]""", "/estimated/0")]
    [InlineData("""[{"from":2,"until":1}]""", "/estimated/0")]
    [InlineData("""[{"from":-1,"until":1}]""", "/estimated/0/from")]
    [InlineData("""[{"from":0,"until":5}]""", "/estimated/0/until")]
    [InlineData("""[{"from":0.5,"until":2}]""", "/estimated/0/from")]
    [InlineData("""[{"from":0,"until":2},{"from":1,"until":3}]""", "/estimated/1")]
    [InlineData("""[{"from":2,"until":3},{"from":0,"until":1}]""", "/estimated/1")]
    [InlineData("""[{"from":0}]""", "/estimated/0/until")]
    [InlineData("""[{"from":"0","until":1}]""", "/estimated/0/from")]
    [InlineData("""[{"from":0,"until":1,"kind":"edited"}]""", "/estimated/0/kind")]
    [InlineData("""[0,1]""", "/estimated/0")]
    [InlineData("""{"from":0,"until":1}""", "/estimated")]
    [InlineData("""true""", "/estimated")]
    [InlineData("""[{"from":2,"until":4}]""", "/estimated")]
    public void What_is_no_range_of_intervals_with_a_number_is_refused_at_its_place(string estimated, string pointer) =>
        Assert.Contains(Read($$"""{"start":"2026-01-01","minutes":60,"kW":[1,2,3,null],"estimated":{{estimated}}}""").Refusals, r => r.Path == pointer);

    [Fact]
    public void Beside_a_file_that_says_it_itself_it_is_refused()
    {
        var refusal = Assert.Single(Read("""{"csv":"start,kWh\r\n2026-01-01T00:00:00Z,1\r\n2026-01-01T01:00:00Z,2\r\n","estimated":[{"from":0,"until":1}]}""").Refusals);
        Assert.Equal(("/estimated", ErrorClass.SchemaInvalid), (refusal.Path, refusal.Class));
    }

    [Fact]
    public void A_bill_over_an_estimate_is_provisional()
    {
        const string request = """
            {"tariff":{"schemaVersion":1,"id":"t","currency":"EUR","timeZone":"Etc/UTC","energy":[{"id":"e","rates":[{"period":"all","tiers":[{"price":0.2}]}]}]},
             "intervals":{"start":"2026-01-01","minutes":60,"kW":[10,10,10],"estimated":[{"from":1,"until":3}]},"cycles":[{"from":"2026-01-01","until":"2026-01-02"}]}
            """;
        var month = BillRequestJson.Read(Encoding.UTF8.GetBytes(request)).OrThrow().Bill().Months.Single();
        Assert.Equal((true, 2), (month.Provisional, month.EstimatedIntervals));
    }

    private static ReadResult<MeterData> Read(string json) => MeterIntervalsJson.Read(Encoding.UTF8.GetBytes(json), DateTimeZone.Utc, Now);
}
