using System.Net;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Hosting.Storage;
using GridServices.Testing;

namespace GridServices.Tariffs.Service.Tests.Registry;

public sealed class TariffListTests
{
    [Fact]
    public async Task Tariffs_are_listed_by_pages_with_their_versions()
    {
        await using var service = await TariffsUnderTest.StartAsync();
        foreach (var (id, version) in new[] { ("c", "1"), ("a", "1"), ("b", "1"), ("b", "2") })
        {
            await PutAsync(service, id, version);
        }

        var first = await GetAsync(service, "/v1/tariffs?limit=2");
        Assert.Equal(["a", "b"], first.GetProperty("items").EnumerateArray().Select(t => t.GetProperty("tariffId").GetString()));
        Assert.Equal(["1", "2"], first.GetProperty("items")[1].GetProperty("versions").EnumerateArray().Select(v => v.GetProperty("version").GetString()).Order(StringComparer.Ordinal));
        var rest = await GetAsync(service, "/v1/tariffs?limit=2&after=" + first.GetProperty("next").GetString());
        Assert.Equal(["c"], rest.GetProperty("items").EnumerateArray().Select(t => t.GetProperty("tariffId").GetString()));
        Assert.False(rest.TryGetProperty("next", out _));
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task No_tariff_is_left_out_whatever_the_order_of_the_databases_own_language(Dialect dialect)
    {
        await using var store = TestStores.Create(dialect);
        await using var service = await TariffsUnderTest.StartAsync(store);
        if (dialect == Dialect.PostgreSql)
        {
            await store.SqlAsync("ALTER TABLE tariffs ALTER COLUMN tariff_id TYPE text COLLATE \"en-x-icu\"");
        }

        foreach (var id in new[] { "a", "B", "c", "a-b", "a_b" })
        {
            await PutAsync(service, id, "1");
        }

        var (listed, next) = (new List<string?>(), (string?)string.Empty);
        while (next is not null)
        {
            var page = await GetAsync(service, "/v1/tariffs?limit=1" + (next.Length > 0 ? "&after=" + next : string.Empty));
            listed.AddRange(page.GetProperty("items").EnumerateArray().Select(t => t.GetProperty("tariffId").GetString()));
            next = page.TryGetProperty("next", out var more) ? more.GetString() : null;
        }

        Assert.Equal(["B", "a", "a-b", "a_b", "c"], listed);
    }

    [Fact]
    public async Task A_tariff_that_a_meter_uses_is_not_deleted_and_the_meter_is_named()
    {
        await using var service = await TariffsUnderTest.StartAsync();
        await PutAsync(service, "depot", "1");
        using var meter = TariffsUnderTest.Json("""{ "siteId": "site-1", "tariffId": "depot" }""");
        using var put = await service.Operator.PutAsync(new Uri("/v1/meters/main", UriKind.Relative), meter, TestContext.Current.CancellationToken);
        Assert.True(put.IsSuccessStatusCode);

        using (var used = await DeleteAsync(service, "/v1/tariffs/depot"))
        {
            var problem = await TariffsUnderTest.ProblemAsync(used, ErrorClass.Conflict);
            Assert.Contains("meter 'main'", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }

        using var gone = await DeleteAsync(service, "/v1/meters/main", put.Headers.ETag!.Tag);
        Assert.Equal(HttpStatusCode.NoContent, gone.StatusCode);
        using (var changed = await DeleteAsync(service, "/v1/tariffs/depot", "\"another\""))
        {
            Assert.Equal(HttpStatusCode.PreconditionFailed, changed.StatusCode);
        }

        using var deleted = await DeleteAsync(service, "/v1/tariffs/depot");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        using var absent = await DeleteAsync(service, "/v1/tariffs/depot");
        Assert.Equal(HttpStatusCode.NotFound, absent.StatusCode);
    }

    [Fact]
    public async Task A_condition_on_what_has_no_ETag_is_never_met()
    {
        await using var service = await TariffsUnderTest.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Put, "/v1/prices/spot")
        {
            Content = TariffsUnderTest.Json("""{ "currency": "EUR", "points": [ { "from": "2026-01-15T00:00:00Z", "until": "2026-01-15T01:00:00Z", "price": 0.1 } ] }"""),
        };
        request.Headers.TryAddWithoutValidation("If-Match", "\"x\"");
        using var answer = await service.Operator.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.PreconditionFailed, answer.StatusCode);
    }

    private static async Task PutAsync(TariffsUnderTest service, string id, string version)
    {
        using var body = TariffsUnderTest.Json($$"""
            { "schemaVersion": 1, "id": "{{id}}", "version": "{{version}}", "currency": "EUR", "timeZone": "Europe/Berlin",
              "energy": [ { "id": "energy", "rates": [ { "period": "all", "tiers": [ { "price": 0.{{version}} } ] } ] } ] }
            """);
        using var answer = await service.Operator.PutAsync(new Uri("/v1/tariffs/" + id, UriKind.Relative), body, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private static async Task<JsonElement> GetAsync(TariffsUnderTest service, string path)
    {
        using var answer = await service.Operator.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        return await TariffsUnderTest.OkAsync(answer);
    }

    private static async Task<HttpResponseMessage> DeleteAsync(TariffsUnderTest service, string path, string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, path);
        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        return await service.Operator.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
