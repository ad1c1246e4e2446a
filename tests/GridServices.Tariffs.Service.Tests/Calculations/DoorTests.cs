using System.Net;
using System.Text;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Tariffs.Service.Tests.Meters;

namespace GridServices.Tariffs.Service.Tests.Calculations;

/// <summary>What is said at the service's doors about names, forms and files.</summary>
public sealed class DoorTests
{
    private const string German = "Datum;Uhrzeit;Wert kWh\n01.01.2026;00:00;5,336\n01.01.2026;00:15;7,119\n";

    [Fact]
    public async Task A_file_is_billed_by_its_declared_dialect_and_previewed_by_the_same()
    {
        await using var rig = await MeterRig.StartAsync();
        const string Dialect = "zone=Europe/Berlin&decimal=comma";
        using var bill = await SendAsync(rig, $"/v1/bills?tariffId=depot&{Dialect}", German, "text/csv");
        var month = (await TariffsUnderTest.OkAsync(bill)).GetProperty("months")[0];
        Assert.Equal("12.455", month.GetProperty("importKwh").GetString());
        using var preview = await SendAsync(rig, $"/v1/intervals/preview?{Dialect}", German, "text/csv");
        var shown = await TariffsUnderTest.OkAsync(preview);
        Assert.Equal(
            ("value", "2025-12-31T23:00:00Z", "12.455", 0),
            (shown.GetProperty("preview").GetProperty("columns")[2].GetProperty("role").GetString(), shown.GetProperty("preview").GetProperty("rows")[0].GetProperty("from").GetString(),
                shown.GetProperty("preview").GetProperty("kwh").GetString(), shown.TryGetProperty("problems", out var problems) ? problems.GetArrayLength() : 0));
        using var undeclared = await SendAsync(rig, "/v1/intervals/preview?zone=Europe/Berlin", German, "text/csv");
        Assert.Contains("decimal: comma", (await TariffsUnderTest.OkAsync(undeclared)).GetProperty("problems")[0].GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1/bills?tariffId=depot&stampp=end", "did you mean 'stamp'?")]
    [InlineData("/v1/bills?tariffId=depot&zone=Etc/UTC&zone=Europe/Berlin", "2 times")]
    [InlineData("/v1/bills?tariffId=depot&channel=1", "channel is one of import, export, net")]
    [InlineData("/v1/intervals/preview?tariffId=depot", "no query parameter 'tariffId'")]
    public async Task A_query_name_that_is_not_read_is_refused(string path, string words)
    {
        await using var rig = await MeterRig.StartAsync();
        using var answer = await SendAsync(rig, path, "time,kWh\n2026-01-01T00:00:00Z,1\n", "text/csv");
        Assert.True((int)answer.StatusCode is 400 or 422);
        Assert.Contains(words, JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_that_is_not_given_is_refused_and_not_replaced()
    {
        await using var rig = await MeterRig.StartAsync();
        const string Blocks = """{"currency":"EUR","blocks":[{"mw":1,"hours":1,"pricePerMwHour":1,"performance":1}]}""";
        foreach (var (accept, status) in new[] { ("text/csv", HttpStatusCode.NotAcceptable), ("application/json", HttpStatusCode.OK), ("text/csv, */*;q=0.1", HttpStatusCode.OK) })
        {
            using var answer = await SendAsync(rig, "/v1/settlements/frequency", Blocks, "application/json", accept);
            Assert.Equal(status, answer.StatusCode);
        }
    }

    [Fact]
    public async Task The_kinds_of_lines_are_spelt_alike_in_CSV_and_JSON()
    {
        await using var rig = await MeterRig.StartAsync();
        const string Request = """{"tariffId":"depot","intervals":{"start":"2026-01-15","minutes":15,"kW":[4]}}""";
        using var csv = await SendAsync(rig, "/v1/bills", Request, "application/json", "text/csv");
        var kind = (await rig.Service.PostAsync("/v1/bills", Request)).GetProperty("months")[0].GetProperty("lineItems")[0].GetProperty("kind").GetString();
        Assert.Contains($",{kind},", (await csv.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Split("\r\n")[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_misspelt_member_of_a_settlement_is_refused_with_its_place()
    {
        await using var rig = await MeterRig.StartAsync();
        var problem = await rig.Service.RefusedAsync("/v1/settlements/frequency", """{"currency":"EUR","blocks":[{"mw":1,"hours":1,"pricePerMwHour":1,"performance":1,"energiKwh":5}]}""", ErrorClass.SchemaInvalid);
        Assert.Equal("/blocks/0/energiKwh", problem.GetProperty("errors")[0].GetProperty("pointer").GetString());
        Assert.Contains("did you mean energyKwh?", problem.GetProperty("errors")[0].GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private static async Task<HttpResponseMessage> SendAsync(MeterRig rig, string path, string body, string type, string? accept = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, type) };
        if (accept is not null)
        {
            request.Headers.Accept.ParseAdd(accept);
        }

        return await rig.Service.Operator.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
