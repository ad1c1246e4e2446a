using System.Net;
using Dapper;
using GridServices.Hosting;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace GridServices.Operations.Service.Tests.Registry;

public sealed class RegistryTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, ClassData(typeof(BothDatabases))]
    public async Task What_is_written_is_read_listed_filtered_and_paged(Dialect dialect)
    {
        await using var store = TestStores.Create(dialect);
        await using var service = await OperationsUnderTest.StartAsync(store);
        var customer = await service.CustomerAsync();
        for (var i = 1; i <= 3; i++)
        {
            await service.SiteAsync(customer, $"site-{i}", i == 2 ? ", \"tags\": [\"west\"]" : string.Empty);
        }

        var first = await service.GetAsync("/v1/sites?limit=2&sort=-name");
        Assert.Equal(["site-3", "site-2"], first["items"]!.AsArray().Select(s => (string)s!["siteId"]!));
        var second = await service.GetAsync($"/v1/sites?limit=2&sort=-name&after={Uri.EscapeDataString((string)first["next"]!)}");
        Assert.Equal(["site-1"], second["items"]!.AsArray().Select(s => (string)s!["siteId"]!));
        Assert.Equal(["site-2"], (await service.GetAsync("/v1/sites?filter=tags:west"))["items"]!.AsArray().Select(s => (string)s!["siteId"]!));
        Assert.Single((await service.GetAsync("/v1/sites?filter=name:DEPOT%20site-3"))["items"]!.AsArray());
        await service.GetAsync("/v1/sites?filter=nmae:x", HttpStatusCode.UnprocessableEntity);
        await service.SendAsync(HttpMethod.Delete, $"/v1/customers/{customer}", null, HttpStatusCode.Conflict);
    }

    [Theory, ClassData(typeof(BothDatabases))]
    public async Task Changes_that_name_no_state_are_made_to_what_is_held_whoever_came_between(Dialect dialect)
    {
        await using var store = TestStores.Create(dialect);
        await using var service = await OperationsUnderTest.StartAsync(store);
        var id = await service.CustomerAsync();
        await Task.WhenAll(ChangeOftenAsync("notes"), ChangeOftenAsync("name"));
        var held = await service.GetAsync($"/v1/customers/{id}");
        Assert.Equal(("notes 20", "name 20", 41), ((string)held["notes"]!, (string)held["name"]!, (int)held["version"]!));

        async Task ChangeOftenAsync(string member)
        {
            for (var i = 1; i <= 20; i++)
            {
                await service.SendAsync(HttpMethod.Patch, $"/v1/customers/{id}", $$"""{ "{{member}}": "{{member}} {{i}}" }""", HttpStatusCode.OK, type: "application/merge-patch+json");
            }
        }
    }

    [Theory, ClassData(typeof(BothDatabases))]
    public async Task The_second_of_two_who_edit_is_told(Dialect dialect)
    {
        await using var store = TestStores.Create(dialect);
        await using var service = await OperationsUnderTest.StartAsync(store);
        var id = await service.CustomerAsync();
        var changed = await service.SendAsync(HttpMethod.Patch, $"/v1/customers/{id}", """{ "notes": "first" }""", HttpStatusCode.OK, $"\"{id}-1\"", type: "application/merge-patch+json");
        Assert.Equal(2, (int)changed["version"]!);
        var misspelt = await service.SendAsync(HttpMethod.Patch, $"/v1/customers/{id}", """{ "note": null }""", HttpStatusCode.BadRequest, type: "application/merge-patch+json");
        Assert.Contains("did you mean notes?", misspelt.ToJsonString(), StringComparison.Ordinal);
        await service.SendAsync(HttpMethod.Patch, $"/v1/customers/{id}", """{ "notes": "second" }""", HttpStatusCode.PreconditionFailed, $"\"{id}-1\"", type: "application/merge-patch+json");
        Assert.Equal("first", (string)(await service.GetAsync($"/v1/customers/{id}"))["notes"]!);
    }

    [Fact]
    public async Task The_same_key_makes_one_and_answers_twice()
    {
        await using var service = await OperationsUnderTest.StartAsync();
        const string body = """{ "name": "Once", "country": "DE" }""";
        var first = await service.PostAsync("/v1/customers", body, key: "k-1");
        var second = await service.PostAsync("/v1/customers", body, key: "k-1");
        Assert.Equal((string)first["id"]!, (string)second["id"]!);
        Assert.Single((await service.GetAsync("/v1/customers"))["items"]!.AsArray());
        await service.PostAsync("/v1/customers", """{ "name": "Other", "country": "DE" }""", HttpStatusCode.UnprocessableEntity, "k-1");
    }

    [Fact]
    public async Task Every_fault_is_told_at_once_with_its_field()
    {
        await using var service = await OperationsUnderTest.StartAsync();
        var refused = await service.PostAsync("/v1/sites", OperationsUnderTest.SiteJson("nobody").Replace("America/Los_Angeles", "Mars/Olympus", StringComparison.Ordinal), HttpStatusCode.UnprocessableEntity);
        Assert.Equal(["timeZone", "customerId"], refused["fields"]!.AsArray().Select(f => (string)f!["field"]!));
        Assert.Equal(["/timeZone", "/customerId"], refused["errors"]!.AsArray().Select(f => (string)f!["pointer"]!));
        var unknown = await service.PostAsync("/v1/customers", """{ "nmae": "x", "country": "US" }""", HttpStatusCode.BadRequest);
        Assert.Contains("did you mean name?", unknown.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_meter_point_is_one_in_the_tenant_however_it_is_typed()
    {
        await using var service = await OperationsUnderTest.StartAsync();
        await service.SiteAsync(await service.CustomerAsync());
        const string meter = """{ "siteId": "site-1", "kind": "utility", "scheme": "PGE-SAID", "identifier": "1234567890" }""";
        await service.PostAsync("/v1/meter-points", meter);
        var refused = await service.PostAsync("/v1/meter-points", meter.Replace("1234567890", "12345 67890", StringComparison.Ordinal), HttpStatusCode.Conflict);
        Assert.Equal("/identifier", (string)refused["errors"]![0]!["pointer"]!);
    }

    [Fact]
    public async Task A_second_nomination_for_a_period_is_refused_at_its_field()
    {
        await using var service = await OperationsUnderTest.StartAsync();
        await service.SiteAsync(await service.CustomerAsync());
        var enrollment = (string)(await service.PostAsync("/v1/enrollments", """{ "siteId": "site-1", "program": "OPENADR-PLAIN", "period": { "from": "2027-01-01" } }"""))["id"]!;
        var body = $$"""{ "enrollmentId": "{{enrollment}}", "deliveryPeriod": "2049-07", "kw": 40 }""";
        await service.PostAsync("/v1/nominations", body);
        var refused = await service.PostAsync("/v1/nominations", body, HttpStatusCode.Conflict);
        Assert.Equal("/deliveryPeriod", (string)refused["errors"]![0]!["pointer"]!);
    }

    [Theory, ClassData(typeof(BothDatabases))]
    public async Task Personal_data_is_not_legible_in_the_store_and_a_tampered_value_is_refused(Dialect dialect)
    {
        await using var place = TestStores.Create(dialect);
        await using var service = await OperationsUnderTest.StartAsync(place);
        var customer = await service.CustomerAsync();
        var contact = (string)(await service.PostAsync("/v1/contacts", $$"""{ "customerId": "{{customer}}", "name": "Ana Silva", "email": "ana@example.com", "phone": "+14155550100", "role": "eventPrimary" }"""))["id"]!;
        var store = service.Service.App.Services.GetRequiredService<Store>();
        var rows = await store.ReadAsync(async db => string.Join('\n', await db.QueryAsync<string>("SELECT body FROM contacts UNION ALL SELECT name_sealed FROM contacts UNION ALL SELECT body FROM customers UNION ALL SELECT body FROM audit")), Ct);
        Assert.DoesNotContain("Ana", rows, StringComparison.Ordinal);
        Assert.DoesNotContain("ana@", rows, StringComparison.Ordinal);
        Assert.DoesNotContain("4155550100", rows, StringComparison.Ordinal);
        Assert.DoesNotContain("12-3456789", rows, StringComparison.Ordinal);
        Assert.Equal("Ana Silva", (string)(await service.GetAsync($"/v1/contacts/{contact}"))["name"]!);

        await store.WriteAsync(tx => tx.Connection!.ExecuteAsync("UPDATE contacts SET email_sealed = name_sealed", transaction: tx), Ct);
        var refused = await service.GetAsync($"/v1/contacts/{contact}", HttpStatusCode.InternalServerError);
        Assert.DoesNotContain("Ana", refused.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_key_file_is_the_owners_only_and_a_store_without_its_key_does_not_start()
    {
        await using var place = TestStores.Create(Dialect.Sqlite);
        await using (await OperationsUnderTest.StartAsync(place))
        {
            var file = Path.Combine(place.Folder, "operations.keys");
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            }

            File.Delete(file);
        }

        var fault = await Assert.ThrowsAsync<StartException>(async () => await OperationsUnderTest.StartAsync(place));
        Assert.Contains("do not belong to the store", fault.Message, StringComparison.Ordinal);
    }
}
