using GridServices.Testing;
using NodaTime;

namespace GridServices.Hosting.Tests;

/// <summary>Loops that began at different times look at the same moments.</summary>
public sealed class SharedTickTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(0, 1000)]
    [InlineData(1, 999)]
    [InlineData(300, 700)]
    [InlineData(875, 125)]
    [InlineData(900, 1100)]
    [InlineData(999, 1001)]
    [InlineData(1000, 1000)]
    [InlineData(61_250, 750)]
    public void The_next_moment_is_a_whole_interval_of_the_counter(int atMs, int leftMs)
    {
        var time = new ManualTimeProvider();
        time.Advance(Duration.FromMilliseconds(atMs));
        Assert.Equal(TimeSpan.FromMilliseconds(leftMs), SharedTick.After(time, Second));
    }

    // Nine services of one machine must not all ask its database and its hub at the same moment.
    [Fact]
    public void Processes_of_one_machine_do_not_meet()
    {
        var time = new ManualTimeProvider();
        time.Advance(Duration.FromMilliseconds(300));
        Assert.Equal(TimeSpan.FromMilliseconds(480), SharedTick.After(time, Second, TimeSpan.FromMilliseconds(52_220)));
        Assert.Equal(TimeSpan.FromMilliseconds(2_480), SharedTick.After(time, Second * 5, TimeSpan.FromMilliseconds(52_220)));
        Assert.InRange(SharedTick.GetPhase(TimeProvider.System), TimeSpan.FromTicks(1), TimeSpan.FromMinutes(1));
        Assert.Equal(SharedTick.GetPhase(TimeProvider.System), SharedTick.GetPhase(TimeProvider.System));
    }

    [Fact]
    public async Task Loops_meet_whenever_they_began()
    {
        var time = new ManualTimeProvider();
        List<Task> waits = [];
        foreach (var began in new[] { 0, 310, 200 })
        {
            time.Advance(Duration.FromMilliseconds(began));
            waits.Add(SharedTick.DelayAsync(time, Second, CancellationToken.None));
        }

        time.Advance(Duration.FromMilliseconds(489));
        Assert.DoesNotContain(waits, w => w.IsCompleted);
        time.Advance(Duration.FromMilliseconds(1));
        await Task.WhenAll(waits);
    }

    [Fact]
    public void An_interval_of_nothing_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => SharedTick.After(new ManualTimeProvider(), TimeSpan.Zero));
}
