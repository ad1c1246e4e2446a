using System.Net;
using GridServices.Adapters.Ocpp;
using GridServices.Adapters.Service.Ocpp;
using GridServices.Adapters.Service.Sites;
using GridServices.Adapters.Service.Tests.Rig;
using GridServices.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace GridServices.Adapters.Service.Tests.Ocpp;

/// <summary>Stations of a system that takes profiles one after the other.</summary>
public sealed class StationLineTests
{
    private static readonly AnswersPlan Answers = new(new IPEndPoint(IPAddress.Loopback, 1), new Uri("http://127.0.0.1:1"));

    [Fact]
    public async Task Stations_that_the_system_hangs_on_keep_nobody_else_from_his_limit()
    {
        await using var system = await ChargeSystem.StartAsync();
        system.Set("a", StationMood.Hangs);
        system.Set("b", StationMood.Hangs);
        system.Set("c", StationMood.Silent);
        system.Set("d", StationMood.Silent);
        await RunAsync(system, async _ => await Until.HoldsAsync(() => system.AmperesOf("c") is not null && system.AmperesOf("d") is not null));
    }

    [Fact]
    public async Task At_the_end_nobody_is_sent_what_waited_for_its_turn()
    {
        await using var system = await ChargeSystem.StartAsync();
        var held = system.HoldNext("a");
        foreach (var station in new[] { "a", "b", "c", "d" })
        {
            system.Set(station, StationMood.Silent);
        }

        await RunAsync(
            system,
            async feed =>
            {
                await Until.HoldsAsync(() => system.Asked("a") == 1);
                feed.Told(feed.Look().Limits);
            },
            async feed =>
            {
                await Until.HoldsAsync(() => !feed.IsTold(feed.Look().Limits));
                held.SetResult();
            });
        Assert.Equal((1, 1, 1), (system.Asked("b"), system.Asked("c"), system.Asked("d")));
    }

    private static async Task RunAsync(ChargeSystem system, Func<SiteFeed, Task> before, Func<SiteFeed, Task>? after = null)
    {
        await using var door = await AnswerDoor.OpenAsync(new IPEndPoint(IPAddress.Loopback, TestPorts.Next()), 4, CancellationToken.None);
        using var feed = new SiteFeed(Plans.Of("s"), TimeProvider.System, NullLogger.Instance);
        using var line = new StationLine("a", PlanOf(system), door, feed, Plans.Of("s").Rules, TimeProvider.System, NullLogger.Instance);
        using var end = Until.Deadline();
        var running = line.RunAsync(end.Token);
        await before(feed);
        await end.CancelAsync();
        await (after?.Invoke(feed) ?? Task.CompletedTask);
        await running;
    }

    private static OcppPlan PlanOf(ChargeSystem system) => new()
    {
        Csms = new CsmsPlan { Address = system.Address, Path = "/ocpp/2.0.1/smartcharging/setChargingProfile?identifier={station}&tenantId=1&callbackUrl={answers}", TokenFile = null, Version = OcppVersion.V201 },
        Answers = Answers,
        Stations = [.. new[] { "a", "b", "c", "d" }.Select(id => new ChargingStation { Id = id, MaxA = 32, Phases = 1, HighestVolts = 250 })],
        Profile = new ChargingProfile { Version = OcppVersion.V201 },
    };
}
