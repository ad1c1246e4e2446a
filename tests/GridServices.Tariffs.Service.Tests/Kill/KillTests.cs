using System.Collections.Immutable;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Hosting.Storage;
using GridServices.Hosting.Web;
using GridServices.Tariffs.Meters;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Service.Tests.Invoices;
using GridServices.Tariffs.Service.Tests.Meters;
using GridServices.Tariffs.Time;
using GridServices.Testing;
using NodaTime;

namespace GridServices.Tariffs.Service.Tests.Kill;

/// <summary>kill -9 at every step of a meter's reading and of a billing run: nothing is lost, nothing counts twice.</summary>
public sealed class KillTests
{
    private const string Meter = """{"siteId":"site-1","tariffId":"depot","targetW":100000,"failsafeW":20000,"staleAfter":"PT12H"}""";

    [Fact]
    public async Task Readings_count_once_whatever_instant_the_service_dies_at()
    {
        await using var place = TestStores.Create(Dialect.Sqlite);
        await using var hub = await HubStub.StartAsync();
        var tokens = new TestTokens(place.Folder);
        string[] arguments = [$"--Hub:Url={hub.Url}", "--Hub:Token=t"];
        var depot = InMidMonth(MeterRig.Tariff, SystemClock.Instance.GetCurrentInstant());
        await using (var first = await ServiceProcess.StartAsync(place, tokens, null, arguments))
        {
            await PutAsync(first, "/v1/tariffs/depot", depot);
            await PutAsync(first, "/v1/meters/main", Meter);
            await hub.EnvelopeAsync(e => e.Revision == 1);
        }

        var start = SystemClock.Instance.GetCurrentInstant() - Duration.FromHours(2);
        var told = new List<Reading>();
        foreach (var step in new[] { "meter.mid-step", "outbox.mid-add", "meter.before-commit", "meter.after-commit", "outbox.before-post", "outbox.after-post" })
        {
            await using var dying = await ServiceProcess.StartAsync(place, tokens, step, arguments);
            Send(hub, told, start);
            Assert.True(await dying.DiesAsync(), $"{step} was not reached: {dying.LastWords}");
        }

        await using var last = await ServiceProcess.StartAsync(place, tokens, null, arguments);
        Send(hub, told, start);
        ImmutableArray<CompiledTariff> tariff = [CompiledTariff.Compile(TariffJson.Read(Encoding.UTF8.GetBytes(depot)).OrThrow())];
        var plan = MeterPlanJson.Read(Encoding.UTF8.GetBytes(Meter), _ => tariff).OrThrow();
        var wanted = LiveMeter.Read(plan, tariff, MeterMemory.Empty, told, told[^1].At).States[0];
        var charge = await UntilAsync(last, told[^1].At);
        Assert.Equal(
            (ExactDecimal.Text(decimal.Round(wanted.PeakToDateKw, 6)), ExactDecimal.Text(decimal.Round(wanted.EnergyInWindowKwh, 6)), 0),
            (charge.GetProperty("peakToDateKw").GetString(), charge.GetProperty("energyInWindowKwh").GetString(), charge.GetProperty("unknownSeconds").GetString() == "0" ? 0 : 1));
        var envelopes = hub.Envelopes.ToArray();
        Assert.Empty(hub.Rejected);
        Assert.All(envelopes.Zip(envelopes.Skip(1)), p => Assert.True(p.Second.Revision > p.First.Revision, $"{p.Second.Revision} after {p.First.Revision}"));
    }

