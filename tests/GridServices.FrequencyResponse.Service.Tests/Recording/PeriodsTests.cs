using GridServices.FrequencyResponse.Service.Recording;
using GridServices.FrequencyResponse.Service.Registry;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Tests.Recording;

public sealed class PeriodsTests
{
    private static readonly Instant Evening = Instant.FromUtc(2027, 1, 15, 18, 0);

    [Theory]
    [InlineData(0, 30, 0)]
    [InlineData(29 * 60 + 59, 30, 0)]
    [InlineData(30 * 60, 30, 30)]
    [InlineData(14 * 60, 15, 0)]
    [InlineData(46 * 60, 15, 45)]
    [InlineData(-1, 30, -30)]
    public void A_period_begins_at_whole_lengths_from_midnight(int seconds, int length, int begins) =>
        Assert.Equal(Evening + Duration.FromMinutes(begins), Periods.ComputeStart(Evening + Duration.FromSeconds(seconds), Duration.FromMinutes(length)));

    [Fact]
    public void Before_1970_it_begins_before_and_not_after() =>
        Assert.Equal(Instant.FromUtc(1969, 12, 31, 23, 30), Periods.ComputeStart(Instant.FromUtc(1969, 12, 31, 23, 45), Duration.FromMinutes(30)));

    [Fact]
    public void Only_what_is_procured_within_the_span_counts()
    {
        var contract = new ContractSettings
        {
            SiteId = "site-1",
            Assets = ["bess-1"],
            Sources = ["meter"],
            Windows = [new ArmingWindow(Evening - Duration.FromHours(1), Evening + Duration.FromMinutes(5)), new ArmingWindow(Evening + Duration.FromMinutes(20), null)],
        };
        Assert.Equal((5 + 10) * 60, Periods.ProcuredSeconds(contract, Evening, Evening + Duration.FromMinutes(30)));
        Assert.Equal(0, Periods.ProcuredSeconds(contract, Evening + Duration.FromMinutes(5), Evening + Duration.FromMinutes(20)));
    }
}
