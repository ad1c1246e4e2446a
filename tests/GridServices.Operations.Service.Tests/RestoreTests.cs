using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using GridServices.Hosting.Storage;
using GridServices.Testing;

namespace GridServices.Operations.Service.Tests;

public sealed class RestoreTests
{
    /// <summary>The names are encrypted: the key file beside the store opens them again.</summary>
    [Theory, ClassData(typeof(BothDatabases))]
    public Task Yesterdays_copy_put_back_holds_its_customers(Dialect dialect) => RestoredService.DemandWholeAsync(OperationsApp.Build, "operations", dialect, async (person, name) =>
    {
        using var made = await person.PostAsJsonAsync("/v1/customers", new { name, country = "DE" }, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var id = (await made.Content.ReadFromJsonAsync<JsonNode>(TestContext.Current.CancellationToken))!["id"]!.GetValue<string>();
        return $"/v1/customers/{id}";
    });
}
