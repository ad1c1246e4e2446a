using GridServices.Adapters.Ocpp;
using GridServices.Adapters.Schedules;
using GridServices.Adapters.Service.Ocpp;
using GridServices.Adapters.Service.Tests.Rig;
using GridServices.Testing;
using NodaTime;

namespace GridServices.Adapters.Service.Tests.Ocpp;

/// <summary>Profiles on their way to a charge-station system that takes each only if it ends later than all before.</summary>
public sealed class CsmsClientTests
{
    private static readonly Instant Now = Instant.FromUtc(2027, 1, 15, 18, 0);
    private static readonly PowerCurve Curve = PowerCurve.Constant(Now, 2_000);
    private static readonly Uri Nowhere = new("http://127.0.0.1:1/answers/t");
    private readonly ManualTimeProvider _time = new(Now);

    [Fact]
    public async Task Profiles_that_are_sent_at_once_do_not_refuse_each_other()
    {
        await using var system = await ChargeSystem.StartAsync();
        using var door = To(system);
        var held = system.HoldNext("s0");
        var sent = Enumerable.Range(0, 20).Select(i => SendAsync(door, $"s{i}")).ToList();
        await Until.HoldsAsync(() => system.Asked("s0") == 1);
        held.SetResult();
        Assert.All(await Task.WhenAll(sent), answer => Assert.Equal(ProfileOutcome.OnItsWay, answer.Outcome));
    }

    [Fact]
    public async Task Nobody_is_sent_what_waited_behind_a_system_that_hung()
    {
        await using var system = await ChargeSystem.StartAsync();
        using var door = To(system);
        var held = system.HoldNext("a");
        var first = SendAsync(door, "a");
        await Until.HoldsAsync(() => system.Asked("a") == 1);
        var second = SendAsync(door, "b");
        _time.Advance(Duration.FromSeconds(5));
        Assert.Equal((ProfileOutcome.Unknown, ProfileOutcome.NotSent, 0), ((await first).Outcome, (await second).Outcome, system.Asked("b")));
        held.SetResult();
        await Until.HoldsAsync(() => SendAsync(door, "b"), answer => answer.Outcome == ProfileOutcome.OnItsWay);
    }

    [Fact]
    public async Task After_a_restart_with_a_clock_that_was_set_back_profiles_end_later_than_before()
    {
        await using var system = await ChargeSystem.StartAsync();
        using (var before = To(system))
        {
            Assert.Equal(ProfileOutcome.OnItsWay, (await SendAsync(before, "a", Now + Duration.FromHours(1))).Outcome);
        }

        using var after = To(system, lastSent: Now + Duration.FromHours(1));
        Assert.Equal(ProfileOutcome.OnItsWay, (await SendAsync(after, "a")).Outcome);
    }

    [Fact]
    public async Task What_is_not_wanted_any_more_when_its_turn_comes_is_not_asked_of_the_system()
    {
        await using var system = await ChargeSystem.StartAsync();
        using var door = To(system);
        var (held, isWanted) = (system.HoldNext("a"), true);
        var first = SendAsync(door, "a");
        await Until.HoldsAsync(() => system.Asked("a") == 1);
        var (second, third) = (SendAsync(door, "b", goes: () => isWanted), SendAsync(door, "c"));
        isWanted = false;
        held.SetResult();
        Assert.Equal((ProfileOutcome.OnItsWay, ProfileOutcome.NotSent, ProfileOutcome.OnItsWay), ((await first).Outcome, (await second).Outcome, (await third).Outcome));
        Assert.Equal(0, system.Asked("b"));
    }

    [Fact]
    public async Task Whom_the_system_hung_on_later_is_known_until_it_answers_to_him()
    {
        await using var system = await ChargeSystem.StartAsync();
        using var door = To(system);
        foreach (var station in new[] { "a", "b" })
        {
            var held = system.HoldNext(station);
            var sent = SendAsync(door, station);
            await Until.HoldsAsync(() => system.Asked(station) == 1);
            _time.Advance(Duration.FromSeconds(5));
            await sent;
            held.SetResult();
        }

        Assert.Equal((1, 2, 0), (door.SilenceTo(Station("a")), door.SilenceTo(Station("b")), door.SilenceTo(Station("c"))));
        await SendAsync(door, "a");
        Assert.Equal((0, 2), (door.SilenceTo(Station("a")), door.SilenceTo(Station("b"))));
    }

    private CsmsClient To(ChargeSystem system, Instant? lastSent = null) => new(
        new CsmsPlan { Address = system.Address, Path = "/ocpp/2.0.1/smartcharging/setChargingProfile?identifier={station}&tenantId=1&callbackUrl={answers}", TokenFile = null, Version = OcppVersion.V201 },
        new ChargingProfile { Version = OcppVersion.V201 },
        TimeSpan.FromSeconds(5),
        _time,
        lastSent);

    private static Task<ProfileAnswer> SendAsync(CsmsClient client, string station, Instant? now = null, Func<bool>? goes = null) =>
        client.SendAsync(Station(station), Curve, now ?? Now, Nowhere, goes ?? (() => true), CancellationToken.None);

    private static ChargingStation Station(string id) => new() { Id = id, MaxA = 32, Phases = 1, HighestVolts = 250 };
}
