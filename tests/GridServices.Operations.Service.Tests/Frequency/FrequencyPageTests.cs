using GridServices.FrequencyResponse.Service;
using GridServices.Operations.Access;
using GridServices.Operations.Service.Tests.Pages;
using GridServices.Operations.Service.Tests.Provisioning;
using GridServices.Testing;

namespace GridServices.Operations.Service.Tests.Frequency;

/// <summary>The pages over a running FrequencyResponse service, and without one.</summary>
public sealed class FrequencyPageTests
{
    [Fact]
    public async Task A_contract_shows_what_it_does_and_what_is_not_known_and_only_for_sites_that_are_seen()
    {
        await using var frequency = await ServiceApp.StartAsync(FrequencyResponseApp.Build, null, "--Hub:Url=http://127.0.0.1:9", "--Hub:Token=x");
        using var http = frequency.Client(frequency.Tokens.Operator);
        await OtherServices.PutAsync(http, "/v1/sources/meter", """{ "kind": "http", "period": "PT0.05S", "path": "PT0.1S" }""");
        await OtherServices.PutAsync(http, "/v1/assets/bess-1", """{ "siteId": "depot-a", "kind": "bess", "chargeMaxW": 50000, "dischargeMaxW": 50000, "energyWh": 100000, "socPercent": 50, "latencyMs": 100, "rampWPerS": 1000000 }""");
        await OtherServices.PutAsync(http, "/v1/contracts/dcl-1", """
            { "service": "GB-DCL", "siteId": "depot-a", "quantityW": 30000, "windows": [ { "from": "2026-11-01T00:00:00Z", "until": null } ], "assets": [ "bess-1" ], "sources": [ "meter" ],
              "connection": { "importW": 100000, "exportW": 100000 }, "price": { "currency": "GBP", "perMwHour": 4.5 }, "honourLimits": false }
            """);
        await using var service = await OperationsUnderTest.StartAsync(null, null, [.. OtherServices.Nowhere.Where(a => !a.Contains("FrequencyResponse", StringComparison.Ordinal)), $"--Services:FrequencyResponse:Url={frequency.Address}", $"--Services:FrequencyResponse:Token={frequency.Tokens.Operator}"]);
        var customer = await service.CustomerAsync();
        await service.SiteAsync(customer, "depot-a");
        await service.SiteAsync(customer, "depot-b");
        using var person = await Visitor.SignedInAsync(service, UserRole.Analyst);
        Assert.Contains("/frequency/dcl-1\"", await person.HtmlAsync("/frequency"), StringComparison.Ordinal);
        var shown = await person.DocumentAsync("/frequency/dcl-1");
        Assert.Equal(("GB-DCL", 30_000), ((string)shown["picture"]!["contract"]!["service"]!, (long)shown["picture"]!["contract"]!["quantityW"]!));
        Assert.Equal((49.985m, null), ((decimal)shown["picture"]!["deadBand"]!["lowHz"]!, shown["picture"]!["deadBand"]!["highHz"]));

        // No sample ever came: the meter is silent, and nothing of it reads as well.
        Assert.Contains(shown["alarms"]!.AsArray(), a => (string)a!["code"]! == "frequencySilent");
        Assert.NotNull(shown["picture"]!["state"]!["phase"]);
        var page = await person.HtmlAsync("/frequency/dcl-1?minutes=60");
        Assert.Contains("49.985", page, StringComparison.Ordinal);
        Assert.Contains("FrequencySilent", page, StringComparison.Ordinal);
        Assert.Contains("id=\"frequency-plot-t\"", page, StringComparison.Ordinal);
        Assert.Contains("Earned today", page, StringComparison.Ordinal);

        using var other = await Visitor.SignedInAsync(service, UserRole.Viewer, new AccessScope { Sites = ["depot-b"] });
        Assert.Empty((await other.DocumentAsync("/frequency"))["items"]!.AsArray());
        Assert.Equal(404, await other.StatusAsync("/frequency/dcl-1"));
        using var viewer = await Visitor.SignedInAsync(service, UserRole.Viewer);
        Assert.DoesNotContain("Earned today", await viewer.HtmlAsync("/frequency/dcl-1"), StringComparison.Ordinal);
        Assert.Equal(404, await viewer.StatusAsync("/frequency/none"));
    }

    [Fact]
    public async Task Without_the_service_the_list_says_that_nothing_is_known()
    {
        await using var service = await OperationsUnderTest.StartAsync(null, null, [.. OtherServices.Nowhere]);
        using var person = await Visitor.SignedInAsync(service, UserRole.Viewer);
        Assert.Contains("Unknown", await person.HtmlAsync("/frequency"), StringComparison.Ordinal);
        Assert.Equal(503, await person.StatusAsync("/frequency/dcl-1"));
    }
}
