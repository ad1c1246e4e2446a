using System.Net;
using GridServices.Adapters.Service.Tests.Rig;
using GridServices.Contracts;
using GridServices.Testing;

namespace GridServices.Adapters.Service.Tests.Oscp;

/// <summary>A flexibility provider, at a real hub.</summary>
public sealed class OscpLineTests(HubAndBroker world) : IClassFixture<HubAndBroker>
{
    [Fact]
    public async Task It_is_registered_once_shaken_hands_with_and_told_what_holds_now_later_and_without_us()
    {
        var (site, folder, port) = (HubAndBroker.NewSite(), TestFolders.Make(), TestPorts.Next());
        await world.StateAsync(site, new Limits { ImportLimitW = 30_000, ChargeLimitW = 11_000, ExportLimitW = 2_000 });
        await using var provider = await FlexibilityProvider.StartAsync();
        await using (await StartAsync(provider, site, folder, port))
        {
            await Until.HoldsAsync(() => provider.Of("CONSUMPTION") is [11_000, 4_200] && provider.Of("GENERATION") is [2_000, 0] && provider.Of("FALLBACK_CONSUMPTION") is [4_200] && provider.Of("FALLBACK_GENERATION") is [0]);
            Assert.Equal("FALLBACK_CONSUMPTION", provider.Types.First());
            await Until.HoldsAsync(() => provider.Heartbeats.Count >= 2);
            await Until.HoldsAsync(() => world.ReceiptsAsync(site), receipts => receipts.Any(r => r.State == ReceiptState.Accepted));

            await world.StateAsync(site, new Limits { ImportLimitW = 3_000 });
            await Until.HoldsAsync(() => provider.Of("CONSUMPTION") is [3_000] && provider.Of("FALLBACK_CONSUMPTION") is [3_000] && provider.Of("GENERATION") is [50_000, 0]);
        }

        // What holds without us, at once.
        Assert.Equal([3_000], provider.Of("CONSUMPTION"));
        Assert.Equal([0], provider.Of("GENERATION"));
        Assert.Equal(1, provider.Registrations);

        // The registration outlives a restart; hands are shaken again.
        var shaken = provider.Handshakes;
        await using var again = await StartAsync(provider, site, folder, port);
        await Until.HoldsAsync(() => provider.Handshakes > shaken && provider.Of("GENERATION") is [50_000, 0]);
        Assert.Equal(1, provider.Registrations);
        TestFolders.Remove(folder);
    }

    [Fact]
    public async Task It_may_come_first_and_nobody_else_gets_in()
    {
        var (site, folder, port) = (HubAndBroker.NewSite(), TestFolders.Make(), TestPorts.Next());
        await using var provider = await FlexibilityProvider.StartAsync();
        await using var adapter = await StartAsync(provider, site, folder, port, comesFirst: true);
        var address = new Uri($"http://127.0.0.1:{port}/2.0");
        await Until.HoldsAsync(() => TellAsync("heartbeat", "{}", FlexibilityProvider.FirstToken), status => status == HttpStatusCode.Unauthorized);
        Assert.Equal(HttpStatusCode.Unauthorized, await TellAsync("register", provider.Registration(), "another"));
        Assert.Equal(HttpStatusCode.BadRequest, await TellAsync("register", "{}", FlexibilityProvider.FirstToken));
        Assert.Equal(HttpStatusCode.NoContent, await TellAsync("register", provider.Registration(), FlexibilityProvider.FirstToken));
        await Until.HoldsAsync(() => provider.Registrations == 1 && provider.Of("CONSUMPTION").Count > 0);

        // The first token opens nothing any more.
        Assert.Equal(HttpStatusCode.Unauthorized, await TellAsync("register", provider.Registration(), FlexibilityProvider.FirstToken));
        Assert.Equal(HttpStatusCode.NoContent, await provider.TellAsync("group_capacity_compliance_error", """{"message":"the cars are plugged in"}"""));
        Assert.Equal(HttpStatusCode.NoContent, await provider.TellAsync("adjust_group_capacity_forecast", "{}"));
        Assert.Equal(HttpStatusCode.BadRequest, await provider.TellAsync("switch_off", "{}"));
        TestFolders.Remove(folder);

        async Task<HttpStatusCode> TellAsync(string message, string body, string token)
        {
            try
            {
                return await provider.TellAsync(message, body, token, address);
            }
            catch (HttpRequestException)
            {
                return HttpStatusCode.ServiceUnavailable;
            }
        }
    }

    private Task<RunningAdapter> StartAsync(FlexibilityProvider provider, string site, string folder, int port, bool comesFirst = false)
    {
        File.WriteAllText(Path.Combine(folder, "first"), FlexibilityProvider.FirstToken);
        return RunningAdapter.StartAsync(
            null,
            [
                .. RunningAdapter.Common(world.Hub, world.TokenFile, site, "Oscp"), ("Oscp:TokenFile", Path.Combine(folder, "first")), ("Oscp:RegistrationFile", Path.Combine(folder, "registration.json")),
                ("Oscp:Listen", $"127.0.0.1:{port}"), ("Oscp:Address", $"http://127.0.0.1:{port}/2.0"), ("Oscp:GroupId", "depot"), ("Oscp:MostW", "50000"), ("Oscp:HeartbeatSeconds", "1"),
                .. comesFirst ? Array.Empty<(string, string?)>() : [("Oscp:RegisterUrl", new Uri(provider.Address, "register").ToString())],
            ]);
    }
}
