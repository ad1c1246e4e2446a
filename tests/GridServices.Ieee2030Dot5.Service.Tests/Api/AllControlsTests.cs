using System.Globalization;
using System.Text.Json.Nodes;
using GridServices.Hosting.Auth;
using GridServices.Ieee2030Dot5.Service.Tests.Rig;

namespace GridServices.Ieee2030Dot5.Service.Tests.Api;

/// <summary><c>GET /v1/controls</c>.</summary>
public sealed class AllControlsTests
{
    private const string First = "11110000000000000000000000000001";
    private const string Second = "11110000000000000000000000000002";

    [Fact]
    public async Task Controls_of_all_clients_are_listed_by_their_start_page_by_page_for_the_sites_of_the_token()
    {
        await using var rig = await ServiceRig.StartAsync();
        await using var server = await TreeServer.StartAsync();
        server.Issue(server.Control(First, TreeServer.Limit("opModExpLimW", 5000), -5, 600), server.Control(Second, TreeServer.Limit("opModExpLimW", 4000), 3600, 600));
        await rig.PutAsync(ServiceRig.Path, new JsonObject
        {
            ["serverUrl"] = new Uri(server.Url, "/dcap").ToString(),
            ["siteId"] = "site-1",
            ["lfdi"] = TreeServer.Lfdi,
            ["pin"] = "111115",
            ["nameplate"] = new JsonObject { ["maxW"] = 10_000 },
            ["polling"] = new JsonObject { ["floor"] = "PT0.2S" },
        });
        await ServiceRig.UntilAsync(() => ItemsAsync(rig), items => items.Count == 2);

        var items = await ItemsAsync(rig);
        Assert.Equal([First, Second], items.Select(MRid));
        Assert.All(items, i => Assert.Equal(("site-1", "site-1"), (i["clientKey"]!.GetValue<string>(), i["control"]!["siteId"]!.GetValue<string>())));
        var page = await rig.GetAsync("/v1/controls?limit=1");
        Assert.Equal(First, MRid(Assert.Single(page["items"]!.AsArray())!));
        var rest = await rig.GetAsync("/v1/controls?limit=1&after=" + Uri.EscapeDataString(page["next"]!.GetValue<string>()));
        Assert.Equal((Second, null), (MRid(Assert.Single(rest["items"]!.AsArray())!), rest["next"]));
        var end = DateTimeOffset.Parse(items[0]["until"]!.GetValue<string>(), CultureInfo.InvariantCulture);
        Assert.Equal([Second], (await ItemsAsync(rig, $"?from={end:yyyy-MM-ddTHH:mm:ss.fffffff}Z")).Select(MRid));
        Assert.Equal([First], (await ItemsAsync(rig, $"?until={end:yyyy-MM-ddTHH:mm:ss.fffffff}Z")).Select(MRid));

        var elsewhere = await rig.Service.AddTokenAsync("elsewhere", Role.Customer, sites: ["site-2"]);
        var mine = await rig.Service.AddTokenAsync("mine", Role.ControllerVendor, sites: ["site-1"]);
        var stranger = await rig.Service.AddTokenAsync("stranger", Role.Operator, "other");
        Assert.Empty((await rig.SendAsync(HttpMethod.Get, "/v1/controls", token: elsewhere)).Body!["items"]!.AsArray());
        Assert.Equal(2, (await rig.SendAsync(HttpMethod.Get, "/v1/controls", token: mine)).Body!["items"]!.AsArray().Count);
        Assert.Empty((await rig.SendAsync(HttpMethod.Get, "/v1/controls", token: stranger)).Body!["items"]!.AsArray());
    }

    private static async Task<List<JsonNode>> ItemsAsync(ServiceRig rig, string query = "") => [.. (await rig.GetAsync("/v1/controls" + query))["items"]!.AsArray().Select(i => i!)];

    private static string MRid(JsonNode item) => item["control"]!["mRid"]!.GetValue<string>();
}
