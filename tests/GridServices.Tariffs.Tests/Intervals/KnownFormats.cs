using System.Text.Json;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Prices;
using GridServices.Testing;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Tariffs.Tests.Intervals;

/// <summary>Green Button feeds and ENTSO-E documents against their expected sums.</summary>
public sealed class KnownFormats
{
    [Fact]
    public void Green_button_feeds_give_every_reading_and_the_expected_sums()
    {
        var cases = KnownData.Cases("formats", "espi_*.expected.json").ToArray();
        Assert.NotEmpty(cases);
        foreach (var (_, expected) in cases)
        {
            var feed = GreenButton.Read(File.ReadAllBytes(KnownData.GetPath(expected.GetProperty("file").GetString()!))).OrThrow();
            var reading = Assert.Single(feed.Readings);
            Assert.Equal(expected.GetProperty("interval_readings").GetInt32(), reading.Readings);
            Assert.Equal(expected.GetProperty("sum_raw_value").GetDecimal(), reading.RawSum);
            Assert.Equal(expected.GetProperty("sum_raw_cost").GetDecimal(), reading.RawCost);
            Assert.Equal(expected.GetProperty("first_start").GetInt64(), reading.Series.Start.ToUnixTimeSeconds());
            Assert.Equal(expected.GetProperty("last_end").GetInt64(), reading.Series.End.ToUnixTimeSeconds());
            Assert.Equal(reading.RawSum / 1000, Enumerable.Range(0, reading.Series.Count).Sum(i => reading.Series[i]));
            Assert.Equal(reading.Series.Count - reading.Readings, reading.Series.Missing.Sum(m => m.Count));
        }
    }

    [Fact]
    public void Day_ahead_documents_fill_a03_gaps_and_keep_days_of_92_quarter_hours()
    {
        var cases = KnownData.Cases("formats", "entsoe*.expected.json").ToArray();
        Assert.NotEmpty(cases);
        foreach (var (_, expected) in cases)
        {
            var document = DayAheadPrices.Read(File.ReadAllBytes(KnownData.GetPath(expected.GetProperty("file").GetString()!))).OrThrow();
            Assert.Equal(expected.GetProperty("series").GetArrayLength(), document.Series.Length);
            foreach (var (series, wanted) in document.Series.Zip(expected.GetProperty("series").EnumerateArray()))
            {
                Same(wanted, series);
            }
        }
    }

    [Fact]
    public void Where_two_sequences_cover_a_day_the_lowest_one_is_the_price()
    {
        var series = KnownData.Json(KnownData.GetPath("formats/entsoe_two_sequences.expected.json")).GetProperty("series").EnumerateArray().Where(s => s.GetProperty("sequence_position").GetString() == "1").ToArray();
        var curve = DayAheadPrices.Read(File.ReadAllBytes(KnownData.GetPath("formats/entsoe_two_sequences.xml"))).OrThrow().Curve("day-ahead");
        Assert.Equal(192, curve.Points.Length);
        Assert.Equal(series[0].GetProperty("first").GetDecimal() / 1000, curve.Points[0].Price);
        Assert.Equal(series.Sum(s => s.GetProperty("sum_eur_mwh").GetDecimal()) / 1000, curve.Points.Sum(p => p.Price));
        Assert.All(curve.Points.Zip(curve.Points.Skip(1)), pair => Assert.Equal(pair.First.Until, pair.Second.From));
    }

    [Fact]
    public void A_document_of_the_market_itself_is_read_the_same_way()
    {
        var curve = DayAheadPrices.Read(File.ReadAllBytes(TestData.NotCarried("tariff/formats/entsoe-response.xml"))).OrThrow().Curve("day-ahead");
        Assert.Equal(192, curve.Points.Length);
        Assert.Equal(0.10041m, curve.Points[0].Price);
        Assert.Equal((10343.36m + 9453.7m) / 1000, curve.Points.Sum(p => p.Price));
    }

    private static void Same(JsonElement wanted, DayAheadSeries series)
    {
        var pattern = InstantPattern.CreateWithInvariantCulture("uuuu-MM-dd HH:mm:ss'+00:00'");
        Assert.Equal(wanted.GetProperty("sequence_position").GetString(), $"{series.Sequence}");
        Assert.Equal(wanted.GetProperty("start").GetString(), pattern.Format(series.Start));
        Assert.Equal(wanted.GetProperty("end").GetString(), pattern.Format(series.End));
        Assert.Equal(Duration.FromMinutes(15), series.Resolution);
        Assert.Equal(wanted.GetProperty("points_present").GetInt32(), series.PointsPresent);
        Assert.Equal(wanted.GetProperty("intervals").GetInt32(), series.Prices.Length);
        Assert.Equal(wanted.GetProperty("sum_eur_mwh").GetDecimal(), series.Prices.Sum());
        Assert.Equal(wanted.GetProperty("first").GetDecimal(), series.Prices[0]);
        Assert.Equal(wanted.GetProperty("last").GetDecimal(), series.Prices[^1]);
        Assert.Equal(wanted.GetProperty("max").GetDecimal(), series.Prices.Max());
        Assert.Equal(wanted.GetProperty("min").GetDecimal(), series.Prices.Min());
    }
}
