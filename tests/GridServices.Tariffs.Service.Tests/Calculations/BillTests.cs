using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Testing;

namespace GridServices.Tariffs.Service.Tests.Calculations;

public sealed class BillTests
{
    private const string Tariff = """
        {"schemaVersion":1,"id":"t","currency":"EUR","timeZone":"Europe/Berlin",
         "energy":[{"id":"e","rates":[{"period":"all","tiers":[{"price":0.30}]}]}],
         "demand":[{"id":"d","rates":[{"period":"all","tiers":[{"price":10}]}]}]}
        """;

    private const string Day = """{"start":"2026-01-15","minutes":720,"kW":[10,20]}""";

    [Fact]
    public async Task Every_documented_request_gets_its_documented_answer()
    {
        await using var service = await TariffsUnderTest.StartAsync();
        var blocks = (await File.ReadAllTextAsync(Path.Combine(RepositoryRoot.Path, "docs", "tariffs.md"), TestContext.Current.CancellationToken)).Split("```json ")
            .Skip(1).Select(p => (Kind: p[..p.IndexOf('\n', StringComparison.Ordinal)].Trim(), Text: p[p.IndexOf('\n', StringComparison.Ordinal)..p.IndexOf("```", StringComparison.Ordinal)])).ToArray();
        var pairs = blocks.Zip(blocks.Skip(1)).Where(pair => pair.First.Kind == "request").ToArray();
        Assert.True(pairs.Length >= 5);
        foreach (var (request, answer) in pairs)
        {
            var bill = await service.PostAsync("/v1/bills", request.Text);
            Assert.Equal(JsonDocument.Parse(answer.Text).RootElement.GetProperty("total").GetString(), bill.GetProperty("total").GetString());
        }
    }

