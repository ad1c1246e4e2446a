using System.Net;
using GridServices.Adapters.Ocpp;
using GridServices.Adapters.Service.Ocpp;
using GridServices.Adapters.Service.Sites;
using GridServices.Adapters.Service.Tests.Rig;
using GridServices.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace GridServices.Adapters.Service.Tests.Ocpp;

/// <summary>Stations of a system that takes profiles one after the other.</summary>
public sealed class OcppAdapterTests
{
    [Fact]
    public async Task Stations_that_the_system_hangs_on_keep_nobody_else_from_his_limit()
    {
        await using var system = await ChargeSystem.StartAsync();
        system.Set("a", StationMood.Hangs);
        system.Set("b", StationMood.Hangs);
        await RunAsync(system, TimeSpan.FromSeconds(1), async _ => await Until.HoldsAsync(() => system.FindAmperes("c") is not null && system.FindAmperes("d") is not null));
    }

    [Fact]
    public async Task At_the_end_nobody_is_sent_what_waited_for_its_turn()
    {
        await using var system = await ChargeSystem.StartAsync();
        var held = system.HoldNext("a");
        await RunAsync(
            system,
            Until.Ceiling,
            async feed =>
            {
                await Until.HoldsAsync(() => system.Asked("a") == 1);
                feed.MarkAccepted(feed.GetSnapshot().Limits);
            },
            async feed =>
            {
                await Until.HoldsAsync(() => !feed.IsAccepted(feed.GetSnapshot().Limits));
                held.SetResult();
            });
        Assert.All(["b", "c", "d"], station => Assert.InRange(system.Asked(station), 0, 1));
    }

    private static async Task RunAsync(ChargeSystem system, TimeSpan patience, Func<SiteFeed, Task> before, Func<SiteFeed, Task>? after = null)
    {
        var listen = new IPEndPoint(IPAddress.Loopback, TestPorts.Next());
        await using var door = await CallbackServer.OpenAsync(listen, 4, CancellationToken.None);
        using var feed = new SiteFeed(Plans.Create("s"), TimeProvider.System, NullLogger.Instance);
        using var line = new OcppAdapter("a", CreatePlan(system, listen) with { PatienceForSending = patience }, door, feed, Plans.Create("s").Rules, TimeProvider.System, NullLogger.Instance);
        using var end = Until.Deadline();
        var running = line.RunAsync(end.Token);
        await before(feed);
        await end.CancelAsync();
        await (after?.Invoke(feed) ?? Task.CompletedTask);
        await running;
    }

    private static OcppPlan CreatePlan(ChargeSystem system, IPEndPoint listen) => new()
    {
        Csms = new CsmsPlan { Address = system.Address, Path = "/ocpp/2.0.1/smartcharging/setChargingProfile?identifier={station}&tenantId=1&callbackUrl={answers}", TokenFile = null, Version = OcppVersion.V201 },
        Answers = new AnswersPlan(listen, new Uri($"http://{listen}")),
        Stations = [.. new[] { "a", "b", "c", "d" }.Select(id => new ChargingStation { Id = id, MaxA = 32, Phases = 1, HighestVolts = 250 })],
        Profile = new ChargingProfile { Version = OcppVersion.V201 },
    };
}
