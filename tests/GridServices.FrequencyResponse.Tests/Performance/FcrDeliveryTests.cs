using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Performance;

namespace GridServices.FrequencyResponse.Tests.Performance;

/// <summary>Continental FCR is paid for what was delivered, not for staying between extremes of a frequency that swings.</summary>
public sealed class FcrDeliveryTests
{
    private const long Second = 1_000_000_000;
    private static readonly ServiceDefinition Service = ServiceCatalog.BuiltIn.Find("CE-FCR")!;

    [Theory]
    [InlineData(29, 0, 0)]
    [InlineData(14, 0, 0)]
    [InlineData(29, 1, 1)]
    [InlineData(29, 0.96, 1)]
    [InlineData(14, 1, 1)]
    public void An_event_shorter_than_the_time_for_full_activation_is_still_delivered_or_not_paid(int seconds, double gain, double factor) =>
        Assert.Equal(factor, Factor(seconds, (hz, _) => gain * Service.Curve!.Evaluate(hz)), 0.001);

    [Fact]
    public void The_slowest_ramp_that_the_rule_allows_is_paid_in_full() =>
        Assert.Equal(1, Factor(29, (_, since) => since is > 0 and <= 29 ? since / 30 : 0), 0.001);

    [Fact]
    public void Delivery_in_the_wrong_direction_is_none() =>
        Assert.Equal(0, Factor(29, (hz, _) => -Service.Curve!.Evaluate(hz)), 0.02);

    [Fact]
    public void Without_an_event_nothing_is_due() => Assert.Equal(1, Factor(0, (_, _) => 0), 1e-9);

    /// <summary>A minute at 50 Hz, a lower one for so long, 30 s at 50 Hz again; read every second.</summary>
    private static double Factor(int seconds, Func<double, double, double> response)
    {
        var live = new VirtualCompliance(Service);
        for (var tenth = 0; tenth < 900 + (seconds * 10); tenth++)
        {
            var since = (tenth - 599) / 10.0;
            var hz = since > 0 && since <= seconds ? 49.8 : 50;
            live.Add(tenth * Second / 10, hz, response(hz, since), fresh: tenth % 10 == 0);
        }

        return live.Now.PredictedFactor;
    }
}
