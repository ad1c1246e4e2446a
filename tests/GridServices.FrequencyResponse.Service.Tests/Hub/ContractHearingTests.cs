using System.Text.Json.Nodes;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Service.Hub;
using GridServices.FrequencyResponse.Service.Tests.Rig;
using GridServices.Hosting.Hub;
using Microsoft.Extensions.DependencyInjection;

namespace GridServices.FrequencyResponse.Service.Tests.Hub;

/// <summary>
/// A service whose store may have been put back composes anew from the contracts that it has stored as time moves on: such a word is of this start
/// (fresh), and still nobody was heard and nobody spoke. It must not be raised above what the hub holds.
/// </summary>
public sealed class ContractHearingTests
{
    [Fact]
    public async Task What_is_composed_anew_from_stored_contracts_counts_once_it_is_measured_or_stated_since_the_start()
    {
        await using var rig = await FrequencyRig.ArmedAsync();
        await rig.PutAsync("/v1/assets/bess-2", Second(rig));
        await rig.PutAsync("/v1/contracts/c2", Instructed());
        await rig.PutAsync("/v1/assets/bess-3", Second(rig));
        await rig.PutAsync("/v1/contracts/c3", Instructed("bess-3"));
        Assert.All(new[] { "c1", "c2", "c3" }, contract => Assert.Null(WhyUnheard(rig, contract)));

        await rig.StopServiceAsync();
        await rig.StartServiceAsync();
        Assert.Contains("no frequency", WhyUnheard(rig, "c1")!.Replace("valid ", string.Empty, StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("not instructed", WhyUnheard(rig, "c2"), StringComparison.Ordinal);
        Assert.Contains("No contract", WhyUnheard(rig, "gone"), StringComparison.Ordinal);

        // The frequency is heard, a person puts the contract again, the grid operator instructs, a person ends it: each is a word of now.
        await rig.FindMeterAsync();
        await rig.MeasureUntilAsync(_ => 50, () => WhyUnheard(rig, "c1") is null);
        Assert.NotNull(WhyUnheard(rig, "c2"));
        await rig.PutAsync("/v1/contracts/c2", Instructed());
        Assert.Null(WhyUnheard(rig, "c2"));
        await rig.SendAsync(HttpMethod.Post, "/v1/contracts/c3/instructions/early/cease", """{"sequence":1}""");
        Assert.Null(WhyUnheard(rig, "c3"));
        await rig.StopServiceAsync();
        await rig.StartServiceAsync();
        Assert.NotNull(WhyUnheard(rig, "c2"));

        // The same again is of before, and what is refused is not followed.
        await rig.SendAsync(HttpMethod.Post, "/v1/contracts/c3/instructions/early/cease", """{"sequence":1}""");
        await rig.SendAsync(HttpMethod.Post, "/v1/contracts/c3/instructions/early/cease", """{"sequence":0}""");
        Assert.NotNull(WhyUnheard(rig, "c3"));
        await rig.SendAsync(HttpMethod.Delete, "/v1/contracts/c2");
        Assert.Null(WhyUnheard(rig, "c2"));
    }

    private static string? WhyUnheard(FrequencyRig rig, string contract) =>
        rig.Service.App.Services.GetRequiredService<IStreamHearing>().WhyUnheard(new SpokenStream("default", "site-1", new StreamId(OtherLimits.OurService, contract), IsFresh: true));

    private static JsonObject Second(FrequencyRig rig)
    {
        var battery = rig.Battery();
        battery["setpoint"]!["number"] = 8;
        return battery;
    }

    private static JsonObject Instructed(string asset = "bess-2") => JsonNode.Parse($$"""
        { "custom": { "id": "RESERVE-X", "nominalHz": 50, "kind": "instruction", "direction": "raise", "numbers": { "fullActivationSeconds": 60, "rampSeconds": 30 } },
          "siteId": "site-1", "quantityW": 50000, "windows": [ { "from": "2026-01-01T00:00:00Z", "until": null } ], "assets": [ "{{asset}}" ], "sources": [ "meter" ] }
        """)!.AsObject();
}
