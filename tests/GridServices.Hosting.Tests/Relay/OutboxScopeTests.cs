using System.Net.Http.Json;
using System.Text;
using GridServices.Contracts;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Publishing;
using GridServices.Hosting.Tests.Sample;
using GridServices.Testing;

namespace GridServices.Hosting.Tests.Relay;

/// <summary>Whose parked items <c>GET /v1/outbox</c> shows.</summary>
public sealed class OutboxScopeTests : RelayRig
{
    [Fact]
    public async Task Parked_items_are_shown_to_their_tenant_and_for_the_sites_of_the_token_only()
    {
        Hub.Then((context, events) => FakeHub.AnswerAsync(context, Hub.Take(events, _ => Problems.Create(ErrorClass.SemanticOverlap, "no"))));
        await using var service = await StartAsync();
        var foreign = new OutboxItem("site-3", Encoding.UTF8.GetBytes("""{"specversion":"1.0","id":"theirs","subject":"tenants/other/sites/site-3"}"""));
        await AddAsync(service, [Item("one", "site-1"), Item("two", "site-2"), foreign]);
        await EmptyAsync(service);
        var scoped = await service.AddTokenAsync("scoped", Role.Dispatcher, sites: ["site-2"]);
        var stranger = await service.AddTokenAsync("stranger", Role.Operator, "other");

        Assert.Equal(["one", "two"], await ParkedAsync(service, service.Tokens.Operator));
        Assert.Equal(["two"], await ParkedAsync(service, scoped));
        Assert.Equal(["theirs"], await ParkedAsync(service, stranger));
    }

    private static async Task<IEnumerable<string?>> ParkedAsync(ServiceApp service, string token)
    {
        using var client = service.Client(token);
        return (await client.GetFromJsonAsync<OutboxView>("/v1/outbox", ContractJson.Options))!.ParkedItems.Select(item => item.EventId).Order(StringComparer.Ordinal);
    }
}
