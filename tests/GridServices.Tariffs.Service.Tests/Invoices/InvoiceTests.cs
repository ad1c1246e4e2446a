using System.Net;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Storage;
using GridServices.Hosting.Web;
using GridServices.Tariffs.Service.Tests.Meters;
using GridServices.Tariffs.Service.Tests.Runs;
using GridServices.Testing;
using NodaTime;

namespace GridServices.Tariffs.Service.Tests.Invoices;

public sealed class InvoiceTests
{
    private static readonly Instant Day = Instant.FromUtc(2026, 1, 10, 0, 0);

    internal const string Seller =
        """
        {"name":"Strom & Sohn GmbH","address":{"street":"Am Deich 1","city":"Bremen","postCode":"28195","country":"DE"},"vatId":"DE123456789","timeZone":"Europe/Berlin","paymentDays":14,
         "payment":{"account":"DE02120300000000202051","means":"58"},"vat":{"rules":[{"category":"S","rate":25}],"inBill":["vat"]}}
        """;

    internal const string Buyer = """{"name":"Depot B.V.","address":{"city":"Utrecht","country":"NL"},"vatId":"NL123456789B01","account":"K-77"}""";

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task A_bill_is_invoiced_corrected_and_credited_under_numbers_without_gaps(Dialect dialect)
    {
        await using var store = TestStores.Create(dialect);
        await using var rig = await MeterRig.StartAsync(store);
        var run = await BilledAsync(rig, 50);
        var draft = await PostAsync(rig, "/v1/invoices", Request(run));
        var id = draft.GetProperty("invoiceId").GetString()!;
        Assert.Equal(("draft", false), (draft.GetProperty("state").GetString(), draft.GetProperty("document").TryGetProperty("number", out _)));
        Assert.Contains("already, by the draft", Detail(await rig.Service.RefusedAsync("/v1/invoices", Request(run), ErrorClass.Conflict)), StringComparison.Ordinal);
        using var early = await GetAsync(rig, $"/v1/invoices/{id}?format=ubl");
        Assert.Equal(HttpStatusCode.NotAcceptable, early.StatusCode);

        // Issued on 15 January 2026 at 13:00 in Berlin; 14 days.
        var issued = await PostAsync(rig, $"/v1/invoices/{id}/issue", null);
        var document = issued.GetProperty("document");
        Assert.Equal(("CPO-2026-00001", "2026-01-15", "2026-01-29", true), (Text(document, "number"), Text(document, "issueDate"), Text(document, "dueDate"), document.GetProperty("provisional").GetBoolean()));
        await rig.Service.RefusedAsync($"/v1/invoices/{id}/credit", """{"runId":"x"}""", ErrorClass.SchemaInvalid);

        var later = await BilledAsync(rig, 60);
        var correction = await PostAsync(rig, $"/v1/invoices/{id}/rebill", $$"""{"runId":"{{later}}","reason":"late meter data"}""");
        Assert.Equal(("CPO-2026-00002", "correction", "150.78"), (Text(correction.GetProperty("document"), "number"), Text(correction.GetProperty("document"), "kind"), Payable(correction)));
        Assert.Contains("go on from that one", Detail(await rig.Service.RefusedAsync($"/v1/invoices/{id}/credit", "{}", ErrorClass.Conflict)), StringComparison.Ordinal);
        var credit = await PostAsync(rig, $"/v1/invoices/{Text(correction, "invoiceId")}/credit", "{}");
        Assert.Equal(("CPO-2026-00003", "creditNote", "904.69"), (Text(credit.GetProperty("document"), "number"), Text(credit.GetProperty("document"), "kind"), Payable(credit)));

        var chain = await rig.GetAsync($"/v1/invoices?chainId={id}");
        Assert.Equal([("rebilled", "753.91"), ("credited", "150.78"), ("issued", "904.69")], chain.GetProperty("items").EnumerateArray().Select(i => (Text(i, "state"), Text(i, "payable"))));

        // What was issued first is as it was.
        Assert.Equal(document.GetRawText(), (await rig.GetAsync($"/v1/invoices/{id}")).GetProperty("document").GetRawText());
        await PostAsync(rig, "/v1/invoices", Request(later));
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task Invoices_issued_at_once_have_numbers_without_gaps_and_a_chain_goes_one_way(Dialect dialect)
    {
        await using var store = TestStores.Create(dialect);
        await using var rig = await MeterRig.StartAsync(store);
        await BilledAsync(rig, 50);
        await BillingRunTests.FillAsync(rig, 6, alsoEmpty: false);
        var run = Text(await PostAsync(rig, "/v1/billing-runs", """{"meters":"all","from":"2026-01-01","until":"2026-02-01"}"""), "runId");
        await Until.HoldsAsync(async () => Text(await rig.GetAsync($"/v1/billing-runs/{run}"), "state"), state => state == "done");
        var drafts = new List<string>();
        for (var i = 1; i < 6; i++)
        {
            drafts.Add(Text(await PostAsync(rig, "/v1/invoices", Request(run).Replace("\"main\"", $"\"m00{i}\"", StringComparison.Ordinal)), "invoiceId"));
        }

        var issued = await Task.WhenAll(drafts.Select(d => PostAsync(rig, $"/v1/invoices/{d}/issue", null)));
        Assert.Equal([1, 2, 3, 4, 5], issued.Select(i => int.Parse(Text(i.GetProperty("document"), "number")[^5..], System.Globalization.CultureInfo.InvariantCulture)).Order());

        var credits = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => SendAsync(rig, $"/v1/invoices/{drafts[0]}/credit", "{}", null)));
        Assert.Equal([HttpStatusCode.Created, HttpStatusCode.Conflict, HttpStatusCode.Conflict, HttpStatusCode.Conflict], credits.Select(c => c.StatusCode).Order());
        Assert.Equal("CPO-2026-00006", Text((await rig.GetAsync($"/v1/invoices?chainId={drafts[0]}")).GetProperty("items")[1], "number"));
        foreach (var credit in credits)
        {
            credit.Dispose();
        }
    }

    [Fact]
    public async Task Every_form_is_of_the_same_document_and_lists_are_filtered_and_paged()
    {
        await using var rig = await MeterRig.StartAsync();
        var id = Text(await PostAsync(rig, "/v1/invoices", Request(await BilledAsync(rig, 50))), "invoiceId");
        await PostAsync(rig, $"/v1/invoices/{id}/issue", null);
        foreach (var (format, type, part) in new[] { ("html", "text/html", "<svg"), ("csv", "text/csv", "CPO-2026-00001,invoice"), ("ubl", "application/xml", "<cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>"), ("pdf", "application/pdf", "%PDF-1.4"), ("json", "application/json", "CPO-2026-00001") })
        {
            using var named = await GetAsync(rig, $"/v1/invoices/{id}?format={format}");
            using var accepted = await GetAsync(rig, $"/v1/invoices/{id}", type);
            var text = await named.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.Equal(type, named.Content.Headers.ContentType!.MediaType);
            Assert.Contains(part, text, StringComparison.Ordinal);
            Assert.Equal(text, await accepted.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }

        foreach (var (query, count) in new[] { ("state=issued", 1), ("state=draft", 0), ("sellerId=cpo&meterId=main&provisional=true", 1), ("from=2026-01-15&until=2026-01-16", 1), ("from=2026-01-16", 0), ($"after={id}", 0), ("number=CPO-2026-00001&limit=1", 1) })
        {
            Assert.Equal(count, (await rig.GetAsync($"/v1/invoices?{query}")).GetProperty("items").GetArrayLength());
        }

        using var wrong = await GetAsync(rig, "/v1/invoices?state=paid");
        await TariffsUnderTest.ProblemAsync(wrong, ErrorClass.SemanticCode);
        using var notJson = await GetAsync(rig, $"/v1/invoices/{id}", "application/json;q=0, */*;q=0.5");
        Assert.Equal("text/csv", notJson.Content.Headers.ContentType!.MediaType);
        using var image = await GetAsync(rig, $"/v1/invoices/{id}", "image/png");
        Assert.Equal(HttpStatusCode.NotAcceptable, image.StatusCode);
    }

    [Fact]
    public async Task A_key_does_its_work_once_and_drafts_are_deleted_but_nothing_that_was_issued()
    {
        await using var rig = await MeterRig.StartAsync();
        var run = await BilledAsync(rig, 50);
        using var first = await SendAsync(rig, "/v1/invoices", Request(run), "k-1");
        using var again = await SendAsync(rig, "/v1/invoices", Request(run), "k-1");
        var id = Text(await TariffsUnderTest.OkAsync(first), "invoiceId");
        Assert.Equal((id, true), (Text(await TariffsUnderTest.OkAsync(again), "invoiceId"), again.Headers.Contains(StoredReply.ReplayedHeader)));
        Assert.Equal(HttpStatusCode.NoContent, await DeleteAsync(rig, id));
        var second = Text(await PostAsync(rig, "/v1/invoices", Request(run)), "invoiceId");
        using var issued = await SendAsync(rig, $"/v1/invoices/{second}/issue", null, "k-2");
        using var issuedAgain = await SendAsync(rig, $"/v1/invoices/{second}/issue", null, "k-2");
        Assert.Equal(await issued.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), await issuedAgain.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.Conflict, await DeleteAsync(rig, second));
        using var series = await rig.PutAsync("/v1/invoice-series/s", """{"sellerId":"cpo","format":"X-{year}-{number}"}""");
        await TariffsUnderTest.ProblemAsync(series, ErrorClass.Conflict);
    }

    [Fact]
    public async Task Numbers_are_of_one_seller_and_one_series_and_of_the_year_where_the_seller_is()
    {
        await using var rig = await MeterRig.StartAsync();
        var id = Text(await PostAsync(rig, "/v1/invoices", Request(await BilledAsync(rig, 50))), "invoiceId");
        using var twin = await rig.PutAsync("/v1/invoice-series/twin", """{"sellerId":"cpo","format":"CPO-{year}-{number}"}""");
        Assert.Equal("/format", Text(await TariffsUnderTest.ProblemAsync(twin, ErrorClass.Conflict), "pointer"));

        // A series that has given no number yet goes to another seller: the draft of the first is not numbered by it.
        await rig.PutOkAsync("/v1/parties/other", Seller);
        await rig.PutOkAsync("/v1/invoice-series/s", """{"sellerId":"other","format":"CPO-{year}-{number:5}"}""");
        using var moved = await SendAsync(rig, $"/v1/invoices/{id}/issue", null, null);
        Assert.Contains("of seller 'other' by now", Detail(await TariffsUnderTest.ProblemAsync(moved, ErrorClass.Conflict)), StringComparison.Ordinal);

        await rig.PutOkAsync("/v1/invoice-series/s", """{"sellerId":"cpo","format":"CPO-{year}-{number:5}"}""");
        rig.Pass(Instant.FromUtc(2026, 12, 31, 23, 30) - MeterRig.Start);
        var document = (await PostAsync(rig, $"/v1/invoices/{id}/issue", null)).GetProperty("document");
        Assert.Equal(("CPO-2027-00001", "2027-01-01"), (Text(document, "number"), Text(document, "issueDate")));
    }

    [Fact]
    public async Task An_older_bill_corrects_nothing()
    {
        await using var rig = await MeterRig.StartAsync();
        var older = await BilledAsync(rig, 50);
        rig.Pass(Duration.FromSeconds(1));
        var id = Text(await PostAsync(rig, "/v1/invoices", Request(await BilledAsync(rig, 60))), "invoiceId");
        await PostAsync(rig, $"/v1/invoices/{id}/issue", null);
        Assert.Contains("is older than run", Detail(await rig.Service.RefusedAsync($"/v1/invoices/{id}/rebill", $$"""{"runId":"{{older}}"}""", ErrorClass.Conflict)), StringComparison.Ordinal);
        var credit = Text(await PostAsync(rig, $"/v1/invoices/{id}/credit", "{}"), "invoiceId");
        Assert.Equal("invoice", Text((await PostAsync(rig, $"/v1/invoices/{credit}/rebill", $$"""{"runId":"{{older}}"}""")).GetProperty("document"), "kind"));
    }

    [Fact]
    public async Task Customers_see_what_was_issued_for_their_sites_and_make_nothing()
    {
        await using var rig = await MeterRig.StartAsync();
        var run = await BilledAsync(rig, 50);
        var id = Text(await PostAsync(rig, "/v1/invoices", Request(run)), "invoiceId");
        var app = rig.Service.App;
        using var mine = app.Client(await app.AddTokenAsync("mine", Role.Customer, sites: ["site-1"]));
        using var others = app.Client(await app.AddTokenAsync("others", Role.Customer, sites: ["site-2"]));
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.Forbidden), (await StatusAsync(mine, id), await StatusAsync(others, id)));
        await PostAsync(rig, $"/v1/invoices/{id}/issue", null);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Forbidden), (await StatusAsync(mine, id), await StatusAsync(others, id)));
        Assert.Equal((1, 0), (await CountAsync(mine), await CountAsync(others)));
        using var credit = await mine.PostAsync(new Uri($"/v1/invoices/{id}/credit", UriKind.Relative), TariffsUnderTest.Json("{}"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Forbidden, credit.StatusCode);
    }

    [Theory]
    [InlineData("\"meterId\":\"main\"", "\"meterId\":\"none\"", "/meterId", ErrorClass.UnknownId)]
    [InlineData("\"sellerId\":\"cpo\"", "\"sellerId\":\"none\"", "/sellerId", ErrorClass.UnknownId)]
    [InlineData("\"buyerId\":\"depot\"", "\"buyerId\":\"none\"", "/buyerId", ErrorClass.UnknownId)]
    [InlineData("\"seriesId\":\"s\"", "\"seriesId\":\"none\"", "/seriesId", ErrorClass.UnknownId)]
    [InlineData("\"seriesId\":\"s\"", "\"seriesId\":\"s\",\"vat\":{\"rules\":[{\"category\":\"S\",\"rate\":19}],\"inBill\":[\"vat\"]}", "/vat", ErrorClass.SemanticNumber)]
    [InlineData("\"seriesId\":\"s\"", "\"seriesId\":\"s\",\"dueDate\":\"2026-01-01\"", "/dueDate", ErrorClass.SchemaInvalid)]
    public async Task What_cannot_be_invoiced_is_refused_with_its_place(string right, string wrong, string at, ErrorClass errorClass)
    {
        await using var rig = await MeterRig.StartAsync();
        var request = Request(await BilledAsync(rig, 50)).Replace(right, wrong, StringComparison.Ordinal);
        Assert.Equal(at, (await rig.Service.RefusedAsync("/v1/invoices", request, errorClass)).GetProperty("pointer").GetString());
    }

    [Fact]
    public async Task An_invoice_of_a_sum_of_meters_has_its_load_profile()
    {
        await using var rig = await MeterRig.StartAsync();
        await BilledAsync(rig, 50);
        await rig.PutOkAsync("/v1/meters/total", """{"siteId":"site-1","tariffId":"depot","telemetry":false,"publish":false,"sumOf":[{"meterId":"main"}]}""");
        var run = Text(await PostAsync(rig, "/v1/billing-runs", """{"meters":["total"],"from":"2026-01-01","until":"2026-02-01"}"""), "runId");
        await Until.HoldsAsync(async () => Text(await rig.GetAsync($"/v1/billing-runs/{run}"), "state"), state => state == "done");
        var draft = await PostAsync(rig, "/v1/invoices", Request(run).Replace("\"main\"", "\"total\"", StringComparison.Ordinal));
        Assert.Equal(JsonValueKind.Object, draft.GetProperty("document").GetProperty("load").ValueKind);
    }

    /// <summary>Parties, series, a meter with a quarter-hour of <paramref name="kw"/>, and the run that billed it.</summary>
    internal static async Task<string> BilledAsync(MeterRig rig, int kw)
    {
        await rig.PutOkAsync("/v1/parties/cpo", Seller);
        await rig.PutOkAsync("/v1/parties/depot", Buyer);
        await rig.PutOkAsync("/v1/invoice-series/s", """{"sellerId":"cpo","format":"CPO-{year}-{number:5}"}""");
        await rig.PutOkAsync("/v1/meters/main", """{"siteId":"site-1","tariffId":"depot","telemetry":false,"publish":false}""");
        await rig.PutOkAsync("/v1/meters/main/intervals", MeterRig.Intervals(Day, kw));
        var run = Text(await PostAsync(rig, "/v1/billing-runs", """{"meters":["main"],"from":"2026-01-01","until":"2026-02-01"}"""), "runId");
        await Until.HoldsAsync(async () => Text(await rig.GetAsync($"/v1/billing-runs/{run}"), "state"), state => state == "done");
        return run;
    }

    internal static string Request(string run) => $$"""{"runId":"{{run}}","meterId":"main","sellerId":"cpo","buyerId":"depot","seriesId":"s"}""";

    private static async Task<JsonElement> PostAsync(MeterRig rig, string path, string? json)
    {
        using var answer = await SendAsync(rig, path, json, null);
        return await TariffsUnderTest.OkAsync(answer);
    }

    private static async Task<HttpResponseMessage> SendAsync(MeterRig rig, string path, string? json, string? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = json is null ? null : TariffsUnderTest.Json(json) };
        if (key is not null)
        {
            request.Headers.Add(IdempotencyKey.Header, key);
        }

        return await rig.Service.Operator.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static async Task<HttpResponseMessage> GetAsync(MeterRig rig, string path, string? accept = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (accept is not null)
        {
            request.Headers.Accept.ParseAdd(accept);
        }

        return await rig.Service.Operator.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static async Task<HttpStatusCode> DeleteAsync(MeterRig rig, string id)
    {
        using var answer = await rig.Service.Operator.DeleteAsync(new Uri($"/v1/invoices/{id}", UriKind.Relative), TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string id)
    {
        using var answer = await client.GetAsync(new Uri($"/v1/invoices/{id}", UriKind.Relative), TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    private static async Task<int> CountAsync(HttpClient client) =>
        JsonDocument.Parse(await client.GetStringAsync(new Uri("/v1/invoices", UriKind.Relative), TestContext.Current.CancellationToken)).RootElement.GetProperty("items").GetArrayLength();

    private static string Text(JsonElement holder, string name) => holder.GetProperty(name).GetString()!;

    private static string Payable(JsonElement answer) => Text(answer.GetProperty("document").GetProperty("totals"), "payable");

    private static string Detail(JsonElement problem) => Text(problem, "detail");
}
