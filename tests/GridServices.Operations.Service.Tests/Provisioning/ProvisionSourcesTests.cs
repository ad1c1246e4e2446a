using System.Text.Json.Nodes;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Service.Provisioning;
using GridServices.Operations.Service.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace GridServices.Operations.Service.Tests.Provisioning;

public sealed class ProvisionSourcesTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_client_of_several_sites_is_wanted_with_all_of_them_also_where_another_program_of_a_site_is_applied()
    {
        await using var service = await OperationsUnderTest.StartAsync(null, null, OtherServices.Nowhere);
        var customer = await service.CustomerAsync();
        await service.SiteAsync(customer, "site-1");
        await service.SiteAsync(customer, "site-2");
        await EnrollAsync(service, "site-1", "IEEE2030-5-PLAIN", """{ "server": "http://utility.example/dcap", "lfdi": "3E4F45AB31EDFE5B67E343E5E4562E31984E23E5", "pin": "111115", "clientKey": "fleet" }""", """{ "registrationWay": "outOfBand" }""");
        await EnrollAsync(service, "site-2", "IEEE2030-5-PLAIN", """{ "server": "http://utility.example/dcap", "lfdi": "3E4F45AB31EDFE5B67E343E5E4562E31984E23E5", "pin": "111115", "clientKey": "fleet" }""", """{ "registrationWay": "outOfBand" }""");
        var id = await EnrollAsync(service, "site-1", "OPENADR-PLAIN", """{ "vtnUrl": "http://vtn.example/OpenADR2/Simple/2.0b", "venName": "site-1" }""", """{ "peakDemandKw": 100, "levelOneKw": 60, "levelTwoKw": 30, "levelThreeKw": 10 }""");

        var services = service.Service.App.Services;
        var enrollment = await services.GetRequiredService<EnrollmentStore>().FindAsync("default", id, Ct);
        var (group, outcome) = await services.GetRequiredService<ProvisionSources>().ComputeWantedAsync(enrollment!, Ct);
        Assert.Equal(["site-1", "site-1"], group.Select(e => e.SiteId));
        Assert.Empty(outcome.Faults);
        Assert.Equal(2, JsonNode.Parse(outcome.Documents.Single(d => d.Path == "/v1/clients/fleet").Json)!["devices"]!.AsArray().Count);
    }

    [Fact]
    public async Task The_VEN_of_another_site_that_a_program_beside_names_by_mistake_is_not_written_over()
    {
        await using var parts = await OperationsParts.MakeAsync();
        await parts.SitesAsync("site-1", "site-2");
        var own = await Tries.EnrollAsync(parts, "site-1", new ProtocolIdentity { VenKey = "a" });
        var wrong = await Tries.EnrollAsync(parts, "site-1", new ProtocolIdentity { VenKey = "c" });
        var other = await Tries.EnrollAsync(parts, "site-2", new ProtocolIdentity { VenKey = "c" });
        var (group, outcome) = await parts.Get<ProvisionSources>().ComputeWantedAsync(own, Ct);
        Assert.Equal(new[] { own.Id, wrong.Id }.Order(StringComparer.Ordinal), group.Select(e => e.Id).Order(StringComparer.Ordinal));
        var fault = Assert.Single(outcome.Faults, f => f.Field == "/identity/venKey");
        Assert.True(fault.EnrollmentId == wrong.Id || fault.EnrollmentId == other.Id, fault.ToString());
        Assert.Equal(["/v1/vens/a"], outcome.Documents.Select(d => d.Path));
        Assert.False(outcome.IsKnown("/v1/vens/c"));
    }

    /// <summary>Led on as far as it goes without the services: what it wants is known.</summary>
    private static async Task<string> EnrollAsync(OperationsUnderTest service, string siteId, string program, string identity, string answers)
    {
        var asset = (string)(await service.PostAsync("/v1/assets", $$"""{ "siteId": "{{siteId}}", "kind": "pv", "name": "Roof of {{program}}", "ratedW": 50000, "controllable": true }"""))["id"]!;
        var meter = (string)(await service.PostAsync("/v1/meter-points", $$"""{ "siteId": "{{siteId}}", "kind": "utility", "scheme": "OTHER", "identifier": "M-{{siteId}}-{{program}}" }"""))["id"]!;
        var made = await service.PostAsync("/v1/enrollments", $$"""
            { "siteId": "{{siteId}}", "program": "{{program}}", "meterPointIds": ["{{meter}}"], "assetIds": ["{{asset}}"], "period": { "from": "2026-01-01" }, "identity": {{identity}}, "answers": {{answers}} }
            """);
        Assert.True((string)made["state"]! == "readyToSubmit", made.ToJsonString());
        var id = (string)made["id"]!;
        foreach (var (action, body) in new[] { ("submit", "{}"), ("accept", """{ "reference": "U-1" }"""), ("provision", "{}") })
        {
            await service.PostAsync($"/v1/enrollments/{id}/{action}", body, System.Net.HttpStatusCode.OK);
        }

        return id;
    }
}
