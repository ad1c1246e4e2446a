using GridServices.Adapters.Service.Tests.Rig;
using GridServices.Contracts;
using GridServices.Testing.Mqtt;
using GridServices.Testing;
using NodaTime;

namespace GridServices.Adapters.Service.Tests.Mqtt;

/// <summary>Numbers and relays at a real mosquitto, from a real hub.</summary>
public sealed class ScalarTests(HubAndBroker world) : IClassFixture<HubAndBroker>
{
    [Fact]
    public async Task Limits_of_the_hub_stand_at_the_topics_in_each_readers_words()
    {
        var site = HubAndBroker.NewSite();
        await world.StateAsync(site, new Limits { ImportLimitW = 30_000 });
        using var reader = await Reader.ConnectAsync(world.Broker, $"{site}/#");
        await using var adapter = await StartAsync(site);
        await StandAsync(reader, site, evcc: "30000", home: "30", export: "9000", k60: "OFF", k0: "OFF");
        await reader.StandsAsync($"{site}/known", "1");
        await reader.StandsAsync($"{site}/online", "1");

        await world.StateAsync(site, new Limits { ImportLimitW = 0, ExportLimitW = 6_500 });
        await StandAsync(reader, site, evcc: "1", home: "0", export: "6500", k60: "ON", k0: "OFF");

        await world.StateAsync(site, new Limits { ExportLimitW = 100 });
        await StandAsync(reader, site, evcc: "0", home: "", export: "100", k60: "OFF", k0: "ON");
    }

    [Fact]
    public async Task A_broker_that_lost_everything_is_told_everything_again()
    {
        await using var broker = await MosquittoProcess.StartAsync();
        var site = HubAndBroker.NewSite();
        await world.StateAsync(site, new Limits { ImportLimitW = 20_000 });
        await using var adapter = await StartAsync(site, broker);
        using (var before = await Reader.ConnectAsync(broker, $"{site}/#"))
        {
            await before.StandsAsync($"{site}/home", "20");
        }

        await broker.GoAsync();
        await world.StateAsync(site, new Limits { ImportLimitW = 10_000 });
        await broker.ComeAsync();
        using (var first = await Reader.ConnectAsync(broker, $"{site}/#"))
        {
            await first.StandsAsync($"{site}/home", "10");
        }

        using var after = await Reader.ConnectAsync(broker, $"{site}/#");
        await after.StandsAsync($"{site}/home", "10");
        Assert.DoesNotContain("20", after.GetMessages($"{site}/home"));
    }

    [Fact]
    public async Task An_orderly_end_leaves_fail_safe_and_offline_behind()
    {
        var site = HubAndBroker.NewSite();
        await world.StateAsync(site, new Limits { ImportLimitW = 30_000 });
        using var reader = await Reader.ConnectAsync(world.Broker, $"{site}/#");
        await using (await StartAsync(site))
        {
            await reader.StandsAsync($"{site}/home", "30");
        }

        await StandAsync(reader, site, evcc: "4200", home: "4.2", export: "0", k60: "OFF", k0: "ON");
        await reader.StandsAsync($"{site}/online", "0");
    }

    [Fact]
    public async Task A_hub_that_dies_leads_to_what_the_stream_says_of_silence_and_to_fail_safe_where_nobody_says_anything()
    {
        var site = HubAndBroker.NewSite();
        var hub = await HubAndBroker.StartHubAsync();
        var token = Path.Combine(Path.GetDirectoryName(hub.Tokens.File)!, "controller.token");
        await File.WriteAllTextAsync(token, hub.Tokens.Controller);
        var after = Duration.FromSeconds(2);
        await HubAndBroker.StateAsync(hub, site, new Limits { ImportLimitW = 30_000 }, new Failsafe { StaleAfter = after, OnStale = OnStale.HoldSchedule }, 1);
        using var reader = await Reader.ConnectAsync(world.Broker, $"{site}/#");
        await using var adapter = await StartAsync(site, null, hub.Address, token, after);
        await StandAsync(reader, site, evcc: "30000", home: "30", export: "9000", k60: "OFF", k0: "OFF");

        await hub.DisposeAsync();
        await StandAsync(reader, site, evcc: "30000", home: "30", export: "0", k60: "OFF", k0: "ON");
        await reader.StandsAsync($"{site}/known", "0");
        await reader.StandsAsync($"{site}/state", "holding");
    }

    [Fact]
    public async Task Before_the_hub_has_said_anything_fail_safe_stands_there()
    {
        var site = HubAndBroker.NewSite();
        using var reader = await Reader.ConnectAsync(world.Broker, $"{site}/#");
        await using var adapter = await StartAsync(site, null, new Uri($"http://127.0.0.1:{TestPorts.Next()}"));
        await StandAsync(reader, site, evcc: "4200", home: "4.2", export: "0", k60: "OFF", k0: "ON");
        await reader.StandsAsync($"{site}/state", "init");
    }

    private Task<RunningAdapter> StartAsync(string site, MosquittoProcess? broker = null, Uri? hub = null, string? token = null, Duration? staleAfter = null) => RunningAdapter.StartAsync(
        staleAfter,
        [
            .. RunningAdapter.Common(hub ?? world.Hub, token ?? world.TokenFile, site, "Mqtt"),
            ("Broker:Address", $"mqtt://127.0.0.1:{(broker ?? world.Broker).Port}"), ("Broker:ClientId", $"c-{site}"), ("BaseTopic", site),
            ("Topics:0:Topic", $"{site}/evcc"), ("Topics:0:Quantity", "ImportLimitW"), ("Topics:0:ZeroMeansUnlimited", "true"), ("Topics:0:NoLimit", "Zero"),
            ("Topics:1:Topic", $"{site}/home"), ("Topics:1:Quantity", "importLimitW"), ("Topics:1:Unit", "kW"),
            ("Topics:2:Topic", $"{site}/export"), ("Topics:2:Quantity", "ExportLimitW"), ("Topics:2:MostW", "9000"),
            ("Contacts:0:Quantity", "ProductionW"), ("Contacts:0:FullW", "10000"), ("Contacts:0:Stages:0:Percent", "100"),
            ("Contacts:0:Stages:1:Percent", "60"), ("Contacts:0:Stages:1:Topic", $"{site}/k60"), ("Contacts:0:Stages:2:Percent", "0"), ("Contacts:0:Stages:2:Topic", $"{site}/k0"),
        ]);

    private static async Task StandAsync(Reader reader, string site, string evcc, string home, string export, string k60, string k0)
    {
        foreach (var (topic, text) in new[] { ("evcc", evcc), ("home", home), ("export", export), ("k60", k60), ("k0", k0) })
        {
            await reader.StandsAsync($"{site}/{topic}", text);
        }
    }
}
