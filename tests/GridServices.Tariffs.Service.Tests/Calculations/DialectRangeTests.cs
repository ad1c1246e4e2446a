using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Service.Calculations;
using Microsoft.AspNetCore.Http;
using NodaTime;

namespace GridServices.Tariffs.Service.Tests.Calculations;

public sealed class DialectRangeTests
{
    [Theory]
    [InlineData("skipRows", "10001")]
    [InlineData("skipRows", "2.5")]
    [InlineData("minutes", "0")]
    [InlineData("minutes", "1441")]
    [InlineData("multiplier", "0")]
    [InlineData("multiplier", "1000001")]
    [InlineData("spikePercent", "0")]
    public void A_number_outside_its_range_is_refused_and_not_bent(string name, string value)
    {
        var refused = Assert.Throws<ProblemException>(() => Options($"?{name}={value}"));
        Assert.Equal(ErrorClass.SemanticNumber, refused.Class);
        Assert.StartsWith(name, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_ends_of_a_range_are_in_it()
    {
        var options = Options("?skipRows=10000&minutes=1440");
        Assert.Equal((10_000, Duration.FromDays(1)), (options.SkipRows, options.Step));
        Assert.Equal(Duration.FromSeconds(30), Options("?minutes=0.5").Step);
    }

    private static IntervalOptions Options(string query)
    {
        var http = new DefaultHttpContext();
        http.Request.QueryString = new QueryString(query);
        return DialectQuery.Read(http.Request.Query, new IntervalDialect()).Options("Etc/UTC", now: null, mostRows: 1);
    }
}
