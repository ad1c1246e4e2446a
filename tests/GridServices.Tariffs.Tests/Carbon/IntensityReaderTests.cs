using System.Text;
using GridServices.Contracts;
using GridServices.Tariffs.Carbon;
using GridServices.Tariffs.Intensity;
using GridServices.Tariffs.Readers;
using NodaTime;

namespace GridServices.Tariffs.Tests.Carbon;

/// <summary>Intensities as CSV, JSON and MIDAS; a gap stays a gap, and another unit is never taken for grams.</summary>
public sealed class IntensityReaderTests
{
    private static readonly Instant Start = Instant.FromUtc(2026, 1, 15, 0, 0);

    [Theory]
    [InlineData("from,until,g/kWh\n2026-01-15T00:00:00Z,2026-01-15T01:00:00Z,312.5\n")]
    [InlineData("start;end;kg/MWh\r\n2026-01-15T01:00:00+01:00;2026-01-15T02:00:00+01:00;312.5\r\n")]
    [InlineData("from,until,t/MWh\n2026-01-15T00:00:00Z,2026-01-15T01:00:00Z,0.3125\n")]
    [InlineData("from,until,kg/kWh\n2026-01-15T00:00:00Z,2026-01-15T01:00:00Z,0.3125\n")]
    public void Rows_are_read_by_the_unit_that_their_column_is_named_after(string csv)
    {
        var read = Csv(csv);
        Assert.Equal(new IntensityPoint(Start, Start + Duration.FromHours(1), 312.5m), Assert.Single(read.OrThrow().Points));
        Assert.Empty(read.Warnings);
    }

    [Fact]
    public void A_pound_is_what_it_is_by_definition() =>
        Assert.Equal(453.59237m, Assert.Single(Csv("from,until,lb/MWh\n2026-01-15T00:00:00Z,2026-01-15T01:00:00Z,1000\n").OrThrow().Points).GramsPerKwh);

