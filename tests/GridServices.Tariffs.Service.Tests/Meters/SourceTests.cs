using System.Net;
using System.Text;
using GridServices.Contracts;

namespace GridServices.Tariffs.Service.Tests.Meters;

/// <summary>A source's dialect is declared once; its files are then read by its name.</summary>
public sealed class SourceTests
{
    private const string Dialect = """
        {"name":"Netz Nord","zone":"Europe/Berlin","stampFormat":"dd.MM.yyyy HH:mm","stamp":"end","decimal":"comma","qualityColumn":"Status","measuredCodes":["W"],"missingCodes":["G"],"multiplier":40,"rowsInOrder":true}
        """;

    private const string File = "Zeit;Wert kWh;Status\n15.01.2026 00:15;0,5;W\n15.01.2026 00:30;0,25;E\n15.01.2026 00:45;;G\n15.01.2026 01:00;0,5;W\n";

    [Fact]
    public async Task A_file_is_previewed_stored_and_billed_by_the_dialect_of_its_source()
    {
        await using var rig = await MeterRig.StartAsync();
        await rig.RegisterAsync();
        using (var put = await rig.PutAsync("/v1/meter-sources/netz-nord", Dialect))
        {
            Assert.Equal((HttpStatusCode.Created, "/v1/meter-sources/netz-nord"), (put.StatusCode, put.Headers.Location?.ToString()));
        }

        var preview = (await TariffsUnderTest.OkAsync(await PostAsync(rig, "/v1/intervals/preview?source=netz-nord", File))).GetProperty("preview");
        Assert.Equal(("csv", "50", 1, 1), (preview.GetProperty("form").GetString(), preview.GetProperty("kwh").GetString(), preview.GetProperty("missingIntervals").GetInt32(), preview.GetProperty("estimatedIntervals").GetInt32()));
        Assert.Equal(("2026-01-14T23:00:00Z", "20"), (preview.GetProperty("rows")[0].GetProperty("from").GetString(), preview.GetProperty("rows")[0].GetProperty("value").GetString()));
        Assert.Equal((true, false), (preview.GetProperty("rows")[1].GetProperty("estimated").GetBoolean(), preview.GetProperty("rows")[2].TryGetProperty("value", out _)));

        var stored = await rig.PutOkAsync("/v1/meters/main/intervals?source=netz-nord", File, "text/csv");
        Assert.Equal(3, stored.GetProperty("added").GetInt32());
        using var kept = await rig.Service.Operator.GetAsync(new Uri("/v1/meters/main/intervals?from=2026-01-14T23:00:00Z&until=2026-01-15T00:00:00Z", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Contains("2026-01-14T23:15:00Z,40,true", await kept.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);

        var bill = await TariffsUnderTest.OkAsync(await PostAsync(rig, "/v1/bills?tariffId=depot&source=netz-nord&multiplier=1", File));
        Assert.Equal((true, "1.25"), (bill.GetProperty("provisional").GetBoolean(), bill.GetProperty("months")[0].GetProperty("importKwh").GetString()));
    }

    [Fact]
    public async Task A_source_is_kept_with_its_tag_and_forgotten_on_demand()
    {
        await using var rig = await MeterRig.StartAsync();
        await rig.PutOkAsync("/v1/meter-sources/netz-nord", Dialect);
        Assert.Equal("40", (await rig.GetAsync("/v1/meter-sources/netz-nord")).GetProperty("dialect").GetProperty("multiplier").GetString());
        Assert.Equal("netz-nord", (await rig.GetAsync("/v1/meter-sources?limit=1")).GetProperty("items")[0].GetProperty("sourceId").GetString());
        using (var stale = new HttpRequestMessage(HttpMethod.Put, "/v1/meter-sources/netz-nord") { Content = TariffsUnderTest.Json("{}") })
        {
            stale.Headers.TryAddWithoutValidation("If-Match", "\"other\"");
            using var answer = await rig.Service.Operator.SendAsync(stale, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.PreconditionFailed, answer.StatusCode);
        }

        using (var wrong = await rig.PutAsync("/v1/meter-sources/other", """{"zone":"Berlin","multiplier":0,"stampFormat":"qq"}"""))
        {
            var errors = (await TariffsUnderTest.ProblemAsync(wrong, ErrorClass.SemanticTz)).GetProperty("errors");
            Assert.Equal(["/zone", "/multiplier", "/stampFormat"], errors.EnumerateArray().Select(e => e.GetProperty("pointer").GetString()));
        }

        using (var gone = await rig.Service.Operator.DeleteAsync(new Uri("/v1/meter-sources/netz-nord", UriKind.Relative), TestContext.Current.CancellationToken))
        {
            Assert.Equal(HttpStatusCode.NoContent, gone.StatusCode);
        }

        await TariffsUnderTest.ProblemAsync(await PostAsync(rig, "/v1/intervals/preview?source=netz-nord", File), ErrorClass.UnknownId);
    }

    private static Task<HttpResponseMessage> PostAsync(MeterRig rig, string path, string file) =>
        rig.Service.Operator.PostAsync(new Uri(path, UriKind.Relative), new StringContent(file, Encoding.UTF8, "text/csv"), TestContext.Current.CancellationToken);
}
