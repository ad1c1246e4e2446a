using System.Net;
using GridServices.Adapters.Lines;
using GridServices.Adapters.Oscp;
using GridServices.Adapters.Service.Oscp;
using GridServices.Adapters.Service.Sites;
using GridServices.Adapters.Service.Tests.Rig;
using GridServices.Contracts;
using GridServices.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;

namespace GridServices.Adapters.Service.Tests.Oscp;

/// <summary>A flexibility provider, at a real hub.</summary>
public sealed class OscpAdapterTests(HubAndBroker world) : IClassFixture<HubAndBroker>
{
    [Fact]
    public async Task It_is_registered_once_shaken_hands_with_and_told_what_holds_now_later_and_without_us()
    {
        var (site, folder, port) = (HubAndBroker.NewSite(), TestFolders.Create(), TestPorts.Next());
        await world.StateAsync(site, new Limits { ImportLimitW = 30_000, ChargeLimitW = 11_000, ExportLimitW = 2_000 });
        await using var provider = await FlexibilityProvider.StartAsync();
        await using (await StartAsync(provider, site, folder, port))
        {
            await Until.HoldsAsync(() => provider.GetCapacities("CONSUMPTION") is [11_000, 4_200] && provider.GetCapacities("GENERATION") is [2_000, 0] && provider.GetCapacities("FALLBACK_CONSUMPTION") is [4_200] && provider.GetCapacities("FALLBACK_GENERATION") is [0]);
            Assert.Equal("FALLBACK_CONSUMPTION", provider.Types.First());
            await Until.HoldsAsync(() => provider.Heartbeats.Count >= 2);
            await Until.HoldsAsync(() => world.ReceiptsAsync(site), receipts => receipts.Any(r => r.State == ReceiptState.Accepted));

            await world.StateAsync(site, new Limits { ImportLimitW = 3_000 });
            await Until.HoldsAsync(() => provider.GetCapacities("CONSUMPTION") is [3_000] && provider.GetCapacities("FALLBACK_CONSUMPTION") is [3_000] && provider.GetCapacities("GENERATION") is [50_000, 0]);
        }

        // What holds without us, at once.
        Assert.Equal([3_000], provider.GetCapacities("CONSUMPTION"));
        Assert.Equal([0], provider.GetCapacities("GENERATION"));
        Assert.Equal(1, provider.Registrations);

        // The registration outlives a restart; hands are shaken again.
        var shaken = provider.Handshakes;
        await using var again = await StartAsync(provider, site, folder, port);
        await Until.HoldsAsync(() => provider.Handshakes > shaken && provider.GetCapacities("GENERATION") is [50_000, 0]);
        Assert.Equal(1, provider.Registrations);
        TestFolders.Remove(folder);
    }

