using System.Text;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Temperatures;
using GridServices.Tariffs.Weather;
using NodaTime;

namespace GridServices.Tariffs.Tests.Temperatures;

/// <summary>Temperatures of a station as CSV and JSON: what is not there is not known.</summary>
public sealed class ReadTemperatureTests
{
    private static readonly Instant Noon = Instant.FromUtc(2026, 7, 15, 12, 0);

    [Theory]
    [InlineData("from,until,°C\n2026-07-15T12:00:00Z,2026-07-15T13:00:00Z,31.5\n", 31.5)]
    [InlineData("start;end;celsius\n2026-07-15T14:00:00+02:00;2026-07-15T15:00:00+02:00;-3\n", -3)]
    [InlineData("from,until,°F\n2026-07-15T12:00:00Z,2026-07-15T13:00:00Z,95\n", 35)]
    public void The_columns_name_says_the_unit(string csv, double celsius) =>
        Assert.Equal([new TemperaturePoint(Noon, Noon + Duration.FromHours(1), (decimal)celsius)], Csv(csv).Value!.Points.AsEnumerable());

    [Fact]
    public void Rows_without_an_end_leave_their_gaps_and_a_row_without_a_number_is_one()
    {
        var read = Csv("from,°C,wind\n2026-07-15T12:00:00Z,30,3\n2026-07-15T13:00:00Z,,3\n2026-07-15T14:00:00Z,32,3\n2026-07-15T15:00:00Z,34,3\n");
        Assert.Equal(2, read.Warnings.Length);
        var curve = read.Value!;
        Assert.Null(curve.Mean(Noon, Noon + Duration.FromHours(3)));
        Assert.Null(curve.Highest(Noon, Noon + Duration.FromHours(3)));
        Assert.Equal((33m, 34m), (curve.Mean(Noon + Duration.FromHours(2), Noon + Duration.FromHours(4)), curve.Highest(Noon + Duration.FromHours(2), Noon + Duration.FromHours(4))));
        Assert.Equal(32.5m, curve.Mean(Noon + Duration.FromMinutes(150), Noon + Duration.FromMinutes(190)));
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("from,until,K\n", "°C or °F")]
    [InlineData("from,until,°C\n2026-07-15 12:00,2026-07-15 13:00,1\n", "offset")]
    [InlineData("from,until,°C\n2026-07-15T12:00:00Z,2026-07-15T13:00:00Z,warm\n", "no number")]
    [InlineData("from,until,°C\n2026-07-15T12:00:00Z,2026-07-15T13:00:00Z,95\n", "check the unit")]
    [InlineData("from,until,°C\n2026-07-15T12:00:00Z,2026-07-15T14:00:00Z,1\n2026-07-15T13:00:00Z,2026-07-15T14:00:00Z,1\n", "one temperature")]
    public void What_is_no_temperature_is_refused(string csv, string why) => Assert.Contains(Csv(csv).Refusals, r => r.Detail.Contains(why, StringComparison.Ordinal));

    [Fact]
    public void JSON_points_are_read_in_any_order()
    {
        var json = """{"points":[{"from":"2026-07-15T13:00:00Z","until":"2026-07-15T14:00:00Z","celsius":32},{"from":"2026-07-15T12:00:00Z","until":"2026-07-15T13:00:00Z","celsius":30}]}""";
        Assert.Equal(31m, TemperatureReader.Json(Encoding.UTF8.GetBytes(json), "s").Value!.Mean(Noon, Noon + Duration.FromHours(2)));
        Assert.False(TemperatureReader.Json("{}"u8.ToArray(), "s").Ok);
    }

    private static ReadResult<TemperatureCurve> Csv(string csv) => TemperatureCsv.Read(Encoding.UTF8.GetBytes(csv), "station");
}
