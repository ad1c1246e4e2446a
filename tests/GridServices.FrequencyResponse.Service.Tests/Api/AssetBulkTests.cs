using System.Text.Json.Nodes;
using GridServices.FrequencyResponse.Service.Tests.Rig;

namespace GridServices.FrequencyResponse.Service.Tests.Api;

public sealed class AssetBulkTests
{
    [Fact]
    public async Task Many_assets_are_made_and_changed_at_once_or_none_of_them_is()
    {
        await using var rig = await FrequencyRig.ArmedAsync();
        var assets = new JsonArray([.. Enumerable.Range(1, 300).Select(i => (JsonNode)new JsonObject { ["assetId"] = $"b-{i:000}", ["asset"] = rig.Battery() })]);
        var done = await rig.PutAsync("/v1/assets", new JsonObject { ["assets"] = assets });
        Assert.Equal((300, "b-001", "created"), (done["items"]!.AsArray().Count, (string)done["items"]![0]!["assetId"]!, (string)done["items"]![0]!["status"]!));

        // The same again changes nothing, and what is listed comes by pages.
        var again = await rig.PutAsync("/v1/assets", new JsonObject { ["assets"] = new JsonArray(Entry("b-001", rig.Battery()), Entry("b-002", rig.Battery(latencyMs: 200))) });
        Assert.Equal(["unchanged", "changed"], again["items"]!.AsArray().Select(i => (string)i!["status"]!));

        // A fault anywhere, a name twice, or a contract that could not be kept: nothing is done.
        var (status, problem) = await rig.SendAsync(HttpMethod.Put, "/v1/assets", Body(Entry("new-1", rig.Battery()), Entry("new-1", rig.Battery()), Entry("..", rig.Battery(watts: -5))));
        Assert.Equal(422, (int)status);
        Assert.Superset(new HashSet<string> { "/assets/1/assetId", "/assets/2/assetId" }, problem!["errors"]!.AsArray().Select(e => (string)e!["pointer"]!).ToHashSet());
        var (broken, why) = await rig.SendAsync(HttpMethod.Put, "/v1/assets", Body(Entry("new-1", rig.Battery()), Entry("bess-1", rig.Battery(watts: 10_000))));
        Assert.Equal(422, (int)broken);
        Assert.Contains("contract c1", why!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(404, (int)(await rig.SendAsync(HttpMethod.Get, "/v1/assets/new-1")).Status);
        Assert.Equal(403, (int)(await rig.SendAsync(HttpMethod.Put, "/v1/assets", Body(Entry("new-1", rig.Battery())), token: rig.Service.Tokens.Controller)).Status);
    }

    private static JsonObject Entry(string id, JsonNode asset) => new JsonObject { ["assetId"] = id, ["asset"] = asset };

    private static string Body(params JsonNode[] entries) => new JsonObject { ["assets"] = new JsonArray(entries) }.ToJsonString();
}
