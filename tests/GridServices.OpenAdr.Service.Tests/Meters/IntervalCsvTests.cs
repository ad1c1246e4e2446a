using GridServices.OpenAdr.Service.Meters;
using NodaTime;

namespace GridServices.OpenAdr.Service.Tests.Meters;

/// <summary>What counts as an answer of the Tariffs service.</summary>
public sealed class IntervalCsvTests
{
    private const string Head = "start,kW,estimated,telemetry\r\n";
    private static readonly Instant From = Instant.FromUtc(2026, 1, 15, 8, 0);
    private static readonly Instant Until = From + Duration.FromHours(1);

    [Fact]
    public void Its_records_are_read_as_they_are()
    {
        var rows = IntervalCsv.Read(Head + "2026-01-15T08:00:00Z,12.5,false,false\r\n2026-01-15T08:30:00Z,-0.125,true,true\r\n", From, Until);
        Assert.Equal([new IntervalRow(From, 12.5m, false), new IntervalRow(From + Duration.FromMinutes(30), -0.125m, true)], rows);
    }

    [Fact]
    public void A_meter_without_records_has_the_head_alone() => Assert.Empty(IntervalCsv.Read(Head, From, Until));

    [Theory]
    [InlineData("")]
    [InlineData("<html><body>Please sign in</body></html>")]
    [InlineData("start,kWh,estimated,telemetry\r\n")]
    [InlineData(Head + "2026-01-15T08:00:00Z,12.5,false\r\n")]
    [InlineData(Head + "2026-01-15T08:00:00Z,12.5,no,false\r\n")]
    [InlineData(Head + "2026-01-15T08:00:00Z,NaN,false,false\r\n")]
    [InlineData(Head + "2026-01-15T08:00:00Z,99999999999,false,false\r\n")]
    [InlineData(Head + "yesterday,1,false,false\r\n")]
    [InlineData(Head + "2026-01-15T07:45:00Z,1,false,false\r\n")]
    [InlineData(Head + "2026-01-15T09:00:00Z,1,false,false\r\n")]
    [InlineData(Head + "2026-01-15T08:30:00Z,1,false,false\r\n2026-01-15T08:00:00Z,1,false,false\r\n")]
    [InlineData(Head + "2026-01-15T08:00:00Z,1,false,false\r\n2026-01-15T08:00:00Z,1,false,false\r\n")]
    public void Anything_else_is_none(string text) => Assert.Throws<HttpRequestException>(() => IntervalCsv.Read(text, From, Until));
}
