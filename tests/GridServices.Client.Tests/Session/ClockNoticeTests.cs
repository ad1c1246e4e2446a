using System.Diagnostics.Metrics;
using NodaTime;
using static GridServices.Client.Tests.Samples;

namespace GridServices.Client.Tests.Session;

/// <summary>A controller's clock that is wrong by more than a second is told, and measured.</summary>
public sealed class ClockNoticeTests
{
    [Theory]
    [InlineData(0, null)]
    [InlineData(0.9, null)]
    [InlineData(-0.9, null)]
    [InlineData(1.5, "1.5 s ahead of")]
    [InlineData(-1.5, "1.5 s behind")]
    [InlineData(5, "5 s ahead of")]
    public void More_than_a_second_is_told_once_and_its_end_too(double aheadS, string? expected)
    {
        var told = new List<string>();
        var (notice, hub) = (new ClockNotice(told.Add), Heard(2));
        notice.Watch(Duration.FromSeconds(aheadS), hub);
        notice.Watch(Duration.FromSeconds(aheadS + (aheadS < 0 ? -0.05 : 0.05)), hub);
        if (expected is null)
        {
            Assert.Empty(told);
            return;
        }

        Assert.Contains(expected, Assert.Single(told), StringComparison.Ordinal);
        notice.Watch(Duration.FromSeconds(0.2), hub);
        notice.Watch(Duration.Zero, hub);
        Assert.Equal(["agrees"], told.Skip(1).Select(text => text.Contains("agrees with the hub's again", StringComparison.Ordinal) ? "agrees" : text));
    }

    [Theory]
    [InlineData(1.5, 0)]
    [InlineData(5, 0)]
    [InlineData(59, 0)]
    [InlineData(61, 1)]
    public void One_heartbeat_alone_may_have_been_a_minute_on_its_way(double aheadS, int notices)
    {
        var told = new List<string>();
        new ClockNotice(told.Add).Watch(Duration.FromSeconds(aheadS), Heard(1));
        Assert.Equal(notices, told.Count);
    }

    [Theory]
    [InlineData(0.9)]
    [InlineData(1.5)]
    [InlineData(-5)]
    public void How_far_the_clock_is_ahead_is_a_metric_of_the_site(double aheadS)
    {
        var ahead = Duration.Zero;
        using var metrics = new SessionMetrics("metrics-of-clock", () => ahead, new FeedbackQueue());
        Assert.Equal(0, Measured());
        ahead = Duration.FromSeconds(aheadS);
        Assert.Equal(aheadS, Measured()!.Value, 9);
    }

    private static HubClock? Heard(int beats)
    {
        HubClock? clock = null;
        for (var i = 0; i < beats; i++)
        {
            clock = HubClock.After(clock, T0 + Duration.FromSeconds(15 * i), Duration.FromSeconds(15 * i));
        }

        return clock;
    }

    private static double? Measured()
    {
        double? seen = null;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, it) =>
        {
            if (instrument.Meter.Name == SessionMetrics.MeterName && instrument.Name == "client.clock.ahead")
            {
                it.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((_, value, tags, _) => seen = tags.ToArray().Contains(new("site", "metrics-of-clock")) ? value : seen);
        listener.Start();
        listener.RecordObservableInstruments();
        return seen;
    }
}