    [Fact]
    public async Task A_bill_comes_as_JSON_CSV_or_a_page_to_print()
    {
        await using var service = await TariffsUnderTest.StartAsync();
        foreach (var (accept, type, mark) in new[] { ("application/json", "application/json", "\"308\""), ("text/csv", "text/csv", ",demand,d,"), ("text/html;q=0.9, text/csv;q=0.5", "text/html", "To pay: <strong>") })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/bills") { Content = TariffsUnderTest.Json(Request(Tariff, Day)) };
            request.Headers.Accept.ParseAdd(accept);
            using var answer = await service.Operator.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(type, answer.Content.Headers.ContentType!.MediaType);
            Assert.Contains(mark, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_CSV_file_inside_the_request_gives_the_same_bill_as_its_numbers()
    {
        await using var service = await TariffsUnderTest.StartAsync();
        var csv = JsonSerializer.Serialize("end,kWh\n2026-01-15T12:00,120\n2026-01-16T00:00,240\n");
        var bill = await service.PostAsync("/v1/bills", Request(Tariff, $$"""{"csv":{{csv}},"stamp":"end","minutes":720}"""));
        Assert.Equal("308", bill.GetProperty("total").GetString());
        Assert.Equal("360", bill.GetProperty("months")[0].GetProperty("importKwh").GetString());
    }

    [Fact]
    public async Task A_Green_Button_feed_inside_the_request_is_billed()
    {
        await using var service = await TariffsUnderTest.StartAsync();
        var feed = JsonSerializer.Serialize("""
            <feed xmlns="http://www.w3.org/2005/Atom">
              <entry><link rel="self" href="RT/1"/><content><ReadingType xmlns="http://naesb.org/espi"><flowDirection>1</flowDirection><intervalLength>3600</intervalLength><powerOfTenMultiplier>3</powerOfTenMultiplier><uom>72</uom></ReadingType></content></entry>
              <entry><link rel="self" href="MR/1"/><link rel="related" href="RT/1"/><content><MeterReading xmlns="http://naesb.org/espi"/></content></entry>
              <entry><link rel="up" href="MR/1/IntervalBlock"/><content><IntervalBlock xmlns="http://naesb.org/espi">
                <IntervalReading><timePeriod><duration>3600</duration><start>1768431600</start></timePeriod><value>5</value></IntervalReading>
                <IntervalReading><timePeriod><duration>3600</duration><start>1768435200</start></timePeriod><value>7</value></IntervalReading>
              </IntervalBlock></content></entry>
            </feed>
            """);
        var bill = await service.PostAsync("/v1/bills", Request(Tariff, $$"""{"greenButton":{{feed}} }"""));
        Assert.Equal("73.6", bill.GetProperty("total").GetString());
    }

    [Fact]
    public async Task Every_known_URDB_bill_is_exact_over_HTTP()
    {
        await using var service = await TariffsUnderTest.StartAsync();
        var cases = Directory.EnumerateFiles(TestData.Path("tariff/bills"), "urdb_*.json").Order(StringComparer.Ordinal).Take(8).ToArray();
        Assert.NotEmpty(cases);
        foreach (var file in cases)
        {
            var known = JsonDocument.Parse(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken)).RootElement;
            var load = string.Join(',', await File.ReadAllLinesAsync(TestData.Path($"tariff/{known.GetProperty("load").GetString()}"), TestContext.Current.CancellationToken));
            var rate = await File.ReadAllTextAsync(TestData.Path($"tariff/{known.GetProperty("tariff").GetString()}"), TestContext.Current.CancellationToken);
            var minutes = 525_600 / (load.Count(c => c == ',') + 1);
            var bill = await service.PostAsync("/v1/bills", $$"""
                {"tariffFormat":"urdb","tariff":{{rate}},"timeZone":"Etc/GMT+7","year":2018,"intervals":{"minutes":{{minutes}},"kW":[{{load.TrimEnd(',')}}]},"options":{"fixedDays":"meanMonthDay","ratchets":false} }
                """);
            var expected = known.GetProperty("expected");
            var energy = decimal.Parse(bill.GetProperty("subtotals").GetProperty("energy").GetString()!, CultureInfo.InvariantCulture);
            Assert.True(Math.Abs(expected.GetProperty("annual_energy").GetDecimal() - energy) <= 0.0001m, $"{Path.GetFileName(file)}: {energy}");
        }
    }

    [Theory]
    [InlineData("""{"intervals":{"start":"2026-01-15","minutes":60,"kW":[1]}}""", ErrorClass.SchemaInvalid, "/")]
    [InlineData("""[]""", ErrorClass.SchemaInvalid, "/")]
    [InlineData("""{"tariff":5,"intervals":{}}""", ErrorClass.SchemaInvalid, "/tariff")]
    [InlineData("""{"tariffs":5,"intervals":{}}""", ErrorClass.SchemaInvalid, "/tariffs")]
    [InlineData("""{"tariffId":"none","intervals":{}}""", ErrorClass.UnknownId, "/tariffId")]
    [InlineData("""{"tariff":TARIFF,"intervals":7}""", ErrorClass.SchemaInvalid, "/intervals")]
    [InlineData("""{"tariff":TARIFF,"intervals":{"start":"2026-01-15","minutes":7,"kW":[1]}}""", ErrorClass.SemanticDuration, "/intervals/minutes")]
    [InlineData("""{"tariff":TARIFF,"intervals":{"start":"2026-01-15","minutes":60,"kW":[1,"x"]}}""", ErrorClass.SemanticNumber, "/intervals/kW/1")]
    [InlineData("""{"tariff":TARIFF,"intervals":DAY,"options":3}""", ErrorClass.SchemaInvalid, "/options")]
    [InlineData("""{"tariff":TARIFF,"intervals":DAY,"options":{"rounding":{"scale":"a"}}}""", ErrorClass.SchemaInvalid, "/options/rounding/scale")]
    [InlineData("""{"tariff":TARIFF,"intervals":DAY,"account":{"meters":"two"}}""", ErrorClass.SchemaInvalid, "/account/meters")]
    [InlineData("""{"tariff":TARIFF,"intervals":DAY,"cycles":[{"from":"2026-02-01","until":"2026-01-01"}]}""", ErrorClass.DataGap, null)]
    [InlineData("""{"tariff":TARIFF,"intervals":DAY""", ErrorClass.Malformed, "/")]
    public async Task What_cannot_be_billed_is_refused_with_class_and_pointer(string json, ErrorClass errorClass, string? pointer)
    {
        await using var service = await TariffsUnderTest.StartAsync();
        var request = json.Replace("TARIFF", Tariff, StringComparison.Ordinal).Replace("DAY", Day, StringComparison.Ordinal);
        var problem = await service.RefusedAsync("/v1/bills", request, errorClass);
        if (pointer is not null)
        {
            Assert.Equal(pointer, problem.GetProperty("errors")[0].GetProperty("pointer").GetString());
        }
    }

    [Fact]
    public async Task More_versions_than_any_tariff_has_are_refused_at_once()
    {
        await using var service = await TariffsUnderTest.StartAsync();
        var many = string.Join(',', Enumerable.Repeat(Tariff, 101));
        var problem = await service.RefusedAsync("/v1/bills", $$"""{"tariffs":[{{many}}],"intervals":{{Day}} }""", ErrorClass.LimitCount);
        Assert.Equal("/tariffs", problem.GetProperty("errors")[0].GetProperty("pointer").GetString());
    }

    [Fact]
    public async Task A_body_that_is_too_large_or_of_another_type_is_refused()
    {
        await using var service = await TariffsUnderTest.StartAsync();
        await service.RefusedAsync("/v1/bills", new string(' ', 17 * 1024 * 1024), ErrorClass.LimitSize);
        using var text = new StringContent("a", MediaTypeHeaderValue.Parse("text/plain"));
        using var answer = await service.Operator.PostAsync(new Uri("/v1/bills", UriKind.Relative), text, TestContext.Current.CancellationToken);
        await TariffsUnderTest.ProblemAsync(answer, ErrorClass.UnsupportedMedia);
    }

    [Fact]
    public async Task Controllers_calculate_nothing_and_publishers_may()
    {
        await using var service = await TariffsUnderTest.StartAsync();
        foreach (var (token, errorClass) in new[] { (service.App.Tokens.Publisher, (ErrorClass?)null), (service.App.Tokens.Controller, ErrorClass.AuthzRole) })
        {
            using var client = service.App.Client(token);
            using var content = TariffsUnderTest.Json(Request(Tariff, Day));
            using var answer = await client.PostAsync(new Uri("/v1/bills", UriKind.Relative), content, TestContext.Current.CancellationToken);
            _ = errorClass is { } wanted ? await TariffsUnderTest.ProblemAsync(answer, wanted) : await TariffsUnderTest.OkAsync(answer);
        }
    }

    [Fact]
    public async Task A_year_of_quarter_hours_is_billed_in_one_answer()
    {
        await using var service = await TariffsUnderTest.StartAsync();
        var kw = string.Join(',', Enumerable.Range(0, 35_040).Select(i => ((i % 96) + 0.125m).ToString(CultureInfo.InvariantCulture)));
        var json = Request(Tariff, $$"""{"start":"2026-01-01","minutes":15,"kW":[{{kw}}]}""");
        var watch = Stopwatch.StartNew();
        var bill = await service.PostAsync("/v1/bills", json);
        Assert.Equal(12, bill.GetProperty("months").GetArrayLength());
        TestContext.Current.TestOutputHelper?.WriteLine($"first annual bill of 35,040 intervals: {watch.ElapsedMilliseconds} ms");
    }

    private static string Request(string tariff, string intervals) => $$"""{"tariff":{{tariff}},"intervals":{{intervals}} }""";
}
