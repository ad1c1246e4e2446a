using System.Net;
using Dapper;
using GridServices.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace GridServices.Operations.Service.Tests.Provisioning;

/// <summary>No utility corrects a connection's limit: where the hub holds another one than a store that was put back, a person decides.</summary>
public sealed class UnconfirmedConnectionTests
{
    [Fact]
    public async Task Where_the_hub_holds_another_limit_the_site_says_so_and_ours_is_stated_only_once_a_person_confirms_it_or_changes_the_connection()
    {
        await using var service = await OperationsUnderTest.StartAsync(null, null, "--Hub:Url=http://127.0.0.1:9", "--Hub:Token=x");
        var customer = await service.CustomerAsync();
        var id = await service.SiteAsync(customer);
        Assert.Equal([1L], await RevisionsAsync(service));
        await SaveAsync(service, id, customer);
        Assert.Equal([1L], await RevisionsAsync(service));
        Assert.DoesNotContain("connection.unconfirmed", await OverviewAsync(service, id), StringComparison.Ordinal);

        // As the relay leaves it where the hub holds another word than a store alone knows.
        await ParkAsync(service);
        Assert.Contains("connection.unconfirmed", await OverviewAsync(service, id), StringComparison.Ordinal);

        // An import that says the same again, and a person who corrects a name, have not looked at the connection.
        await SaveAsync(service, id, customer);
        await SaveAsync(service, id, customer, "Depot site-1", "Depot West");
        Assert.Equal([1L], await RevisionsAsync(service));
        Assert.Contains("connection.unconfirmed", await OverviewAsync(service, id), StringComparison.Ordinal);

        await service.PostAsync($"/v1/sites/{id}/connection-limit/confirm", null, HttpStatusCode.OK, "confirmed");
        Assert.Equal([1L, 2L], await RevisionsAsync(service));
        Assert.DoesNotContain("connection.unconfirmed", await OverviewAsync(service, id), StringComparison.Ordinal);

        await ParkAsync(service);
        Assert.Contains("connection.unconfirmed", await OverviewAsync(service, id), StringComparison.Ordinal);
        await SaveAsync(service, id, customer, "80000", "60000");
        Assert.Equal([1L, 2L, 3L], await RevisionsAsync(service));
        Assert.DoesNotContain("connection.unconfirmed", await OverviewAsync(service, id), StringComparison.Ordinal);
    }

    private static Task<int> ParkAsync(OperationsUnderTest service) =>
        StoreOf(service).WriteAsync(tx => tx.Connection!.ExecuteAsync("UPDATE outbox SET parked_at = added_at, problem = 'null', waits = 1", transaction: tx));

    private static Store StoreOf(OperationsUnderTest service) => service.Service.App.Services.GetRequiredService<Store>();

    private static async Task<IEnumerable<long>> RevisionsAsync(OperationsUnderTest service) =>
        await StoreOf(service).ReadAsync(db => db.QueryAsync<long>("SELECT revision FROM outbox WHERE stream LIKE '%|operations|connection' ORDER BY id"));

    private static async Task SaveAsync(OperationsUnderTest service, string id, string customer, string text = "site-1", string instead = "site-1") =>
        await service.PutAsync($"/v1/sites/{id}", OperationsUnderTest.SiteJson(customer).Replace(text, instead, StringComparison.Ordinal));

    private static async Task<string> OverviewAsync(OperationsUnderTest service, string id) => (await service.GetAsync($"/v1/sites/{id}/overview"))["connection"]!.ToJsonString();
}
