using System.Text.Json;
using GridServices.EnvelopeHub.Service;
using GridServices.FrequencyResponse.Service;
using GridServices.Ieee2030Dot5.Service;
using GridServices.OpenAdr.Service;
using GridServices.Operations.Service;
using GridServices.Tariffs.Service;
using GridServices.Testing;

namespace GridServices.Contract.Tests;

/// <summary>What an integrator does first: generates a client from a document, compiles it, and talks to the service.</summary>
public sealed class GeneratedClientTests
{
    [Fact]
    public async Task The_hub_takes_an_envelope_and_answers_what_holds()
    {
        var type = await GeneratedClient.CompileAsync("envelope-hub");
        await using var hub = await ServiceApp.StartAsync(EnvelopeHubApp.Build, null, "--EnvelopeHub:SettleTime=00:00:00");
        using var publisher = hub.Client(hub.Tokens.Publisher);
        using var controller = hub.Client(hub.Tokens.Controller);
        var docs = await File.ReadAllTextAsync(RepositoryFiles.Path("docs", "api", "envelopes.md"), TestContext.Current.CancellationToken);
        var events = docs.Split("```json publications")[1].Split("```")[0];
        foreach (var item in JsonSerializer.Deserialize<JsonElement[]>(events)!)
        {
            var answer = await GeneratedClient.Make(type, publisher).PublishEnvelopesAsync(body: GeneratedClient.Read(type, "Body", item.GetRawText()));
            Assert.Equal("accepted", (string)Enumerable.First(answer.Results).Status.ToString().ToLowerInvariant());
        }

        var effective = await GeneratedClient.Make(type, controller).GetEffectiveAsync(siteId: "site-1", from: "2027-01-15T18:00:00Z", until: "2027-01-15T18:30:00Z");
        var limit = Enumerable.First(Enumerable.First(effective.Targets).Segments).Limits.ImportLimitW;
        Assert.Equal(60000L, (long)limit.Value);
        Assert.Equal("openadr", (string)limit.BoundBy.Service);
    }

    [Fact]
    public async Task A_VEN_is_put_read_and_deleted_under_its_ETag()
    {
        var type = await GeneratedClient.CompileAsync("openadr");
        await using var service = await ServiceApp.StartAsync(OpenAdrApp.Build);
        using var http = service.Client(service.Tokens.Operator);
        var client = GeneratedClient.Make(type, http);
        var config = GeneratedClient.Read(type, "VenConfigInput", """{ "vtnUrl": "http://127.0.0.1:9/OpenADR2/Simple/2.0b", "venName": "site-1", "siteId": "site-1" }""");
        var put = await GeneratedClient.SucceedAsync(async () => await client.PutVenAsync(venKey: "site-1", body: config));
        Assert.Equal("site-1", (string)put.VenKey);
        var read = await client.GetVenAsync(venKey: "site-1");
        Assert.Equal("site-1", (string)read.Config.VenName);
        Assert.Single((IEnumerable<object>)await client.ListVensAsync());

        // A client with one type per operation gets a page's items, and goes on after the last of them.
        await GeneratedClient.SucceedAsync(async () => await client.PutVenAsync(venKey: "site-2", body: config));
        Assert.Equal("site-1", (string)Enumerable.Single(await client.ListVensAsync(limit: "1")).VenKey);
        Assert.Equal("site-2", (string)Enumerable.Single(await client.ListVensAsync(limit: "1", after: "site-1")).VenKey);
        await Assert.ThrowsAnyAsync<Exception>(async () => await client.DeleteVenAsync(venKey: "site-1", if_Match: "\"another\""));
        await client.DeleteVenAsync(venKey: "site-1");
    }

    [Fact]
    public async Task A_client_that_is_not_there_is_a_problem_with_its_class()
    {
        var type = await GeneratedClient.CompileAsync("ieee2030-5");
        await using var service = await ServiceApp.StartAsync(Ieee2030Dot5App.Build);
        using var http = service.Client(service.Tokens.Operator);
        var client = GeneratedClient.Make(type, http);
        Assert.Empty((IEnumerable<object>)await client.ListClientsAsync());
        var fault = await Assert.ThrowsAnyAsync<Exception>(async () => await client.GetClientAsync(clientKey: "nobody"));
        Assert.Equal("urn:gridservices:problem:NOT_FOUND", (string)((dynamic)fault).Result.Type);
    }

