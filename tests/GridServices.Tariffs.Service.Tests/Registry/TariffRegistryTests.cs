using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;
using NodaTime.Text;

namespace GridServices.Tariffs.Service.Tests.Registry;

public sealed class TariffRegistryTests
{
    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task A_stored_tariff_outlives_a_restart_and_bills_by_its_id(Dialect dialect)
    {
        await using var store = TestStores.Create(dialect);
        string tag;
        await using (var service = await TariffsUnderTest.StartAsync(store))
        {
            using var made = await PutAsync(service, "t", Tariff("1", 0.30m));
            Assert.Equal(HttpStatusCode.Created, made.StatusCode);
            tag = made.Headers.ETag!.Tag;
            using var again = await PutAsync(service, "t", Tariff("1", 0.30m));
            Assert.Equal((HttpStatusCode.OK, tag), (again.StatusCode, again.Headers.ETag!.Tag));
        }

        await using (var service = await TariffsUnderTest.StartAsync(store))
        {
            using var held = await service.Operator.GetAsync(new Uri("/v1/tariffs/t", UriKind.Relative), TestContext.Current.CancellationToken);
            Assert.Equal(tag, held.Headers.ETag!.Tag);
            Assert.Equal("0.30", (await TariffsUnderTest.OkAsync(held)).GetProperty("energy")[0].GetProperty("rates")[0].GetProperty("tiers")[0].GetProperty("price").GetRawText());
            using var same = new HttpRequestMessage(HttpMethod.Get, "/v1/tariffs/t");
            same.Headers.IfNoneMatch.ParseAdd(tag);
            using var unchanged = await service.Operator.SendAsync(same, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
            var bill = await service.PostAsync("/v1/bills", """{"tariffId":"t","intervals":{"start":"2026-01-15","minutes":60,"kW":[10]}}""");
            Assert.Equal(("3", tag.Trim('"')), (bill.GetProperty("total").GetString(), bill.GetProperty("tariffHashes")[0].GetString()));
        }
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task A_version_is_not_changed_under_its_name_unless_its_ETag_is_sent(Dialect dialect)
    {
        await using var store = TestStores.Create(dialect);
        await using var service = await TariffsUnderTest.StartAsync(store);
        using var made = await PutAsync(service, "t", Tariff("1", 0.30m));
        using var other = await PutAsync(service, "t", Tariff("1", 0.40m));
        await TariffsUnderTest.ProblemAsync(other, ErrorClass.Conflict);
        using var wrong = await PutAsync(service, "t", Tariff("1", 0.40m), "\"0000\"");
        await TariffsUnderTest.ProblemAsync(wrong, ErrorClass.Conflict);
        using var replaced = await PutAsync(service, "t", Tariff("1", 0.40m), made.Headers.ETag!.Tag);
        Assert.Equal(HttpStatusCode.OK, replaced.StatusCode);
    }

    [Fact]
    public async Task A_price_whose_digits_changed_in_the_store_makes_no_bill_until_it_is_put_again()
    {
        await using var store = TestStores.Create(Dialect.Sqlite);
        await using (var service = await TariffsUnderTest.StartAsync(store))
        {
            (await PutAsync(service, "t", Tariff("1", 0.30m))).Dispose();
            await service.App.App.Services.GetRequiredService<Store>().WriteAsync(async tx =>
            {
                await using var damage = tx.Connection!.CreateCommand();
                damage.CommandText = "UPDATE tariffs SET content = replace(content, '0.30', '0.90')";
                damage.Transaction = tx;
                Assert.Equal(1, await damage.ExecuteNonQueryAsync());
            });
        }

        await using (var service = await TariffsUnderTest.StartAsync(store))
        {
            const string bill = """{"tariffId":"t","intervals":{"start":"2026-01-15","minutes":60,"kW":[10]}}""";
            var problem = await service.RefusedAsync("/v1/bills", bill, ErrorClass.Unavailable);
            Assert.Contains("Put that version again", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
            (await PutAsync(service, "t", Tariff("1", 0.30m))).Dispose();
            Assert.Equal("3", (await service.PostAsync("/v1/bills", bill)).GetProperty("total").GetString());
        }
    }

    [Fact]
    public async Task Versions_with_dates_share_a_cycle_and_tenants_share_nothing()
    {
        await using var service = await TariffsUnderTest.StartAsync();
        var stranger = await service.App.AddTokenAsync("stranger", Role.Operator, tenant: "other");
        (await PutAsync(service, "t", Tariff("1", 1, "\"effectiveUntil\":\"2026-01-02\","))).Dispose();
        (await PutAsync(service, "t", Tariff("2", 2, "\"effectiveFrom\":\"2026-01-02\","))).Dispose();
        var bill = await service.PostAsync("/v1/bills", """{"tariffId":"t","intervals":{"start":"2026-01-01","minutes":1440,"kWh":[10,10]}}""");
        Assert.Equal("30", bill.GetProperty("total").GetString());
        using var client = service.App.Client(stranger);
        using var answer = await client.GetAsync(new Uri("/v1/tariffs/t", UriKind.Relative), TestContext.Current.CancellationToken);
        await TariffsUnderTest.ProblemAsync(answer, ErrorClass.NotFound);
    }

    [Fact]
    public async Task A_stored_OCPI_tariff_prices_a_session()
    {
        await using var service = await TariffsUnderTest.StartAsync();
        using var put = await PutAsync(service, "o", """{"id":"12","currency":"EUR","elements":[{"price_components":[{"type":"ENERGY","price":0.25,"step_size":1}]}],"last_updated":"2026-01-01T00:00:00Z"}""", query: "?format=ocpi");
        Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        var cost = await service.PostAsync("/v1/ocpi/cdr-cost", """
            {"tariffId":"o","timeZone":"Europe/Amsterdam","cdr":{"start_date_time":"2026-03-01T10:00:00Z","end_date_time":"2026-03-01T11:00:00Z",
              "charging_periods":[{"start_date_time":"2026-03-01T10:00:00Z","dimensions":[{"type":"ENERGY","volume":20}]}]}}
            """);
        Assert.Equal("5", cost.GetProperty("totalCost").GetProperty("beforeTaxes").GetString());
    }

    [Theory]
    [InlineData("/v1/tariffs/..%2Fx", ErrorClass.SemanticId)]
    [InlineData("/v1/tariffs/other", ErrorClass.SemanticId)]
    [InlineData("/v1/tariffs/t?format=xls", ErrorClass.SemanticCode)]
    public async Task A_tariff_under_a_wrong_name_or_format_is_refused(string path, ErrorClass errorClass)
    {
        await using var service = await TariffsUnderTest.StartAsync();
        using var content = TariffsUnderTest.Json(Tariff("1", 1));
        using var answer = await service.Operator.PutAsync(new Uri(path, UriKind.Relative), content, TestContext.Current.CancellationToken);
        await TariffsUnderTest.ProblemAsync(answer, errorClass);
    }

    [Fact]
    public async Task Every_hostile_tariff_and_interval_file_ends_over_HTTP_as_its_index_says()
    {
        var index = JsonDocument.Parse(await File.ReadAllBytesAsync(TestData.Path("hostile/index.json"), TestContext.Current.CancellationToken)).RootElement
            .EnumerateArray().Where(e => e.GetProperty("category").GetString() == "tariff").ToArray();
        Assert.NotEmpty(index);
        var clock = new FakeClock(InstantPattern.ExtendedIso.Parse(index[0].GetProperty("clock").GetString()!).Value);
        await using var service = await TariffsUnderTest.StartAsync(clock: clock);
        (await PutAsync(service, "t", Tariff("1", 1))).Dispose();
        var failures = new List<string>();
        foreach (var entry in index)
        {
            if (await FailureAsync(service, entry) is { } failure)
            {
                failures.Add(failure);
            }
        }

        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    private static async Task<string?> FailureAsync(TariffsUnderTest service, JsonElement entry)
    {
        var file = entry.GetProperty("file").GetString()!;
        var isTariff = file.Contains(".json", StringComparison.Ordinal);
        using var content = new ByteArrayContent(await BytesAsync(TestData.Path($"hostile/{file}")));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(isTariff ? "application/json" : "text/csv");
        var zone = entry.TryGetProperty("zone", out var named) ? $"&zone={named.GetString()!.Split(' ')[0]}" : "";
        using var answer = isTariff
            ? await service.Operator.PutAsync(new Uri($"/v1/tariffs/{Path.GetFileName(file).Split('.')[0]}?format=urdb", UriKind.Relative), content, TestContext.Current.CancellationToken)
            : await service.Operator.PostAsync(new Uri($"/v1/bills?tariffId=t&siteLimitKw=200{zone}", UriKind.Relative), content, TestContext.Current.CancellationToken);
        var body = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var root = JsonDocument.Parse(body).RootElement;
        HashSet<string> classes = [entry.GetProperty("error_class").GetString()!, .. entry.TryGetProperty("also_ok", out var also) ? also.EnumerateArray().Select(a => a.GetString()!) : []];
        var expected = entry.GetProperty("expected").GetString()!;
        var ok = expected switch
        {
            "accept" => answer.IsSuccessStatusCode,
            "reject" => !answer.IsSuccessStatusCode && ((int)answer.StatusCode) < 500 && classes.Overlaps(Classes(root, "errors").Append(root.GetProperty("type").GetString()!.Split(':')[^1])),
            _ => answer.IsSuccessStatusCode && classes.Overlaps(Classes(root, "warnings")),
        };
        return ok ? null : $"{file}: expected {expected} {string.Join('|', classes)}, got {(int)answer.StatusCode} {body[..Math.Min(300, body.Length)]}";
    }

    private static IEnumerable<string> Classes(JsonElement root, string name) =>
        root.TryGetProperty(name, out var list) ? list.EnumerateArray().Select(e => e.GetProperty("class").GetString()!) : [];

    private static async Task<byte[]> BytesAsync(string path)
    {
        if (!path.EndsWith(".gz", StringComparison.Ordinal))
        {
            return await File.ReadAllBytesAsync(path);
        }

        await using var packed = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var whole = new MemoryStream();
        await packed.CopyToAsync(whole);
        return whole.ToArray();
    }

    private static async Task<HttpResponseMessage> PutAsync(TariffsUnderTest service, string id, string tariff, string? ifMatch = null, string query = "")
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/v1/tariffs/{id}{query}") { Content = TariffsUnderTest.Json(tariff) };
        if (ifMatch is not null)
        {
            request.Headers.IfMatch.ParseAdd(ifMatch);
        }

        return await service.Operator.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static string Tariff(string version, decimal price, string dates = "") => string.Create(CultureInfo.InvariantCulture, $$"""
        {"schemaVersion":1,"id":"t","version":"{{version}}",{{dates}}"currency":"EUR","timeZone":"Etc/UTC","energy":[{"id":"e","rates":[{"period":"all","tiers":[{"price":{{price}} }]}]}]}
        """);
}
