using System.Text;
using GridServices.Contracts;
using GridServices.Tariffs.Prices;
using GridServices.Tariffs.Readers;

namespace GridServices.Tariffs.Tests.Prices;

/// <summary>Series of one document that contradict each other never settle by which stands first.</summary>
public sealed class DayAheadConflictTests
{
    [Fact]
    public void Two_series_of_one_sequence_with_other_prices_are_refused() =>
        Assert.Equal(ErrorClass.DataConflict, Assert.Single(Read(Series("", "PT60M", 50, 60), Series("", "PT60M", 50, 61)).Refusals).Class);

    [Fact]
    public void The_same_series_twice_says_one_thing()
    {
        var read = Read(Series("", "PT60M", 50, 60), Series("", "PT60M", 50, 60));
        Assert.Equal([0.05m, 0.06m], read.OrThrow().Curve("da").Points.Select(p => p.Price));
        Assert.Empty(read.Warnings);
    }

    [Fact]
    public void Hours_and_quarter_hours_side_by_side_are_refused_where_they_differ()
    {
        Assert.Contains("60 min", Assert.Single(Read(Series("", "PT60M", 50, 60), Series("", "PT15M", 50, 50, 50, 50, 60, 60, 60, 70)).Refusals).Detail, StringComparison.Ordinal);
        Assert.True(Read(Series("", "PT60M", 50, 60), Series("", "PT15M", 50, 50, 50, 50, 60, 60, 60, 60)).Ok);
    }

    [Fact]
    public void Of_two_sequences_the_lowest_is_taken_and_it_is_told()
    {
        var read = Read(Series("2", "PT60M", 1, 1), Series("1", "PT60M", 50, 60));
        Assert.Equal([0.05m, 0.06m], read.OrThrow().Curve("da").Points.Select(p => p.Price));
        Assert.Contains("lowest sequence", Assert.Single(read.Warnings).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_currencies_or_zones_in_one_document_are_refused()
    {
        var euro = Series("", "PT60M", 50, 60);
        Assert.Contains("currencies", Assert.Single(Read(euro, euro.Replace("EUR", "PLN", StringComparison.Ordinal)).Refusals).Detail, StringComparison.Ordinal);
        Assert.Contains("bidding zones", Assert.Single(Read(euro, euro.Replace("10Y-A", "10Y-B", StringComparison.Ordinal)).Refusals).Detail, StringComparison.Ordinal);
    }

    private static ReadResult<DayAheadDocument> Read(params string[] series) =>
        DayAheadPrices.Read(Encoding.UTF8.GetBytes($"<Publication_MarketDocument><type>A44</type>{string.Concat(series)}</Publication_MarketDocument>"));

    private static string Series(string sequence, string resolution, params int[] prices) => $"""
        <TimeSeries><in_Domain.mRID>10Y-A</in_Domain.mRID>{(sequence.Length == 0 ? "" : $"<classificationSequence_AttributeInstanceComponent.position>{sequence}</classificationSequence_AttributeInstanceComponent.position>")}
        <currency_Unit.name>EUR</currency_Unit.name><price_Measure_Unit.name>MWH</price_Measure_Unit.name><curveType>A01</curveType>
        <Period><timeInterval><start>2026-03-01T00:00Z</start><end>2026-03-01T02:00Z</end></timeInterval><resolution>{resolution}</resolution>
        {string.Concat(prices.Select((p, i) => $"<Point><position>{i + 1}</position><price.amount>{p}</price.amount></Point>"))}</Period></TimeSeries>
        """;
}
