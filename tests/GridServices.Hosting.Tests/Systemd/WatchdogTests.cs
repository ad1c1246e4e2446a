using GridServices.Hosting.Health;
using GridServices.Hosting.Systemd;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting.Systemd;
using NodaTime;

namespace GridServices.Hosting.Tests.Systemd;

public sealed class WatchdogTests
{
    [Fact]
    public async Task Systemd_is_told_that_all_loops_turn_and_no_longer_where_one_is_stuck()
    {
        var time = new ManualTimeProvider();
        var liveness = new Liveness(time);
        using var beat = liveness.Watch("poll", TimeSpan.FromSeconds(45));
        var systemd = new Told();
        await using var services = new ServiceCollection().AddSingleton<ISystemdNotifier>(systemd).BuildServiceProvider();
        using var watchdog = new SystemdWatchdog(liveness, new WatchdogSpan(TimeSpan.FromSeconds(90)), time, services);
        await watchdog.StartAsync(CancellationToken.None);
        Assert.Equal(1, await ToldAsync());
        Assert.Equal(2, await LaterAsync());
        // Sixty seconds without a beat.
        Assert.Equal(2, await LaterAsync());
        beat.Beat();
        Assert.Equal(3, await LaterAsync());
        await watchdog.StopAsync(CancellationToken.None);

        Task<int> LaterAsync()
        {
            time.Advance(Duration.FromSeconds(30));
            return ToldAsync();
        }

        async Task<int> ToldAsync()
        {
            await time.UntilWaitingAsync();
            return systemd.Times;
        }
    }

    [Theory]
    [InlineData("120000000", "17", 120)]
    [InlineData("120000000", null, 120)]
    [InlineData("120000000", "18", null)]
    [InlineData("0", "17", null)]
    [InlineData("soon", "17", null)]
    [InlineData(null, null, null)]
    public void How_long_systemd_waits_is_what_it_has_said_to_this_process(string? microseconds, string? process, int? seconds) =>
        Assert.Equal(seconds is { } span ? TimeSpan.FromSeconds(span) : null, WatchdogSpan.From(microseconds, process, 17).Value);

    [Theory]
    [InlineData("17", true)]
    [InlineData("1", false)]
    [InlineData(null, false)]
    public void A_process_that_systemd_started_is_known_by_what_systemd_says(string? process, bool started) => Assert.Equal(started, SystemdNotice.Started(process, 17));

    private sealed class Told : ISystemdNotifier
    {
        private int _told;

        public bool IsEnabled => true;

        public int Times => Volatile.Read(ref _told);

        public void Notify(ServiceState state)
        {
            Assert.Equal("WATCHDOG=1", state.ToString());
            Interlocked.Increment(ref _told);
        }
    }
}