    [Fact]
    public void Without_ends_a_row_holds_for_the_least_distance_and_gaps_and_empty_rows_stay_unknown()
    {
        var read = Csv("from,g/kWh\n2026-01-15T00:00:00Z,100\n2026-01-15T00:05:00Z,0\n2026-01-15T00:10:00Z,\n2026-01-15T00:20:00Z,50\n");
        var curve = read.OrThrow();
        Assert.Equal(50m, curve.Mean(Start, Start + Duration.FromMinutes(10)));
        Assert.Null(curve.Mean(Start + Duration.FromMinutes(10), Start + Duration.FromMinutes(15)));
        Assert.Null(curve.Mean(Start, Start + Duration.FromMinutes(25)));
        Assert.Equal(Start + Duration.FromMinutes(25), curve.Points[^1].Until);
        Assert.Contains("1 gaps stay unknown", Assert.Single(read.Warnings).Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", ErrorClass.SemanticEmpty)]
    [InlineData("from,until,intensity\n", ErrorClass.SchemaInvalid)]
    [InlineData("from,until,g/kWh,kg/MWh\n", ErrorClass.SchemaInvalid)]
    [InlineData("from,until,g/kWh\n2026-01-15T00:00:00,2026-01-15T01:00:00Z,1\n", ErrorClass.SemanticTime)]
    [InlineData("from,until,g/kWh\n2026-01-15T00:00:00Z,2026-01-15T01:00:00Z,12,5\n", ErrorClass.Malformed)]
    [InlineData("from,until,g/kWh\n2026-01-15T01:00:00Z,2026-01-15T02:00:00Z,x\n", ErrorClass.SemanticNumber)]
    [InlineData("from,until,g/kWh\n2026-01-15T00:00:00Z,2026-01-15T01:00:00Z,-1\n", ErrorClass.SemanticNumber)]
    [InlineData("from,until,kg/kWh\n2026-01-15T00:00:00Z,2026-01-15T01:00:00Z,312\n", ErrorClass.SemanticNumber)]
    [InlineData("from,until,g/kWh\n2026-01-15T01:00:00Z,2026-01-15T01:00:00Z,1\n", ErrorClass.SemanticNumber)]
    [InlineData("from,until,g/kWh\n2026-01-15T00:00:00Z,2026-01-15T02:00:00Z,1\n2026-01-15T01:00:00Z,2026-01-15T03:00:00Z,2\n", ErrorClass.SemanticOverlap)]
    [InlineData("from,g/kWh\n2026-01-15T01:00:00Z,1\n", ErrorClass.SchemaInvalid)]
    [InlineData("from,until,g/kWh\n2026-01-15T01:00:00Z,1\n", ErrorClass.Malformed)]
    public void A_file_that_could_be_taken_wrong_is_refused(string csv, ErrorClass kind) => Assert.Contains(Csv(csv).Refusals, r => r.Class == kind);

    [Fact]
    public void Kilograms_that_nobody_declared_are_told() =>
        Assert.Equal(ErrorClass.Plausibility, Assert.Single(Csv("from,until,g/kWh\n2026-01-15T00:00:00Z,2026-01-15T01:00:00Z,0.312\n").Warnings).Class);

    [Fact]
    public void Midas_is_read_in_utc_and_its_ends_belong_to_the_value()
    {
        // Form and values as answered for USCA-SGIP-MOER-PGE after version 2.0 went live: five minutes each, ends inclusive.
        var curve = Midas(Value("07:00:00", "07:04:59", "643.1940171576185"), Value("07:05:00", "07:09:59", "633.5256452505812")).OrThrow();
        var seven = Instant.FromUtc(2026, 6, 22, 7, 0);
        Assert.Equal(
            [new IntensityPoint(seven, seven + Duration.FromMinutes(5), 643.1940171576185m), new IntensityPoint(seven + Duration.FromMinutes(5), seven + Duration.FromMinutes(10), 633.5256452505812m)], curve.Points);
        Assert.Equal(638.35983120409985m, curve.Mean(seven, seven + Duration.FromMinutes(10)));
    }

    [Fact]
    public void What_midas_1_wrote_and_lists_of_signals_are_refused_with_what_to_do()
    {
        Assert.Contains(Midas(Value("07:00:00", "07:04:59", "0.643", unit: "kg/kWh CO2")).Refusals, r => r.Path == "/ValueInformation/0/Unit" && r.Detail.Contains("version 2", StringComparison.Ordinal));
        Assert.Contains(Midas(Value("07:00:00", "07:04:59", "643").Replace("\"Value\"", "\"value\"", StringComparison.Ordinal)).Refusals, r => r.Path == "/ValueInformation/0/Value");
        Assert.Contains(Midas(Value("16:00:00", "20:59:59", "643").Replace("\"DateEnd\":\"2026-06-22\"", "\"DateEnd\":\"2026-09-30\"", StringComparison.Ordinal)).Refusals, r => r.Path == "/ValueInformation/0/DateEnd");
        Assert.Contains(Midas(Value("07:00", "07:04:59", "643")).Refusals, r => r.Class == ErrorClass.SemanticTime);
        Assert.Contains(Midas(Value("07:00:00", "07:09:59", "643"), Value("07:05:00", "07:09:59", "633")).Refusals, r => r.Class == ErrorClass.SemanticOverlap);
        Assert.Contains(IntensityReader.Midas("""{"GHGEmissions":[{"RateID":"USCA-SGIP-MOER-PGE"}]}"""u8.ToArray(), "PGE").Refusals, r => r.Path == "/GHGEmissions");
    }

    [Fact]
    public void Spans_of_excess_are_joined_and_an_unknown_moment_is_none()
    {
        var curve = new IntensityCurve("Z", [Point(0, 60, 40), Point(60, 120, 50), Point(180, 240, 0), Point(240, 300, 51)]);
        Assert.Equal([(At(30), At(120)), (At(180), At(240))], curve.AtMost(50, At(30), At(600)));
        Assert.Empty(curve.AtMost(50, At(120), At(180)));
    }

    private static IntensityPoint Point(int from, int until, decimal grams) => new(At(from), At(until), grams);

    private static Instant At(int minutes) => Start + Duration.FromMinutes(minutes);

    private static ReadResult<IntensityCurve> Csv(string csv) => IntensityCsv.Read(Encoding.UTF8.GetBytes(csv), "DE");

    private static ReadResult<IntensityCurve> Midas(params string[] values) => IntensityReader.Midas(
        Encoding.UTF8.GetBytes($$"""{"RateID":"USCA-SGIP-MOER-PGE","SystemTime_UTC":"2026-06-23T03:34:50.858999Z","RateType":"Greenhouse Gas emissions","Sector":null,"ValueInformation":[{{string.Join(',', values)}}]}"""), "PGE");

    private static string Value(string from, string until, string value, string unit = "g/kWh CO2") =>
        $$"""{"ValueName":"Realtime SGIP GHG Emission","DateStart":"2026-06-22","DateEnd":"2026-06-22","DayStart":1,"DayEnd":1,"TimeStart":"{{from}}","TimeEnd":"{{until}}","Unit":"{{unit}}","Value":{{value}}}""";
}
