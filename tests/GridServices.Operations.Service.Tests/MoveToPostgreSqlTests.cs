using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using GridServices.Testing;

namespace GridServices.Operations.Service.Tests;

public sealed class MoveToPostgreSqlTests
{
    /// <summary>The names are encrypted: the key file beside the old store opens them in PostgreSQL too.</summary>
    [Fact]
    public Task Customers_and_sites_are_the_same_on_PostgreSQL_and_the_audit_chain_holds() => MovedStore.DemandSameAsync(
        OperationsApp.Build,
        async person =>
        {
            var customer = await PostAsync(person, "/v1/customers", """{ "name": "Bäckerei Öztürk", "country": "DE", "billingEmail": "bills@example.com" }""");
            var site = await PostAsync(person, "/v1/sites", OperationsUnderTest.SiteJson(customer));
            return [$"/v1/customers/{customer}", $"/v1/sites/{site}", "/v1/customers", "/v1/audit", "/v1/audit/verify"];
        },
        after: async person =>
        {
            await PostAsync(person, "/v1/customers", """{ "name": "Later", "country": "DE" }""");
            var chain = await person.GetStringAsync("/v1/audit/verify", TestContext.Current.CancellationToken);
            Assert.True(JsonNode.Parse(chain)!["isSound"]!.GetValue<bool>(), chain);
        });

    private static async Task<string> PostAsync(HttpClient person, string path, string json)
    {
        using var body = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        using var made = await person.PostAsync(path, body, TestContext.Current.CancellationToken);
        Assert.True(made.StatusCode == HttpStatusCode.Created, await made.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return (await made.Content.ReadFromJsonAsync<JsonNode>(TestContext.Current.CancellationToken))!["id"]!.GetValue<string>();
    }
}