    [Fact]
    public async Task A_billing_run_goes_on_where_it_was_whatever_instant_the_service_dies_at()
    {
        const int meters = 100;
        await using var place = TestStores.Create(Dialect.Sqlite);
        var tokens = new TestTokens(place.Folder);
        await using (var first = await ServiceProcess.StartAsync(place, tokens, null))
        {
            await PutAsync(first, "/v1/tariffs/depot", MeterRig.Tariff);
            for (var i = 0; i < meters; i++)
            {
                var id = string.Create(CultureInfo.InvariantCulture, $"m{i:000}");
                await PutAsync(first, $"/v1/meters/{id}", $$"""{"siteId":"site-{{i}}","tariffId":"depot","telemetry":false,"publish":false}""");
                await PutAsync(first, $"/v1/meters/{id}/intervals", MeterRig.Intervals(Instant.FromUtc(2026, 1, 10, 0, 0), i));
            }
        }

        await using (var dying = await ServiceProcess.StartAsync(place, tokens, "run.claimed:2"))
        {
            // It may die before it has answered.
            await Record.ExceptionAsync(() => dying.Http.PostAsJsonAsync("/v1/billing-runs", new { meters = "all", year = 2026 }, TestContext.Current.CancellationToken));
            Assert.True(await dying.DiesAsync(), dying.LastWords);
        }

        var finished = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var step in new[] { "run.before-commit", "run.after-commit" })
        {
            await using var dying = await ServiceProcess.StartAsync(place, tokens, step);
            Assert.True(await dying.DiesAsync(), $"{step} was not reached: {dying.LastWords}");
        }

        await using var last = await ServiceProcess.StartAsync(place, tokens, null);
        var runId = Assert.Single((await GetAsync(last, "/v1/billing-runs")).EnumerateArray()).GetProperty("runId").GetString()!;
        await Until.HoldsAsync(async () => (await GetAsync(last, $"/v1/billing-runs/{runId}")).GetProperty("state").GetString(), state => state == "done");

        var bills = await GetAsync(last, $"/v1/billing-runs/{runId}/bills");
        foreach (var bill in bills.EnumerateArray())
        {
            finished.Add(bill.GetProperty("meterId").GetString()!, bill.GetProperty("total").GetString());
        }

