using System.Net;
using GridServices.Adapters.Service.Tests.Rig;
using GridServices.Contracts;
using GridServices.Testing;

namespace GridServices.Adapters.Service.Tests.Ocpp;

/// <summary>Charging stations behind a charge-station system, at a real hub.</summary>
public sealed class StationsTests(HubAndBroker world) : IClassFixture<HubAndBroker>
{
    // At 250 V and one phase: 6 A are 1,500 W, 32 A are 8,000.
    [Theory]
    [InlineData("1.6")]
    [InlineData("2.0.1")]
    public async Task Stations_share_the_sites_limit_and_are_left_with_the_fail_safe_one(string version)
    {
        var site = HubAndBroker.NewSite();
        await world.StateAsync(site, new Limits { ImportLimitW = 12_000 });
        await using var system = await ChargeSystem.StartAsync();
        await using var adapter = await StartAsync(system, site, version);
        await Until.HoldsAsync(() => (system.FindAmperes("a"), system.FindAmperes("b")) == (24, 24));
        await Until.HoldsAsync(() => (Later(system, "a"), Later(system, "b")) == (8, 8));
        await Until.HoldsAsync(() => world.ReceiptsAsync(site), receipts => receipts.Any(r => r.State == ReceiptState.Accepted));

        // Not enough for both: the later one goes without.
        await world.StateAsync(site, new Limits { ImportLimitW = 2_900 });
        await Until.HoldsAsync(() => (system.FindAmperes("a"), system.FindAmperes("b")) == (11, 0));
        await Until.HoldsAsync(() => (Later(system, "a"), Later(system, "b")) == (11, 0));

        await world.WithdrawAsync(site);
        await Until.HoldsAsync(() => (system.FindAmperes("a"), system.FindAmperes("b")) == (32, 32));
        await adapter.DisposeAsync();
        Assert.Equal((8, 8), (system.FindAmperes("a"), system.FindAmperes("b")));
    }

    [Fact]
    public async Task Who_refuses_or_does_not_answer_counts_with_all_he_can_draw_and_the_hub_hears_no_receipt()
    {
        var site = HubAndBroker.NewSite();
        await world.StateAsync(site, new Limits { ImportLimitW = 12_000 });
        await using var system = await ChargeSystem.StartAsync();
        system.Set("a", StationMood.Rejects);
        await using var adapter = await StartAsync(system, site, "1.6");
        await Until.HoldsAsync(() => (system.FindAmperes("a"), system.FindAmperes("b")) == (null, 16));
        var before = system.Asked("a");
        await Until.HoldsAsync(() => system.Asked("a") > before + 1);
        Assert.DoesNotContain(await world.ReceiptsAsync(site), r => r.State == ReceiptState.Accepted);

        system.Set("a", StationMood.Silent);
        before = system.Asked("a");
        await Until.HoldsAsync(() => system.FindAmperes("a") == 24 && system.Asked("a") > before + 1);
        Assert.Equal(16, system.FindAmperes("b"));
        Assert.DoesNotContain(await world.ReceiptsAsync(site), r => r.State == ReceiptState.Accepted);

        system.Set("a", StationMood.Accepts);
        await Until.HoldsAsync(() => (system.FindAmperes("a"), system.FindAmperes("b")) == (24, 24));
        await Until.HoldsAsync(() => world.ReceiptsAsync(site), receipts => receipts.Any(r => r.State == ReceiptState.Accepted));

        // What it was told last counts when it goes away, and the other gets what that leaves.
        system.Set("a", StationMood.Away);
        await world.StateAsync(site, new Limits { ImportLimitW = 9_500 });
        await Until.HoldsAsync(() => system.FindAmperes("b") == 14);
        Assert.Equal(24, system.FindAmperes("a"));
    }

