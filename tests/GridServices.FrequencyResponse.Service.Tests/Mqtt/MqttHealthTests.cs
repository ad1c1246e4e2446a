using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.Testing;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Tests.Mqtt;

/// <summary>How long a line is lost, while the wall clock is set.</summary>
public sealed class MqttHealthTests
{
    private static readonly EntryId Contract = new("default", "c1");
    private readonly ManualTimeProvider _time = new();

    [Theory]
    [InlineData(true, -3600)]
    [InlineData(true, 3600)]
    [InlineData(false, -3600)]
    [InlineData(false, 3600)]
    public void It_is_lost_for_the_time_that_went_by_whatever_the_clock_is_set_to(bool isAway, int seconds)
    {
        var status = new MqttHealth(new FakeClock(_time), _time);
        var began = _time.Now;
        if (isAway)
        {
            status.SetDisconnected("no broker");
        }
        else
        {
            status.Connected();
            status.Subscribed(Contract, taken: false);
        }

        _time.JumpTo(_time.Now + Duration.FromSeconds(seconds));
        _time.Advance(Duration.FromSeconds(5));
        Assert.Equal((began, TimeSpan.FromSeconds(5)), status.FindSilence(Contract));
        status.Connected();
        status.Subscribed(Contract, taken: true);
        Assert.Null(status.FindSilence(Contract));
    }
}
