using System.Net;
using System.Text.Json.Nodes;
using GridServices.FrequencyResponse.Service.Tests.Rig;

namespace GridServices.FrequencyResponse.Service.Tests.Api;

public sealed class RefusalTests
{
    [Fact]
    public async Task Every_fault_of_a_contract_is_named_with_its_place_and_how_to_mend_it()
    {
        await using var rig = await FrequencyRig.StartAsync();
        var (status, problem) = await rig.SendAsync(HttpMethod.Put, "/v1/contracts/c1", """
            { "service": "gb-dcl", "siteId": "site-1", "quantityW": 5, "quantityMw": 1, "windows": [], "assets": [ "nobody" ], "sources": [] }
            """);
        Assert.Equal(422, (int)status);
        var pointers = problem!["errors"]!.AsArray().Select(e => e!["pointer"]!.GetValue<string>()).ToHashSet();
        Assert.Superset(new HashSet<string> { "/service", "/quantityW", "/windows", "/assets/0", "/sources" }, pointers);
        Assert.Contains("did you mean GB-DCL", problem.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_asset_that_is_measured_too_slow_is_refused_by_name()
    {
        await using var rig = await FrequencyRig.StartAsync();
        await rig.PutAsync("/v1/sources/meter", FrequencyRig.UdpSource());
        await rig.PutAsync("/v1/assets/bess-1", rig.Battery(latencyMs: 4_000));
        var (status, problem) = await rig.SendAsync(HttpMethod.Put, "/v1/contracts/c1", FrequencyRig.Contract("GB-DCL").ToJsonString());
        Assert.Equal(422, (int)status);
        var fault = problem!["errors"]![0]!;
        Assert.Equal(("RESPOND", "/assets/0"), (fault["class"]!.GetValue<string>(), fault["pointer"]!.GetValue<string>()));
        Assert.Contains("bess-1", fault["detail"]!.GetValue<string>(), StringComparison.Ordinal);

        // The same asset is fast enough for a service that leaves half a minute.
        await rig.PutAsync("/v1/contracts/c1", FrequencyRig.Contract("GB-STATIC-FFR"));
    }

    /// <summary>No socket can be had to a broadcast address: the pool can't be made.</summary>
    [Fact]
    public async Task A_pool_that_can_not_be_made_says_why_and_leaves_the_others_alone()
    {
        await using var rig = await FrequencyRig.ArmedAsync();
        var battery = rig.Battery();
        battery["setpoint"]!["host"] = "255.255.255.255";
        await rig.PutAsync("/v1/assets/bess-2", battery);
        var contract = FrequencyRig.Contract("GB-DCL");
        contract["assets"] = new JsonArray("bess-2");
        await rig.PutAsync("/v1/contracts/c2", contract);
        Assert.Contains("can't be made and is tried again", (await rig.GetAsync("/v1/contracts/c2"))["refusal"]!.GetValue<string>(), StringComparison.Ordinal);

        // The loop that keeps the right to command goes on, and so does the other pool.
        await rig.PutAsync("/v1/assets/bess-2", rig.Battery());
        await rig.CommandsAsync("c2");
        Assert.Null((await rig.GetAsync("/v1/contracts/c2"))["refusal"]);
        await rig.CommandsAsync();
    }

    [Fact]
    public async Task A_change_that_would_break_a_contract_is_refused_and_what_is_used_is_not_deleted()
    {
        await using var rig = await FrequencyRig.ArmedAsync();
        var (status, problem) = await rig.SendAsync(HttpMethod.Put, "/v1/assets/bess-1", rig.Battery(watts: 10_000).ToJsonString());
        Assert.Equal(422, (int)status);
        Assert.Contains("contract c1", problem!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Conflict, (await rig.SendAsync(HttpMethod.Delete, "/v1/assets/bess-1")).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await rig.SendAsync(HttpMethod.Delete, "/v1/sources/meter")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await rig.SendAsync(HttpMethod.Delete, "/v1/contracts/c1", token: rig.Service.Tokens.Controller)).Status);
    }

    [Fact]
    public async Task A_stack_shares_its_assets_whole_and_its_curves_add_up()
    {
        await using var rig = await FrequencyRig.ArmedAsync("GB-DRL");
        await rig.PutAsync("/v1/assets/bess-2", rig.Battery());
        var apart = FrequencyRig.Contract("GB-DCL");
        apart["assets"] = new JsonArray("bess-1", "bess-2");
        var (status, problem) = await rig.SendAsync(HttpMethod.Put, "/v1/contracts/c2", apart.ToJsonString());
        Assert.Equal(409, (int)status);
        Assert.Contains("share all of them", problem!.ToJsonString(), StringComparison.Ordinal);
        var stacked = await rig.PutAsync("/v1/contracts/c2", FrequencyRig.Contract("GB-DCL"));
        Assert.Equal("bess-1", stacked["pool"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("/v1/samples", "{\"hz\":50,\"src\":\"m\",\"voltge\":1}", "voltage")]
    [InlineData("/v1/evaluate", "{\"points\":[{\"service\":\"GB-DCL\",\"frequencyHZ\":50}]}", "frequencyHz")]
    public async Task An_unknown_member_is_refused_with_the_nearest_known_word(string path, string body, string near)
    {
        await using var rig = await FrequencyRig.StartAsync();
        var (status, problem) = await rig.SendAsync(HttpMethod.Post, path, body, rig.Service.Tokens.Controller);
        Assert.True((int)status is >= 400 and < 500);
        Assert.Contains($"did you mean {near}?", problem!.ToJsonString().Replace("\\u0027", "'", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_baseline_that_contract_and_chargers_state_differently_is_refused_by_name()
    {
        await using var rig = await FrequencyRig.StartAsync();
        await rig.PutAsync("/v1/sources/meter", FrequencyRig.UdpSource());
        await rig.PutAsync("/v1/assets/ev-1", JsonNode.Parse("""{ "siteId": "site-1", "kind": "ev", "chargeMaxW": 11040, "baselineW": 5520, "latencyMs": 100, "rampWPerS": 100000 }""")!);
        var contract = FrequencyRig.Contract("GB-STATIC-FFR", 3_000);
        contract["assets"] = new JsonArray("ev-1");
        contract["baselineW"] = 11_040;
        var (status, problem) = await rig.SendAsync(HttpMethod.Put, "/v1/contracts/c1", contract.ToJsonString());
        Assert.Equal(422, (int)status);
        Assert.Contains("ev-1 5520 W", problem!.ToJsonString(), StringComparison.Ordinal);

        // The same said twice is said once.
        contract["baselineW"] = 5_520;
        await rig.PutAsync("/v1/contracts/c1", contract);
        await FrequencyRig.UntilAsync(() => rig.StateAsync(), s => s["pool"]!["baselineW"]!.GetValue<double>() == 5_520);
    }

    [Fact]
    public async Task Steps_that_can_not_keep_the_band_are_said_with_their_numbers()
    {
        await using var rig = await FrequencyRig.StartAsync();
        await rig.PutAsync("/v1/sources/meter", FrequencyRig.UdpSource());
        await rig.PutAsync("/v1/assets/ev-1", JsonNode.Parse("""{ "siteId": "site-1", "kind": "ev", "chargeMaxW": 11040, "baselineW": 4140, "latencyMs": 100, "rampWPerS": 100000, "steps": {} }""")!);
        await rig.PutAsync("/v1/assets/ev-2", JsonNode.Parse("""{ "siteId": "site-1", "kind": "ev", "chargeMaxW": 3680, "baselineW": 1380, "phases": "l1", "latencyMs": 100, "rampWPerS": 100000, "steps": {} }""")!);
        var contract = FrequencyRig.Contract("GB-STATIC-FFR", 3_000);
        contract["assets"] = new JsonArray("ev-1", "ev-2");
        var put = await rig.PutAsync("/v1/contracts/c1", contract);
        Assert.Contains("largest step", put["warnings"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("4140 W", put["warnings"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signal_to_a_contract_that_follows_none_is_refused()
    {
        await using var rig = await FrequencyRig.ArmedAsync("GB-STATIC-FFR");
        Assert.Equal(422, (int)(await rig.SendAsync(HttpMethod.Post, "/v1/contracts/c1/signal", """{"pu":0.5}""")).Status);
        Assert.Equal(204, (int)(await rig.SendAsync(HttpMethod.Post, "/v1/contracts/c1/signal", """{"recalled":false}""")).Status);
    }

    [Fact]
    public async Task Evaluation_answers_points_and_refuses_nonsense_by_name()
    {
        await using var rig = await FrequencyRig.StartAsync();
        var (_, answer) = await rig.SendAsync(HttpMethod.Post, "/v1/evaluate", """
            {"points":[{"service":"GB-DCL","frequencyHz":49.25},{"service":"IEEE1547-CAT-DEFAULT","frequencyHz":60.4,"prePu":0.7,"availablePu":0.9,"minPu":0},
              {"stackMw":{"GB-DCL":20,"GB-DRL":5},"frequencyHz":49.7}]}
            """);
        Assert.Equal(1.0, answer!["points"]![0]!["pu"]!.GetValue<double>(), 6);
        Assert.Equal(0.7 - (0.364 / 3), answer["points"]![1]!["pu"]!.GetValue<double>(), 6);

        // DCL at 49.7 Hz is a third of the way from 5 % at 49.8 to 100 % at 49.5; DRL is full from 49.8 down.
        Assert.Equal((20 * (0.05 + (0.95 / 3))) + 5, answer["points"]![2]!["mw"]!.GetValue<double>(), 6);
        var (status, problem) = await rig.SendAsync(HttpMethod.Post, "/v1/evaluate", """{"points":[{"service":"GB-DCL","frequencyHz":0}]}""");
        Assert.Equal(422, (int)status);
        Assert.Equal("/points/0/frequencyHz", problem!["pointer"]!.GetValue<string>());
        Assert.Equal(404, (int)(await rig.SendAsync(HttpMethod.Post, "/v1/evaluate", """{"points":[{"service":"NOBODY","frequencyHz":50}]}""")).Status);
    }
}
