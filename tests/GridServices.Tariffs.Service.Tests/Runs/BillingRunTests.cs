using System.Globalization;
using System.Net;
using System.Text.Json;
using Dapper;
using GridServices.Contracts;
using GridServices.Hosting.Storage;
using GridServices.Tariffs.Service.Tests.Meters;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace GridServices.Tariffs.Service.Tests.Runs;

public sealed class BillingRunTests
{
    private static readonly Instant Day = Instant.FromUtc(2026, 1, 10, 0, 0);

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task A_run_bills_every_meter_as_a_single_bill_would(Dialect dialect)
    {
        await using var store = TestStores.Create(dialect);
        await using var rig = await MeterRig.StartAsync(store);
        await FillAsync(rig, 70);
        using var started = await PostAsync(rig, """{"meters":"all","from":"2026-01-01","until":"2026-02-01"}""");
        Assert.Equal(HttpStatusCode.Accepted, started.StatusCode);
        var run = await DoneAsync(rig, started);
        Assert.Equal(("done", 71, 70, 1), (run.GetProperty("state").GetString(), Int(run, "total"), Int(run, "done"), Int(run, "failed")));
        var path = $"/v1/billing-runs/{run.GetProperty("runId").GetString()}/bills";
        var bills = await rig.GetAsync(path);
        var single = await rig.Service.PostAsync("/v1/bills", $$"""{"tariffId":"depot","intervals":{{MeterRig.Intervals(Day, 5, 50)}},"cycles":[{"from":"2026-01-01","until":"2026-02-01"}]}""");
        var five = bills.EnumerateArray().Single(b => b.GetProperty("meterId").GetString() == "m005");
        Assert.Equal((single.GetProperty("total").GetString(), true), (five.GetProperty("total").GetString(), five.GetProperty("provisional").GetBoolean()));
        var whole = await rig.GetAsync($"{path}/m005");
        Assert.Equal(single.GetProperty("months").GetRawText(), whole.GetProperty("months").GetRawText());
        var empty = bills.EnumerateArray().Single(b => b.GetProperty("meterId").GetString() == "nothing");
        Assert.Contains("nothing is stored", empty.GetProperty("problem").GetString(), StringComparison.Ordinal);
        var csv = await TextAsync(rig, path, "text/csv");
        Assert.Equal(72, csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("<!doctype html>", await TextAsync(rig, $"{path}/m005", "text/html"), StringComparison.Ordinal);
        Assert.Equal(10, (await rig.GetAsync($"{path}?after=m004&limit=10")).GetProperty("items").GetArrayLength());
        Assert.Equal(1, (await rig.GetAsync("/v1/billing-runs")).GetArrayLength());
    }

    [Fact]
    public async Task A_bill_that_the_store_refuses_keeps_no_other_from_being_stored()
    {
        await using var store = TestStores.Create(Dialect.Sqlite);
        await using var rig = await MeterRig.StartAsync(store);
        await FillAsync(rig, 3, alsoEmpty: false);
        await rig.Service.App.App.Services.GetRequiredService<Store>().WriteAsync(
            tx => tx.Connection!.ExecuteAsync(
                "CREATE TRIGGER broken BEFORE UPDATE ON billing_jobs WHEN NEW.meter_id = 'm001' AND NEW.state = 'done' BEGIN SELECT RAISE(ABORT, 'broken'); END", transaction: tx),
            TestContext.Current.CancellationToken);
        using var started = await PostAsync(rig, """{"meters":"all","from":"2026-01-01","until":"2026-02-01"}""");
        var run = await DoneAsync(rig, started);
        Assert.Equal(("done", 2, 1), (run.GetProperty("state").GetString(), Int(run, "done"), Int(run, "failed")));
    }

    [Fact]
    public async Task A_later_run_over_corrected_records_tells_what_is_still_due()
    {
        await using var rig = await MeterRig.StartAsync();
        await FillAsync(rig, 2, alsoEmpty: false);
        using var first = await PostAsync(rig, """{"meters":["m000","m001"],"from":"2026-01-01","until":"2026-02-01"}""");
        var before = await DoneAsync(rig, first);
        await rig.PutOkAsync("/v1/meters/m001/intervals", MeterRig.Intervals(Day, 1, 60));
        using var second = await PostAsync(rig, $$"""{"meters":"all","from":"2026-01-01","until":"2026-02-01","resettles":"{{before.GetProperty("runId").GetString()}}"}""");
        var bills = await rig.GetAsync($"/v1/billing-runs/{(await DoneAsync(rig, second)).GetProperty("runId").GetString()}/bills");

        // 753.98 was paid, 904.77 is right: 10 kW more in one quarter-hour.
        Assert.Equal(["0", "150.79"], bills.EnumerateArray().Select(b => b.GetProperty("delta").GetString()));
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task A_run_begins_with_what_the_run_before_left(Dialect dialect)
    {
        await using var store = TestStores.Create(dialect);
        await using var rig = await MeterRig.StartAsync(store);
        await rig.PutOkAsync("/v1/tariffs/solar", """
            {"schemaVersion":1,"id":"solar","currency":"EUR","timeZone":"Etc/UTC","energy":[{"id":"e","rates":[{"period":"all","tiers":[{"price":0.30}]}]}],
             "export":{"mode":"netMetering","credit":"kwh","trueUpMonth":6}}
            """);
        await rig.PutOkAsync("/v1/meters/pv", """{"siteId":"site-1","tariffId":"solar","telemetry":false,"publish":false}""");
        await rig.PutOkAsync("/v1/meters/pv/intervals", MeterRig.Intervals(Instant.FromUtc(2025, 12, 10, 0, 0), -50, -50, -50, -50));
        await rig.PutOkAsync("/v1/meters/pv/intervals", MeterRig.Intervals(Day, 60, 60, 60, 60));

        // 50 kWh of December's surplus leave 10 of January's 60 to pay; without December's run there is nothing to take.
        Assert.Equal("18", await TotalAsync(rig, "2026-01-01", "2026-02-01"));
        Assert.Equal("0", await TotalAsync(rig, "2025-12-01", "2026-01-01"));
        Assert.Equal("3", await TotalAsync(rig, "2026-01-01", "2026-02-01"));
        Assert.Equal("3", await TotalAsync(rig, "2026-01-01", "2026-02-01"));
    }

    private static async Task<string?> TotalAsync(MeterRig rig, string from, string until)
    {
        using var started = await PostAsync(rig, $$"""{"meters":["pv"],"from":"{{from}}","until":"{{until}}"}""");
        var run = await DoneAsync(rig, started);
        return Assert.Single((await rig.GetAsync($"/v1/billing-runs/{run.GetProperty("runId").GetString()}/bills")).EnumerateArray()).GetProperty("total").GetString();
    }

    [Fact]
    public async Task A_run_that_is_done_cannot_be_cancelled_any_more()
    {
        await using var rig = await MeterRig.StartAsync();
        await FillAsync(rig, 3);
        using var started = await PostAsync(rig, """{"meters":"all","year":2026}""");
        var done = await DoneAsync(rig, started);
        using var cancelled = await rig.Service.Operator.PostAsync(new Uri($"/v1/billing-runs/{done.GetProperty("runId").GetString()}/cancel", UriKind.Relative), null, TestContext.Current.CancellationToken);
        Assert.Equal("done", (await TariffsUnderTest.OkAsync(cancelled)).GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_cancellation_takes_no_body()
    {
        await using var rig = await MeterRig.StartAsync();
        await FillAsync(rig, 1);
        using var started = await PostAsync(rig, """{"meters":"all","year":2026}""");
        var cancel = new Uri($"/v1/billing-runs/{(await DoneAsync(rig, started)).GetProperty("runId").GetString()}/cancel", UriKind.Relative);
        using var asked = await rig.Service.Operator.PostAsync(cancel, TariffsUnderTest.Json("""{"foo":1}"""), TestContext.Current.CancellationToken);
        await TariffsUnderTest.ProblemAsync(asked, ErrorClass.SchemaInvalid);
        using var empty = await rig.Service.Operator.PostAsync(cancel, TariffsUnderTest.Json("{}"), TestContext.Current.CancellationToken);
        await TariffsUnderTest.OkAsync(empty);
    }

    [Theory]
    [InlineData("""{"meters":"all","year":2026,"tariffId":"none"}""", ErrorClass.UnknownId)]
    [InlineData("""{"meters":["m"],"siteId":"nope","year":2026}""", ErrorClass.SchemaInvalid)]
    [InlineData("""{"meters":[],"year":2026}""", ErrorClass.SchemaInvalid)]
    [InlineData("""{"meters":["none"],"year":2026}""", ErrorClass.UnknownId)]
    [InlineData("""{"meters":"all","year":2026}""", ErrorClass.SemanticEmpty)]
    [InlineData("""{"meters":"all","from":"2026-02-30","until":"2026-03-01"}""", ErrorClass.SemanticTime)]
    [InlineData("""{"meters":"all","from":"2026-02-01","until":"2026-01-01"}""", ErrorClass.SemanticTime)]
    [InlineData("""{"meters":"all","year":2026,"resettles":"none"}""", ErrorClass.UnknownId)]
    [InlineData("""{"meters":"all","year":2026,"month":1}""", ErrorClass.SchemaInvalid)]
    public async Task What_cannot_be_run_is_refused_with_its_reason(string request, ErrorClass errorClass)
    {
        await using var rig = await MeterRig.StartAsync();
        using var answer = await PostAsync(rig, request);
        await TariffsUnderTest.ProblemAsync(answer, errorClass);
    }

    internal static async Task FillAsync(MeterRig rig, int meters, bool alsoEmpty = true)
    {
        for (var i = 0; i < meters; i++)
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"m{i:000}");
            await rig.PutOkAsync($"/v1/meters/{id}", $$"""{"siteId":"site-{{i}}","tariffId":"depot","telemetry":false,"publish":false}""");
            await rig.PutOkAsync($"/v1/meters/{id}/intervals", MeterRig.Intervals(Day, i, 50));
        }

        if (alsoEmpty)
        {
            await rig.PutOkAsync("/v1/meters/nothing", """{"siteId":"site-x","tariffId":"depot","telemetry":false,"publish":false}""");
        }
    }

    private static Task<HttpResponseMessage> PostAsync(MeterRig rig, string json) =>
        rig.Service.Operator.PostAsync(new Uri("/v1/billing-runs", UriKind.Relative), TariffsUnderTest.Json(json), TestContext.Current.CancellationToken);

    internal static async Task<JsonElement> DoneAsync(MeterRig rig, HttpResponseMessage started)
    {
        var id = (await TariffsUnderTest.OkAsync(started)).GetProperty("runId").GetString();
        return await Until.HoldsAsync(() => rig.GetAsync($"/v1/billing-runs/{id}"), run => run.GetProperty("state").GetString() == "done");
    }

    private static async Task<string> TextAsync(MeterRig rig, string path, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd(accept);
        using var answer = await rig.Service.Operator.SendAsync(request, TestContext.Current.CancellationToken);
        return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    private static int Int(JsonElement element, string name) => element.GetProperty(name).GetInt32();
}