    [Fact]
    public async Task Prices_keep_every_digit_there_and_back()
    {
        var type = await GeneratedClient.CompileAsync("tariffs");
        await using var service = await ServiceApp.StartAsync(TariffsApp.Build);
        using var http = service.Client(service.Tokens.Operator);
        var client = GeneratedClient.Make(type, http);
        var prices = GeneratedClient.Read(type, "PricesRequestBody", """{ "currency": "EUR", "points": [ { "from": "2026-01-15T00:00:00Z", "until": "2026-01-15T01:00:00Z", "price": 0.123456789 } ] }""");
        var put = await GeneratedClient.SucceedAsync(async () => await client.PutPricesAsync(series: "day-ahead", body: prices));
        Assert.Equal(1, (int)put.Points);
        var read = await client.GetPricesAsync(series: "day-ahead", from: "2026-01-15T00:00:00Z", until: "2026-01-16T00:00:00Z");
        Assert.Equal("0.123456789", (string)Enumerable.First(read.Points).Price);
        Assert.Empty((await client.ListTariffsAsync()).Items);
    }

    [Fact]
    public async Task A_customer_is_created_changed_under_its_ETag_listed_by_pages_and_deleted()
    {
        var type = await GeneratedClient.CompileAsync("operations");
        await using var service = await ServiceApp.StartAsync(OperationsApp.Build);
        using var http = service.Client(service.Tokens.Operator);
        var client = GeneratedClient.Make(type, http);
        var ids = new List<string>();
        foreach (var name in new[] { "Example Foods", "Second Foods" })
        {
            var body = GeneratedClient.Read(type, "CustomerBody", $$"""{ "name": "{{name}}", "legalName": "{{name}} Inc.", "country": "US" }""");
            var created = await GeneratedClient.SucceedAsync(async () => await client.CreateCustomerAsync(idempotency_Key: name.Replace(' ', '-'), body: body));
            var again = await GeneratedClient.SucceedAsync(async () => await client.CreateCustomerAsync(idempotency_Key: name.Replace(' ', '-'), body: body));
            Assert.Equal((string)created.Id, (string)again.Id);
            ids.Add((string)created.Id);
        }

        var change = GeneratedClient.Read(type, "CustomerBody", """{ "name": "Example Foods", "legalName": "Example Foods LLC", "country": "US" }""");
        var changed = await GeneratedClient.SucceedAsync(async () => await client.PutCustomerAsync(id: ids[0], if_Match: $"\"{ids[0]}-1\"", body: change));
        Assert.Equal(2, (int)changed.Version);
        await Assert.ThrowsAnyAsync<Exception>(async () => await client.PutCustomerAsync(id: ids[0], if_Match: $"\"{ids[0]}-1\"", body: change));
        var page = await client.ListCustomersAsync(limit: "1");
        Assert.Equal("Example Foods LLC", (string)Enumerable.Single(page.Items).LegalName);
        Assert.Equal(ids[1], (string)Enumerable.Single((await client.ListCustomersAsync(limit: "1", after: (string)page.Next)).Items).Id);
        await client.DeleteCustomerAsync(id: ids[1], if_Match: $"\"{ids[1]}-1\"");
        Assert.Equal(ids[0], (string)Enumerable.Single((await client.ListCustomersAsync()).Items).Id);
    }

    [Fact]
    public async Task A_service_is_asked_what_it_wants_at_a_frequency()
    {
        var type = await GeneratedClient.CompileAsync("frequency-response");
        await using var service = await ServiceApp.StartAsync(FrequencyResponseApp.Build);
        using var http = service.Client(service.Tokens.Operator);
        var client = GeneratedClient.Make(type, http);
        var body = GeneratedClient.Read(type, "EvaluateBody", """{ "points": [ { "service": "GB-DCL", "frequencyHz": 49.25 } ] }""");
        var answer = await client.EvaluateServicesAsync(body: body);
        Assert.True((double)Enumerable.First(answer.Points).Pu > 0);
        Assert.NotEmpty((await client.GetCatalogAsync()).Services);
    }
}