    [Fact]
    public async Task It_may_come_first_and_nobody_else_gets_in()
    {
        var (site, folder, port) = (HubAndBroker.NewSite(), TestFolders.Create(), TestPorts.Next());
        await using var provider = await FlexibilityProvider.StartAsync();
        await using var adapter = await StartAsync(provider, site, folder, port, comesFirst: true);
        var address = new Uri($"http://127.0.0.1:{port}/2.0");
        await Until.HoldsAsync(() => TellAsync("heartbeat", "{}", FlexibilityProvider.FirstToken), status => status == HttpStatusCode.Unauthorized);
        Assert.Equal(HttpStatusCode.Unauthorized, await TellAsync("register", provider.Registration(), "another"));
        Assert.Equal(HttpStatusCode.BadRequest, await TellAsync("register", "{}", FlexibilityProvider.FirstToken));
        Assert.Equal(HttpStatusCode.NoContent, await TellAsync("register", provider.Registration(), FlexibilityProvider.FirstToken));
        await Until.HoldsAsync(() => provider.Registrations == 1 && provider.GetCapacities("CONSUMPTION").Count > 0);

        // The first token opens nothing any more.
        Assert.Equal(HttpStatusCode.Unauthorized, await TellAsync("register", provider.Registration(), FlexibilityProvider.FirstToken));
        Assert.Equal(HttpStatusCode.NoContent, await provider.TellAsync("group_capacity_compliance_error", """{"message":"the cars are plugged in"}"""));
        Assert.Equal(HttpStatusCode.NoContent, await provider.TellAsync("adjust_group_capacity_forecast", "{}"));
        Assert.Equal(HttpStatusCode.BadRequest, await provider.TellAsync("switch_off", "{}"));
        Assert.InRange(await Crowd.AnsweredAsync(port, 150), 1, 149);
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

    [Fact]
    public async Task A_type_that_is_refused_keeps_no_other_back_and_no_heartbeat_hides_it()
    {
        var (site, folder, port) = (HubAndBroker.NewSite(), TestFolders.Create(), TestPorts.Next());
        await world.StateAsync(site, new Limits { ImportLimitW = 11_000, ExportLimitW = 2_000 });
        await using var provider = await FlexibilityProvider.StartAsync();
        provider.Refuse("FALLBACK_GENERATION");
        await using var adapter = await StartAsync(provider, site, folder, port);
        await Until.HoldsAsync(() => provider.GetCapacities("CONSUMPTION") is [11_000, 4_200] && provider.Asked("FALLBACK_GENERATION") >= 2);
        Assert.Empty(provider.Heartbeats);

        provider.Refuse("FALLBACK_GENERATION", refuses: false);
        await Until.HoldsAsync(() => provider.Heartbeats.Count >= 2);

        // Taken before is not taken now: the tighter one is refused, and the provider is to go to its fallback.
        provider.Refuse("CONSUMPTION");
        var before = provider.Asked("CONSUMPTION");
        await world.StateAsync(site, new Limits { ImportLimitW = 3_000 });
        await Until.HoldsAsync(() => provider.Asked("CONSUMPTION") > before);
        var beaten = provider.Heartbeats.Count;
        await Until.HoldsAsync(() => provider.Asked("CONSUMPTION") > before + 2);
        Assert.Equal((beaten, 3_000), (provider.Heartbeats.Count, provider.GetCapacities("FALLBACK_CONSUMPTION").Single()));
        TestFolders.Remove(folder);
    }

    [Fact]
    public async Task Who_says_that_it_cannot_keep_a_forecast_is_not_acknowledged_for_by_its_204()
    {
        var (site, folder, port) = (HubAndBroker.NewSite(), TestFolders.Create(), TestPorts.Next());
        await world.StateAsync(site, new Limits { ImportLimitW = 11_000 });
        await using var provider = await FlexibilityProvider.StartAsync();
        provider.CannotKeep = true;
        await using var adapter = await StartAsync(provider, site, folder, port);
        await Until.HoldsAsync(() => provider.Heartbeats.Count >= 3 && provider.GetCapacities("GENERATION").Count > 0);
        Assert.DoesNotContain(await world.ReceiptsAsync(site), r => r.State == ReceiptState.Accepted);

        // All that was sent since is taken without such a word.
        provider.CannotKeep = false;
        Assert.Equal(HttpStatusCode.NoContent, await provider.TellAsync("register", provider.Registration()));
        await Until.HoldsAsync(() => world.ReceiptsAsync(site), receipts => receipts.Any(r => r.State == ReceiptState.Accepted));
        Assert.Equal(1, provider.Registrations);
        TestFolders.Remove(folder);
    }

    // Our own registration did not arrive, so what comes by the first token is none that answers it.
    [Fact]
    public async Task A_provider_that_was_down_when_we_came_may_come_itself()
    {
        var (site, folder, port) = (HubAndBroker.NewSite(), TestFolders.Create(), TestPorts.Next());
        await using var provider = await FlexibilityProvider.StartAsync();
        provider.TakesNoRegistration = true;
        await using var adapter = await StartAsync(provider, site, folder, port);
        await Until.HoldsAsync(() => provider.Asked("/register") > 0);
        Assert.Equal(HttpStatusCode.NoContent, await provider.TellAsync("register", provider.Registration(), FlexibilityProvider.FirstToken, new Uri($"http://127.0.0.1:{port}/2.0")));
        await Until.HoldsAsync(() => provider.Registrations == 1 && provider.GetCapacities("CONSUMPTION").Count > 0);
        TestFolders.Remove(folder);
    }

    [Fact]
    public async Task A_lower_limit_does_not_wait_for_the_end_of_a_long_pause()
    {
        var (site, folder, port) = (HubAndBroker.NewSite(), TestFolders.Create(), TestPorts.Next());
        await world.StateAsync(site, new Limits { ImportLimitW = 11_000 });
        await using var provider = await FlexibilityProvider.StartAsync();
        provider.Refuse("CONSUMPTION");
        var time = new ManualTimeProvider();
        time.Advance(Duration.FromSeconds(1));
        using var end = Until.Deadline();
        using var feed = new SiteFeed(Plans.Create(site, world.Hub, (await File.ReadAllTextAsync(world.TokenFile)).Trim()), TimeProvider.System, NullLogger.Instance);
        using var line = new OscpAdapter("a", CreatePlan(provider, folder, port), feed, new SiteRules { FailsafeImportW = 4_200, FailsafeExportW = 0 }, time, NullLogger.Instance);
        Task[] running = [feed.RunAsync(end.Token), line.RunAsync(end.Token)];
        for (var failures = 1; failures <= 8; failures++)
        {
            await Until.HoldsAsync(() => provider.Asked("CONSUMPTION") >= failures && time.Waiting > 0);
            time.Advance(Duration.FromSeconds(60));
        }

        // The pause is a minute by now; no more than two seconds of it pass.
        await Until.HoldsAsync(() => provider.Asked("CONSUMPTION") >= 9 && time.Waiting > 0);
        provider.Refuse("CONSUMPTION", refuses: false);
        await world.StateAsync(site, new Limits { ImportLimitW = 3_000 });
        time.Advance(Duration.FromSeconds(2));
        await Until.HoldsAsync(() => provider.GetCapacities("CONSUMPTION") is [3_000]);
        await end.CancelAsync();
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        TestFolders.Remove(folder);
    }

    private static OscpPlan CreatePlan(FlexibilityProvider provider, string folder, int port)
    {
        File.WriteAllText(Path.Combine(folder, "first"), FlexibilityProvider.FirstToken);
        return new OscpPlan
        {
            RegisterUrl = new Uri(provider.Address, "register"),
            TokenFile = Path.Combine(folder, "first"),
            RegistrationFile = Path.Combine(folder, "registration.json"),
            Listen = new IPEndPoint(IPAddress.Loopback, port),
            Address = new Uri($"http://127.0.0.1:{port}/2.0"),
            Forecast = new CapacityForecast { GroupId = "depot", MostW = 50_000, Schedule = new() { ValidFor = Duration.FromHours(1) } },
        };
    }

    private Task<RunningAdapter> StartAsync(FlexibilityProvider provider, string site, string folder, int port, bool comesFirst = false, params (string, string?)[] more)
    {
        File.WriteAllText(Path.Combine(folder, "first"), FlexibilityProvider.FirstToken);
        return RunningAdapter.StartAsync(
            null,
            [
                .. RunningAdapter.Common(world.Hub, world.TokenFile, site, "Oscp"), ("Oscp:TokenFile", Path.Combine(folder, "first")), ("Oscp:RegistrationFile", Path.Combine(folder, "registration.json")),
                ("Oscp:Listen", $"127.0.0.1:{port}"), ("Oscp:Address", $"http://127.0.0.1:{port}/2.0"), ("Oscp:GroupId", "depot"), ("Oscp:MostW", "50000"), ("Oscp:HeartbeatSeconds", "1"), .. more,
                .. comesFirst ? Array.Empty<(string, string?)>() : [("Oscp:RegisterUrl", new Uri(provider.Address, "register").ToString())],
            ]);
    }

    // A portal's page, or a load balancer's: nobody behind it has heard anything.
    [Fact]
    public async Task A_page_of_something_between_is_no_yes()
    {
        var (site, folder, port) = (HubAndBroker.NewSite(), TestFolders.Create(), TestPorts.Next());
        await using var provider = await FlexibilityProvider.StartAsync();
        provider.Between = ("text/html", "<html>back in a minute</html>");
        await using var adapter = await StartAsync(provider, site, folder, port, comesFirst: true);
        await Until.HoldsAsync(() => RegisterAsync(provider, port), status => status == HttpStatusCode.NoContent);
        await Until.HoldsAsync(() => provider.Asked("before /2.0/register") >= 2);
        Assert.Equal(0, provider.Registrations);

        provider.Between = null;
        await Until.HoldsAsync(() => provider.Registrations == 1 && !provider.Heartbeats.IsEmpty);

        // JSON is the provider's own word, though the standard asks for 204.
        provider.Between = ("application/json", "{}");
        await Until.HoldsAsync(() => provider.Asked("before /2.0/heartbeat") >= 2);
        provider.Between = ("text/html", "<html>back in a minute</html>");
        var before = provider.Asked("before /2.0/update_group_capacity_forecast");
        await world.StateAsync(site, new Limits { ImportLimitW = 3_000 });
        await Until.HoldsAsync(() => provider.Asked("before /2.0/update_group_capacity_forecast") > before + 2);
        Assert.DoesNotContain(await world.ReceiptsAsync(site), r => r.State == ReceiptState.Accepted);
        TestFolders.Remove(folder);
    }

    [Fact]
    public async Task A_provider_without_fallback_and_generation_is_told_consumption_and_hears_heartbeats()
    {
        var (site, folder, port) = (HubAndBroker.NewSite(), TestFolders.Create(), TestPorts.Next());
        await world.StateAsync(site, new Limits { ImportLimitW = 11_000 });
        await using var provider = await FlexibilityProvider.StartAsync();
        string[] leftOut = ["FALLBACK_CONSUMPTION", "FALLBACK_GENERATION", "GENERATION"];
        Array.ForEach(leftOut, type => provider.Refuse(type));
        await using (await StartAsync(provider, site, folder, port, more: [.. leftOut.Select((type, i) => ($"Oscp:LeaveOutTypes:{i}", (string?)type))]))
        {
            await Until.HoldsAsync(() => provider.GetCapacities("CONSUMPTION") is [11_000, 4_200] && !provider.Heartbeats.IsEmpty);
            await Until.HoldsAsync(() => world.ReceiptsAsync(site), receipts => receipts.Any(r => r.State == ReceiptState.Accepted));
        }

        Assert.Equal([4_200], provider.GetCapacities("CONSUMPTION"));
        Assert.Equal([0, 0, 0], leftOut.Select(provider.Asked));
        TestFolders.Remove(folder);
    }

    private static async Task<HttpStatusCode> RegisterAsync(FlexibilityProvider provider, int port)
    {
        try
        {
            return await provider.TellAsync("register", provider.Registration(), FlexibilityProvider.FirstToken, new Uri($"http://127.0.0.1:{port}/2.0"));
        }
        catch (HttpRequestException)
        {
            return HttpStatusCode.ServiceUnavailable;
        }
    }
}
