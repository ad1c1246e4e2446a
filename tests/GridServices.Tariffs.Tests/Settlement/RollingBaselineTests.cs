using System.Text;
using GridServices.Tariffs.Requests;

namespace GridServices.Tariffs.Tests.Settlement;

public sealed class RollingBaselineTests
{
    /// <summary>Days of 100, 200 and 50 kW before the event: (100 + 200) / 2 = 150, then 150 x 0.9 + 50 x 0.1 = 140.</summary>
    [Fact]
    public void Ninety_ten_takes_nine_tenths_of_what_was_before_and_a_tenth_of_each_further_day()
    {
        var outcome = Read("""{"name":"90/10","windowDays":3,"select":3,"days":"any","rolling":{"share":0.1,"seedDays":2}}""").OrThrow().Baseline();
        Assert.Equal(140m, Assert.Single(outcome.AdjustedKw));
        Assert.Equal(100m, outcome.DeliveredTotalKwh);
        Assert.Equal(350m / 3, Read("""{"name":"mean","windowDays":3,"select":3,"days":"any"}""").OrThrow().Baseline().AdjustedKw[0]);
    }

    [Theory]
    [InlineData("""{"name":"r","windowDays":3,"select":3,"days":"any","rolling":{"share":0}}""")]
    [InlineData("""{"name":"r","windowDays":3,"select":3,"days":"any","rolling":{"share":0.1,"seedDays":0}}""")]
    [InlineData("""{"name":"r","windowDays":3,"select":2,"days":"any","rolling":{"share":0.1}}""")]
    public void A_rolling_baseline_that_cannot_be_is_refused(string rule) => Assert.Contains(Read(rule).Refusals, r => r.Path.EndsWith("/rolling", StringComparison.Ordinal));

    private static Tariffs.Readers.ReadResult<SettlementRequest> Read(string rule)
    {
        var kw = string.Join(',', new[] { 100, 200, 50, 40 }.SelectMany(day => Enumerable.Repeat(day, 24)));
        return SettlementRequestJson.Read(Encoding.UTF8.GetBytes(
            $$"""{"timeZone":"Etc/UTC","intervals":{"start":"2026-01-12","minutes":60,"kW":[{{kw}}]},"event":{"date":"2026-01-15","fromHour":17,"untilHour":18},"rule":{{rule}}}"""));
    }
}
