using System.Text.Json.Nodes;
using GridServices.FrequencyResponse.Service.Tests.Rig;

namespace GridServices.FrequencyResponse.Service.Tests.Registry;

public sealed class ResponseRulesTests
{
    private static readonly (string Service, string Member, string Pointer)[] Refused =
    [
        ("CE-FCR", """ "overDelivery": 2.5 """, "/overDelivery"),
        ("CE-FCR", """ "overDelivery": 0.9 """, "/overDelivery"),
        ("GB-STATIC-FFR", """ "overDelivery": 1.1 """, "/overDelivery"),
        ("CE-FCR", """ "relaySteps": 6 """, "/relaySteps"),
        ("CE-FCR", """ "relaySteps": -7 """, "/relaySteps"),
        ("GB-STATIC-FFR", """ "relaySteps": 10 """, "/relaySteps"),
        ("CE-FCR", """ "relaySteps": 10, "overDelivery": 1.2 """, "/overDelivery"),
        ("CE-FCR", """ "relaySteps": 10, "freedom": {} """, "/freedom/overFulfilment"),
        ("GB-DCL", """ "freedom": {} """, "/freedom"),
        ("CE-FCR", """ "freedom": { "overFulfilment": 1.3 } """, "/freedom/overFulfilment"),
        ("CE-FCR", """ "freedom": { "deadbandUseHz": 0.02 } """, "/freedom/deadbandUseHz"),
        ("CE-FCR", """ "freedom": { "activationSeconds": 0 } """, "/freedom/activationSeconds"),
        ("CE-FCR", """ "freedom": { "targetSocPercent": 101 } """, "/freedom/targetSocPercent"),
        ("CE-FCR", """ "freedom": { "bandSocPercent": 51 } """, "/freedom/bandSocPercent"),
        ("CE-FCR", """ "freedom": { "bandSoc": 0.05 } """, "/freedom/bandSoc"),
        ("CE-FCR", """ "switched": {} """, "/switched"),
        ("GB-STATIC-FFR", """ "switched": { "triggerHz": 50.3 } """, "/switched/triggerHz"),
        ("GB-STATIC-FFR", """ "switched": { "supportSeconds": 5 } """, "/switched/supportSeconds"),
        ("GB-STATIC-FFR", """ "switched": { "longestSupportSeconds": 3600 } """, "/switched/longestSupportSeconds"),
        ("GB-STATIC-FFR", """ "switched": { "releaseHz": 49.6 } """, "/switched/releaseHz"),
        ("GB-STATIC-FFR", """ "switched": { "rearmHz": 50.1 } """, "/switched/rearmHz"),
        ("GB-STATIC-FFR", """ "switched": { "rearmSeconds": -1 } """, "/switched/rearmSeconds"),
        ("NORDIC-FFR-49.7", """ "switched": { "releasePuPerSecond": 0.5 } """, "/switched/releasePuPerSecond"),
        ("RELAY-3", """ "switched": { "triggerHz": 49.7 } """, "/switched/triggerHz"),
        ("CE-FCR", """ "signal": {} """, "/signal"),
        ("PJM-REGULATION", """ "signal": { "lostAfterSeconds": 1 } """, "/signal/lostAfterSeconds"),
        ("PJM-REGULATION", """ "signal": { "holdSeconds": 901 } """, "/signal/holdSeconds"),
        ("PJM-REGULATION", """ "signal": { "rampSeconds": 0 } """, "/signal/rampSeconds"),
        ("RELAY-3", """ "switched": { "supportSeconds": 20, "releaseHz": 49.9, "longestSupportSeconds": 10 } """, "/switched/longestSupportSeconds"),
    ];

    [Fact]
    public async Task What_a_service_does_not_do_is_refused_at_its_place()
    {
        await using var rig = await StartAsync();
        foreach (var (service, members, pointer) in Refused)
        {
            var (status, problem) = await rig.SendAsync(HttpMethod.Put, "/v1/contracts/c1", Contract(service, members).ToJsonString());
            Assert.True((int)status is 400 or 409 or 422, $"{service} {members}: {(int)status} {problem}");
            Assert.Contains(pointer, problem!["errors"]!.AsArray().Select(e => e!["pointer"]!.GetValue<string>()));
        }
    }

    [Theory]
    [InlineData("CE-FCR", """ "freedom": { "overFulfilment": 1.1, "activationSeconds": 20, "targetSocPercent": 60 } """)]
    [InlineData("CE-FCR", """ "relaySteps": 7, "freedom": { "overFulfilment": 1 } """)]
    [InlineData("CE-FCR", """ "overDelivery": 1.2 """)]
    [InlineData("GB-STATIC-FFR", """ "switched": { "triggerHz": 49.6, "supportSeconds": 3600, "releasePuPerSecond": 0.1, "rearmSeconds": 7200, "rearmHz": 49.9 } """)]
    [InlineData("NORDIC-FFR-49.7", """ "switched": { "supportSeconds": 30, "releasePuPerSecond": 0.1 } """)]
    [InlineData("PJM-REGULATION", """ "signal": { "lostAfterSeconds": 6, "holdSeconds": 30, "rampSeconds": 60 } """)]
    [InlineData("RELAY-3", """ "switched": { "triggerHz": 49.6, "supportSeconds": 0.5, "releaseHz": 49.9, "longestSupportSeconds": 60 } """)]
    public async Task What_a_service_does_is_taken_and_shown_again(string service, string members)
    {
        await using var rig = await StartAsync();
        await rig.PutAsync("/v1/contracts/c1", Contract(service, members));
        var shown = (await rig.GetAsync("/v1/contracts/c1"))["contract"] ?? await rig.GetAsync("/v1/contracts/c1");
        foreach (var (name, value) in JsonNode.Parse($"{{{members}}}")!.AsObject())
        {
            Assert.Contains(name, shown.ToJsonString(), StringComparison.Ordinal);
            foreach (var (inner, number) in value as JsonObject ?? [])
            {
                Assert.Contains($"\"{inner}\":{number!.ToJsonString()}", shown.ToJsonString(), StringComparison.Ordinal);
            }
        }
    }

    private static async Task<FrequencyRig> StartAsync()
    {
        var rig = await FrequencyRig.StartAsync();
        await rig.PutAsync("/v1/sources/meter", FrequencyRig.UdpSource());
        await rig.PutAsync("/v1/assets/bess-1", rig.Battery());
        return rig;
    }

    private static JsonObject Contract(string service, string members)
    {
        var contract = FrequencyRig.Contract(service);
        if (service == "RELAY-3")
        {
            contract.Remove("service");
            contract["custom"] = JsonNode.Parse("""{ "id": "RELAY-3", "nominalHz": 50, "triggerHz": 49.6, "direction": "raise", "numbers": { "durationSeconds": 5 } }""");
        }

        foreach (var (name, value) in JsonNode.Parse($"{{{members}}}")!.AsObject())
        {
            contract[name] = value?.DeepClone();
        }

        return contract;
    }
}
