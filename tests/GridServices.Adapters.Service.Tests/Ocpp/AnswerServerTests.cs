using System.Net;
using GridServices.Adapters.Ocpp;
using GridServices.Adapters.Service.Ocpp;
using GridServices.Adapters.Service.Sites;
using GridServices.Adapters.Service.Tests.Rig;
using GridServices.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace GridServices.Adapters.Service.Tests.Ocpp;

/// <summary>Where stations' answers come to.</summary>
public sealed class AnswerServerTests
{
    [Fact]
    public async Task A_crowd_that_stays_is_let_in_up_to_a_bound()
    {
        var listen = new IPEndPoint(IPAddress.Loopback, TestPorts.Next());
        await using var door = await CallbackServer.OpenAsync(listen, 10, CancellationToken.None);
        Assert.InRange(await Crowd.AnsweredAsync(listen.Port, 140), 20, 139);
    }

    [Fact]
    public async Task A_door_that_adapters_share_lets_in_all_their_stations_at_once()
    {
        await using var system = await ChargeSystem.StartAsync();
        var listen = new IPEndPoint(IPAddress.Loopback, TestPorts.Next());
        var plan = CreatePlan(system, listen) with { Stations = [.. Enumerable.Repeat(CreatePlan(system, listen).Stations[0], 90)] };
        await using var doors = new CallbackServers([plan, plan, CreatePlan(system, new IPEndPoint(IPAddress.Loopback, 1))]);
        Assert.Same(await doors.OpenAsync(listen, CancellationToken.None), await doors.OpenAsync(new IPEndPoint(listen.Address, listen.Port), CancellationToken.None));
        Assert.Equal(360, await Crowd.AnsweredAsync(listen.Port, 360));
    }

    // One that fails and begins again must not be kept, with all it knew, by the answers that it waited for.
    [Fact]
    public async Task A_line_that_has_ended_waits_for_no_answer()
    {
        await using var system = await ChargeSystem.StartAsync();
        system.Set("a", StationMood.Silent);
        var listen = new IPEndPoint(IPAddress.Loopback, TestPorts.Next());
        await using var door = await CallbackServer.OpenAsync(listen, 1, CancellationToken.None);
        using var feed = new SiteFeed(Plans.Create("s"), TimeProvider.System, NullLogger.Instance);
        using (var line = new OcppAdapter("a", CreatePlan(system, listen), door, feed, Plans.Create("s").Rules, TimeProvider.System, NullLogger.Instance))
        {
            using var end = Until.Deadline();
            var running = line.RunAsync(end.Token);
            await Until.HoldsAsync(() => system.FindAmperes("a") is not null);
            Assert.NotEqual(0, door.Expected);
            await end.CancelAsync();
            await running;
        }

        Assert.Equal(0, door.Expected);
    }

    private static OcppPlan CreatePlan(ChargeSystem system, IPEndPoint listen) => new()
    {
        Csms = new CsmsPlan { Address = system.Address, Path = "/ocpp/1.6/smartcharging/setChargingProfile?identifier={station}&tenantId=1&callbackUrl={answers}", TokenFile = null, Version = OcppVersion.V16 },
        Answers = new AnswersPlan(listen, new Uri($"http://{listen}")),
        Stations = [new ChargingStation { Id = "a", MaxA = 32, Phases = 1, HighestVolts = 250 }],
        Profile = new ChargingProfile { Version = OcppVersion.V16 },
        Patience = TimeSpan.FromSeconds(1),
    };
}