    // Without what was kept, the station that is away would count with all it can draw, and the other would get nothing.
    [Fact]
    public async Task Over_a_restart_a_station_that_is_away_counts_with_what_it_was_told()
    {
        var (site, folder) = (HubAndBroker.NewSite(), TestFolders.Create());
        var file = Path.Combine(folder, "stations.json");
        await world.StateAsync(site, new Limits { ImportLimitW = 7_000 });
        await using var system = await ChargeSystem.StartAsync();
        await using (await StartAsync(system, site, "1.6", file: file))
        {
            await Until.HoldsAsync(() => (system.FindAmperes("a"), system.FindAmperes("b")) == (14, 14));
            await Until.HoldsAsync(() => File.Exists(file) && !File.ReadAllText(file).Contains("\"Held\":null", StringComparison.Ordinal));
            system.Set("a", StationMood.Away);
        }

        // The orderly end did not reach it.
        Assert.Equal(14, system.FindAmperes("a"));
        await using var again = await StartAsync(system, site, "1.6", file: file);
        await Until.HoldsAsync(() => system.FindAmperes("b") == 14);
        Assert.Equal(14, system.FindAmperes("a"));
        TestFolders.Remove(folder);
    }

    // What is under way at the end may be looser than what is left behind, and would take its place.
    [Fact]
    public async Task The_last_word_overtakes_nothing_that_is_under_way()
    {
        var site = HubAndBroker.NewSite();
        await world.StateAsync(site, new Limits { ImportLimitW = 12_000 });
        await using var system = await ChargeSystem.StartAsync();
        await using var adapter = await StartAsync(system, site, "1.6");
        await Until.HoldsAsync(() => (system.FindAmperes("a"), system.FindAmperes("b")) == (24, 24));
        var (asked, held) = (system.Asked("a"), system.HoldNext("a"));
        await world.StateAsync(site, new Limits { ImportLimitW = 10_000 });
        await Until.HoldsAsync(() => system.Asked("a") > asked);
        var ending = adapter.DisposeAsync().AsTask();
        held.SetResult();
        await ending;
        Assert.Equal((8, 8, false), (system.FindAmperes("a"), system.FindAmperes("b"), system.WasLeft));
    }

    [Fact]
    public async Task Nobody_accepts_for_a_station_who_does_not_hold_its_ticket()
    {
        var site = HubAndBroker.NewSite();
        await using var system = await ChargeSystem.StartAsync();
        system.Set("a", StationMood.Rejects);
        var port = TestPorts.Next();
        await using var adapter = await StartAsync(system, site, "1.6", port);
        await Until.HoldsAsync(() => system.Asked("a") > 0);
        using var http = new HttpClient();
        foreach (var path in new[] { "answers/", "answers/00000000000000000000000000000000", "" })
        {
            using var accepted = new StringContent("""{"status":"Accepted"}""");
            using var answer = await http.PostAsync(new Uri($"http://127.0.0.1:{port}/{path}"), accepted);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
    }

    private Task<RunningAdapter> StartAsync(ChargeSystem system, string site, string version, int? port = null, string? file = null) => RunningAdapter.StartAsync(
        null,
        [
            .. RunningAdapter.Common(world.Hub, world.TokenFile, site, "Ocpp"), ("Ocpp:Version", version), ("Ocpp:Csms:Address", system.Address.ToString()), ("Ocpp:HighestVolts", "250"),
            ("Ocpp:Answers:Listen", $"127.0.0.1:{port ?? TestPorts.Next()}"), ("Ocpp:PatienceSeconds", "1"), ("Ocpp:ValidForSeconds", "900"), ("Ocpp:StationsFile", file),
            .. new[] { "a", "b" }.SelectMany((id, i) => new (string, string?)[] { ($"Ocpp:Stations:{i}:Id", id), ($"Ocpp:Stations:{i}:Phases", "1"), ($"Ocpp:Stations:{i}:MaxA", "32") }),
        ]);

    private static long? Later(ChargeSystem system, string station) => system.FindAmperes(station, days: 30);
}
