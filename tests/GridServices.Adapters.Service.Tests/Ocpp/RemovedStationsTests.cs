using System.Net;
using GridServices.Adapters.Ocpp;
using GridServices.Adapters.Service.Ocpp;
using GridServices.Adapters.Service.Sites;
using GridServices.Adapters.Service.Tests.Rig;
using GridServices.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace GridServices.Adapters.Service.Tests.Ocpp;

/// <summary>A station that is taken out of the settings still holds a profile of ours, which never ends by itself.</summary>
public sealed class RemovedStationsTests
{
    [Theory]
    [InlineData("1.6")]
    [InlineData("2.0.1")]
    public async Task It_is_named_at_each_start_until_it_is_cleared_and_then_never_again(string version)
    {
        var folder = TestFolders.Create();
        var file = Path.Combine(folder, "stations.json");
        await using var system = await ChargeSystem.StartAsync();
        Assert.Empty(await RunAsync(system, version, file, ["a", "b"], [], _ => system.FindAmperes("a") is not null && system.FindAmperes("b") is not null));

        Assert.Contains("station b is not in the settings any more", Assert.Single(await RunAsync(system, version, file, ["a"], [], said => said.Count > 0)), StringComparison.Ordinal);
        Assert.Equal((true, 0), (system.FindAmperes("b") is not null, system.AskedToClear("b")));

        system.Set("b", StationMood.Away);
        Assert.Contains("can't be cleared at station b", Assert.Single(await RunAsync(system, version, file, ["a"], ["b"], said => said.Count > 0)), StringComparison.Ordinal);
        Assert.NotNull(system.FindAmperes("b"));

        system.Set("b", StationMood.Accepts);
        Assert.Contains("station b holds charging profile 1 no longer", Assert.Single(await RunAsync(system, version, file, ["a"], ["b"], said => said.Count > 0)), StringComparison.Ordinal);
        Assert.Null(system.FindAmperes("b"));

        var asked = system.Asked("a");
        Assert.Empty(await RunAsync(system, version, file, ["a"], [], _ => system.Asked("a") > asked));
        Assert.NotNull(system.FindAmperes("a"));
        TestFolders.Remove(folder);
    }

    // "Unknown" is the word for it in all versions.
    [Fact]
    public async Task One_that_holds_nothing_is_done_at_once()
    {
        await using var system = await ChargeSystem.StartAsync();
        Assert.Contains("no longer", Assert.Single(await RunAsync(system, "2.0.1", null, ["a"], ["b"], said => said.Count > 0)), StringComparison.Ordinal);
        Assert.Equal(1, system.AskedToClear("b"));
    }

    // Both are asked after by what they were told, not by what the settings say since.
    [Fact]
    public async Task The_profile_that_it_was_told_is_cleared_though_the_settings_have_another_now()
    {
        var folder = TestFolders.Create();
        var file = Path.Combine(folder, "stations.json");
        await using var system = await ChargeSystem.StartAsync();
        await RunAsync(system, "2.0.1", file, ["a", "b"], [], _ => system.FindAmperes("a") is not null && system.FindAmperes("b") is not null);
        Assert.Contains("still holds charging profile 1,", Assert.Single(await RunAsync(system, "2.0.1", file, ["a"], [], said => said.Count > 0, Another)), StringComparison.Ordinal);
        Assert.Contains("station b holds charging profile 1 no longer", Assert.Single(await RunAsync(system, "2.0.1", file, ["a"], ["b"], said => said.Count > 0, Another)), StringComparison.Ordinal);
        Assert.Null(system.FindAmperes("b"));
        TestFolders.Remove(folder);

        static OcppPlan Another(OcppPlan plan) => plan with { Profile = plan.Profile with { Id = 2 } };
    }

    // There it is "Unknown", which says nothing of what it holds.
    [Fact]
    public async Task One_that_was_told_by_another_system_is_neither_cleared_nor_forgotten()
    {
        var folder = TestFolders.Create();
        var file = Path.Combine(folder, "stations.json");
        await using var system = await ChargeSystem.StartAsync();
        await using var other = await ChargeSystem.StartAsync();
        await RunAsync(system, "1.6", file, ["a", "b"], [], _ => system.FindAmperes("a") is not null && system.FindAmperes("b") is not null);
        for (var start = 0; start < 2; start++)
        {
            var said = Assert.Single(await RunAsync(other, "1.6", file, ["a"], ["b"], said => said.Count > 0 && other.FindAmperes("a") is not null));
            Assert.Contains($"told through {system.Address.ToString().TrimEnd('/')}", said, StringComparison.Ordinal);
        }

        Assert.Equal(0, other.AskedToClear("b"));
        Assert.Contains("station b holds charging profile 1 no longer", Assert.Single(await RunAsync(system, "1.6", file, ["a"], ["b"], said => said.Count > 0)), StringComparison.Ordinal);
        Assert.Null(system.FindAmperes("b"));
        TestFolders.Remove(folder);
    }

    private static async Task<IReadOnlyList<string>> RunAsync(
        ChargeSystem system, string version, string? file, string[] stations, string[] removed, Func<IReadOnlyList<string>, bool> until,
        Func<OcppPlan, OcppPlan>? change = null)
    {
        var listen = new IPEndPoint(IPAddress.Loopback, TestPorts.Next());
        var log = new CapturingLogger();
        await using var door = await CallbackServer.OpenAsync(listen, 4, CancellationToken.None);
        using var feed = new SiteFeed(Plans.Create("s"), TimeProvider.System, NullLogger.Instance);
        var plan = CreatePlan(system, version, listen, file, stations, removed);
        using var line = new OcppAdapter("a", change?.Invoke(plan) ?? plan, door, feed, Plans.Create("s").Rules, TimeProvider.System, log);
        using var end = Until.Deadline();
        var running = line.RunAsync(end.Token);
        await Until.HoldsAsync(() => until(Said()));
        await end.CancelAsync();
        await running;
        return Said();

        IReadOnlyList<string> Said() => [.. log.Lines.Where(line => new[] { "not in the settings", "cleared at", "no longer", "told through" }.Any(words => line.Contains(words, StringComparison.Ordinal)))];
    }

    private static OcppPlan CreatePlan(ChargeSystem system, string version, IPEndPoint listen, string? file, string[] stations, string[] removed)
    {
        var ocpp = version == "1.6" ? OcppVersion.V16 : OcppVersion.V201;
        return new()
        {
            Csms = new CsmsPlan
            {
                Address = system.Address,
                Path = $"/ocpp/{version}/smartcharging/setChargingProfile?identifier={{station}}&tenantId=1&callbackUrl={{answers}}",
                ClearPath = $"/ocpp/{version}/smartcharging/clearChargingProfile?identifier={{station}}&tenantId=1&callbackUrl={{answers}}",
                TokenFile = null,
                Version = ocpp,
            },
            Answers = new AnswersPlan(listen, new Uri($"http://{listen}")),
            Stations = [.. stations.Select(id => new ChargingStation { Id = id, MaxA = 32, Phases = 1, HighestVolts = 250 })],
            Removed = removed,
            StationsFile = file,
            Profile = new ChargingProfile { Version = ocpp },
            Every = TimeSpan.FromSeconds(1),
        };
    }
}