        Assert.Equal(meters, finished.Count);
        foreach (var (meterId, total) in finished)
        {
            var kw = int.Parse(meterId.AsSpan(1), CultureInfo.InvariantCulture);
            var ratcheted = kw * 12m * (1 + 11 * 0.8m) * 1.25m;
            Assert.Equal(kw * 0.25m * 0.25m * 1.25m + ratcheted, decimal.Parse(total!, CultureInfo.InvariantCulture));
        }
    }

    [Fact]
    public async Task A_run_whose_answer_was_lost_is_answered_again_and_not_started_twice()
    {
        await using var place = TestStores.Create(Dialect.Sqlite);
        var tokens = new TestTokens(place.Folder);
        await using (var dying = await ServiceProcess.StartAsync(place, tokens, "run.started"))
        {
            await PutAsync(dying, "/v1/tariffs/depot", MeterRig.Tariff);
            await PutAsync(dying, "/v1/meters/main", Meter);
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => RunAsync(dying));
            Assert.True(await dying.DiesAsync(), dying.LastWords);
        }

        await using var last = await ServiceProcess.StartAsync(place, tokens, null);
        using var again = await RunAsync(last);
        var runId = (await TariffsUnderTest.OkAsync(again)).GetProperty("runId").GetString();
        Assert.True(again.Headers.Contains(StoredReply.ReplayedHeader));
        Assert.Equal(runId, Assert.Single((await GetAsync(last, "/v1/billing-runs")).EnumerateArray()).GetProperty("runId").GetString());
    }

    [Fact]
    public async Task A_number_and_its_invoice_are_both_there_or_neither_whatever_instant_the_service_dies_at()
    {
        await using var place = TestStores.Create(Dialect.Sqlite);
        var tokens = new TestTokens(place.Folder);
        string id;
        await using (var dying = await ServiceProcess.StartAsync(place, tokens, "invoice.numbered"))
        {
            id = await DraftedAsync(dying);
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => PostAsync(dying, $"/v1/invoices/{id}/issue", null));
            Assert.True(await dying.DiesAsync(), dying.LastWords);
        }

        await using (var dying = await ServiceProcess.StartAsync(place, tokens, "invoice.after-commit"))
        {
            Assert.Equal("draft", (await GetAsync(dying, $"/v1/invoices/{id}")).GetProperty("state").GetString());
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => PostAsync(dying, $"/v1/invoices/{id}/issue", null));
            Assert.True(await dying.DiesAsync(), dying.LastWords);
        }

        await using var last = await ServiceProcess.StartAsync(place, tokens, null);
        using var again = await PostAsync(last, $"/v1/invoices/{id}/issue", null);
        Assert.True(again.Headers.Contains(StoredReply.ReplayedHeader));
        using var credit = await PostAsync(last, $"/v1/invoices/{id}/credit", "{}");
        await TariffsUnderTest.OkAsync(credit);
        var all = (await GetAsync(last, "/v1/invoices")).GetProperty("items").EnumerateArray();
        Assert.All(all.Select(i => i.GetProperty("number").GetString()![^6..]).Index(), n => Assert.Equal($"-0000{n.Index + 1}", n.Item));
        Assert.Equal(2, all.Count());
    }

    /// <summary>In a zone in which no month turns between the readings of two hours ago and the end of the test: the peak of the month that was is not asked for.</summary>
    private static string InMidMonth(string tariff, Instant now) =>
        now.InUtc().Hour is >= 3 and < 21 ? tariff : tariff.Replace("Etc/UTC", "Etc/GMT+12", StringComparison.Ordinal);

    private static async Task<string> DraftedAsync(ServiceProcess service)
    {
        await PutAsync(service, "/v1/tariffs/depot", MeterRig.Tariff);
        await PutAsync(service, "/v1/meters/main", Meter);
        await PutAsync(service, "/v1/meters/main/intervals", MeterRig.Intervals(Instant.FromUtc(2026, 1, 10, 0, 0), 50));
        await PutAsync(service, "/v1/parties/cpo", InvoiceTests.Seller);
        await PutAsync(service, "/v1/parties/depot", InvoiceTests.Buyer);
        await PutAsync(service, "/v1/invoice-series/s", """{"sellerId":"cpo","format":"CPO-{year}-{number:5}"}""");
        using var run = await RunAsync(service);
        var runId = (await TariffsUnderTest.OkAsync(run)).GetProperty("runId").GetString()!;
        await Until.HoldsAsync(async () => (await GetAsync(service, $"/v1/billing-runs/{runId}")).GetProperty("state").GetString(), state => state == "done");
        using var draft = await service.Http.PostAsync(new Uri("/v1/invoices", UriKind.Relative), TariffsUnderTest.Json(InvoiceTests.Request(runId)), TestContext.Current.CancellationToken);
        return (await TariffsUnderTest.OkAsync(draft)).GetProperty("invoiceId").GetString()!;
    }

    private static async Task<HttpResponseMessage> PostAsync(ServiceProcess service, string path, string? json)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = json is null ? null : TariffsUnderTest.Json(json) };
        request.Headers.Add(IdempotencyKey.Header, "k-2");
        return await service.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static async Task<HttpResponseMessage> RunAsync(ServiceProcess service)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/billing-runs") { Content = TariffsUnderTest.Json("""{"meters":"all","year":2026}""") };
        request.Headers.Add(IdempotencyKey.Header, "k-1");
        return await service.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static void Send(HubStub hub, List<Reading> told, Instant start)
    {
        for (var i = 0; i < 7; i++)
        {
            var reading = new Reading { At = start + Duration.FromSeconds(30 * told.Count), NetPowerW = 40_000 + 7_000 * (told.Count % 11), EnergyImportWh = 420L * told.Count + told.Count % 3 };
            told.Add(reading);
            hub.Send("site-1", reading);
        }
    }

    private static async Task PutAsync(ServiceProcess service, string path, string json)
    {
        using var content = TariffsUnderTest.Json(json);
        using var answer = await service.Http.PutAsync(new Uri(path, UriKind.Relative), content, TestContext.Current.CancellationToken);
        await TariffsUnderTest.OkAsync(answer);
    }

    private static async Task<JsonElement> GetAsync(ServiceProcess service, string path)
    {
        using var answer = await service.Http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        return await TariffsUnderTest.OkAsync(answer);
    }

    private static async Task<JsonElement> UntilAsync(ServiceProcess service, Instant asOf)
    {
        var meter = await Until.HoldsAsync(
            async () => (await GetAsync(service, "/v1/sites/site-1/demand")).GetProperty("meters")[0],
            last => last.TryGetProperty("asOf", out var at) && NodaTime.Text.InstantPattern.ExtendedIso.Parse(at.GetString()!).Value == asOf,
            () => Task.FromResult($"Readings are missing. {service.LastWords}"));
        return meter.GetProperty("charges")[0];
    }
}
