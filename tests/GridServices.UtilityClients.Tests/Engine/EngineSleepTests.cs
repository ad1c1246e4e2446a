using NodaTime;

namespace GridServices.UtilityClients.Tests.Engine;

/// <summary>Engines wake together, never before their time and never much after it.</summary>
public sealed class EngineSleepTests
{
    private static readonly Instant Now = Instant.FromUtc(2027, 1, 15, 18, 0);

    [Theory]
    [InlineData(0, 10_000, 10_000)]
    [InlineData(0, 10_001, 10_100)]
    [InlineData(37, 10_037, 10_063)]
    [InlineData(0, 7_999, 8_000)]
    [InlineData(0, 7_949, 7_950)]
    [InlineData(0, 1_001, 1_005)]
    [InlineData(0, 80, 80)]
    [InlineData(0, 79.4, 80)]
    [InlineData(0, 3.2, 4)]
    [InlineData(0, 0.1, 1)]
    [InlineData(0, 0, 1)]
    [InlineData(0, -5_000, 1)]
    [InlineData(0, 30_000, 30_000)]
    [InlineData(0, 86_400_000, 30_000)]
    public void It_is_a_little_late(double nowMs, double dueMs, double sleepMs) =>
        Assert.Equal(TimeSpan.FromMilliseconds(sleepMs), EngineSleep.Until(Now + Duration.FromMilliseconds(dueMs), Now + Duration.FromMilliseconds(nowMs), TimeSpan.Zero));

    [Fact]
    public void Something_that_is_never_due_is_looked_at_each_half_minute() => Assert.Equal(EngineSleep.Longest, EngineSleep.Until(Instant.MaxValue, Now, TimeSpan.FromSeconds(59)));

    [Fact]
    public void It_is_never_early_and_late_by_an_eightieth_at_most()
    {
        for (var ms = 0.3; ms < 30_000; ms *= 1.07)
        {
            for (var offset = 0.0; offset < 400; offset += 33.7)
            {
                var now = Now + Duration.FromMilliseconds(offset);
                var late = EngineSleep.Until(now + Duration.FromMilliseconds(ms), now, TimeSpan.FromMilliseconds(61.7)).TotalMilliseconds - ms;
                Assert.InRange(late, -0.001, 1 + (ms / 80));
            }
        }
    }

    [Fact]
    public void Engines_that_sleep_long_wake_together()
    {
        var moments = Wake(TimeSpan.Zero);
        Assert.InRange(moments.Select(m => m.ToUnixTimeMilliseconds() / 100).Distinct().Count(), 100, 104);
        Assert.All(moments, m => Assert.InRange(m.ToUnixTimeMilliseconds() % 100, 0, 1));
    }

    [Fact]
    public void Those_of_another_process_wake_together_at_another_moment()
    {
        var moments = Wake(TimeSpan.FromMilliseconds(59_960));
        Assert.InRange(moments.Select(m => m.ToUnixTimeMilliseconds() / 100).Distinct().Count(), 100, 104);
        Assert.All(moments, m => Assert.InRange(m.ToUnixTimeMilliseconds() % 100, 40, 41));
    }

    private static List<Instant> Wake(TimeSpan phase) => [.. Enumerable.Range(0, 500).Select(i => Now + Duration.FromMilliseconds(i * 20.3))
        .Select(start => start + Duration.FromTimeSpan(EngineSleep.Until(start + Duration.FromSeconds(10), start, phase)))];
}
