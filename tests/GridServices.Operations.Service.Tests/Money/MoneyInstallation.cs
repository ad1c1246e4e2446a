using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using GridServices.Operations.Events;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Storage;
using GridServices.Tariffs.Service;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace GridServices.Operations.Service.Tests.Money;

/// <summary>The real Tariffs service and Operations, with a site whose meter pays by a small tariff: 0.20 a kWh and 10 a kW of the month's highest quarter-hour.</summary>
internal sealed class MoneyInstallation : IAsyncDisposable
{
    internal const string Month = "2025-07";
    internal static readonly DateTimeZone Zone = DateTimeZoneProviders.Tzdb["America/Los_Angeles"];

    private MoneyInstallation(ServiceApp tariffs, OperationsUnderTest operations) => (Tariffs, Operations, TariffsHttp) = (tariffs, operations, tariffs.Client(tariffs.Tokens.Operator));

    internal ServiceApp Tariffs { get; }

    internal OperationsUnderTest Operations { get; }

    internal HttpClient TariffsHttp { get; }

    internal string MeterPoint { get; private set; } = string.Empty;

    internal static async Task<MoneyInstallation> StartAsync(TestStore? store = null, IClock? clock = null)
    {
        var tariffs = await ServiceApp.StartAsync(TariffsApp.Build, null, "--Hub:Url=http://127.0.0.1:9");
        var operations = await OperationsUnderTest.StartAsync(store, clock, $"--Services:Tariffs:Url={tariffs.Address}", $"--Services:Tariffs:Token={tariffs.Tokens.Operator}");
        var made = new MoneyInstallation(tariffs, operations);
        await made.PutTariffsAsync("/v1/tariffs/depot", """
            { "schemaVersion": 1, "id": "depot", "currency": "USD", "timeZone": "America/Los_Angeles",
              "energy": [ { "id": "energy", "rates": [ { "period": "all", "tiers": [ { "price": 0.20 } ] } ] } ],
              "demand": [ { "id": "demand", "window": { "minutes": 15 }, "rates": [ { "period": "all", "tiers": [ { "price": 10 } ] } ] } ] }
            """);
        await operations.SiteAsync(await operations.CustomerAsync());
        made.MeterPoint = await made.MeterAsync("m-1");
        return made;
    }

    /// <summary>A meter at Tariffs, and the meter point of the site that is linked to it.</summary>
    internal async Task<string> MeterAsync(string meterId)
    {
        await PutTariffsAsync($"/v1/meters/{meterId}", """{ "siteId": "site-1", "tariffId": "depot", "telemetry": false, "publish": false }""");
        return (string)(await Operations.PostAsync("/v1/meter-points", $$"""
            { "siteId": "site-1", "kind": "utility", "scheme": "OTHER", "identifier": "N-{{meterId}}", "intervalMinutes": 15, "tariffMeterId": "{{meterId}}", "tariffId": "depot" }
            """))["id"]!;
    }

    /// <summary>Readings of quarter-hours over [from, until), kW by their start; null = none.</summary>
    internal Task ReadAsync(string meterId, LocalDateTime from, LocalDateTime until, Func<LocalDateTime, decimal?> kw, (LocalDateTime From, LocalDateTime Until)? estimated = null)
    {
        var (start, end) = (from.InZoneStrictly(Zone).ToInstant(), until.InZoneStrictly(Zone).ToInstant());
        var values = Enumerable.Range(0, (int)((end - start).TotalMinutes / 15)).Select(i => kw((start + Duration.FromMinutes(15 * i)).InZone(Zone).LocalDateTime)?.ToString(CultureInfo.InvariantCulture) ?? "null");
        int IndexOf(LocalDateTime at) => (int)((at.InZoneStrictly(Zone).ToInstant() - start).TotalMinutes / 15);
        var ranges = estimated is { } span ? $$"""{ "from": {{IndexOf(span.From)}}, "until": {{IndexOf(span.Until)}} }""" : string.Empty;
        return PutTariffsAsync($"/v1/meters/{meterId}/intervals", $$"""{ "start": "{{start}}", "minutes": 15, "kW": [{{string.Join(',', values)}}], "estimated": [{{ranges}}] }""");
    }

    /// <summary>July: 10 kW throughout, and 40 kW from 20:00 to 21:00 on the 15th. 7,470 kWh and a peak of 40 kW: 1,894.00.</summary>
    internal Task ReadJulyAsync(string meterId = "m-1", Func<LocalDateTime, bool>? isMissing = null, (LocalDateTime From, LocalDateTime Until)? estimated = null) => ReadAsync(
        meterId, new LocalDateTime(2025, 7, 1, 0, 0), new LocalDateTime(2025, 8, 1, 0, 0), at => isMissing?.Invoke(at) == true ? null : at is { Day: 15, Hour: 20 } ? 40 : 10, estimated);

    internal Task<JsonNode> BillAsync(string? meterPoint = null) => Operations.GetAsync($"/v1/bills/{meterPoint ?? MeterPoint}/{Month}");

    /// <summary>Has the month's bills made, and waits for this one.</summary>
    internal async Task<JsonNode> BilledAsync(string? meterPoint = null)
    {
        await Operations.PostAsync("/v1/bills", $$"""{ "month": "{{Month}}" }""", HttpStatusCode.Accepted);
        return await Until.HoldsAsync(() => BillAsync(meterPoint), b => (string)b["state"]! is "made" or "provisional" or "failed");
    }

    /// <summary>An event of PG&amp;E's ELRP at the site, as a utility called it.</summary>
    internal Task<HeldEvent> EventAsync(string enrollment, LocalDateTime from, LocalDateTime until) => Operations.Service.App.Services.GetRequiredService<OperationsStore>().WriteAsync(
        Actor.Job("default", "test"),
        async transaction =>
        {
            var (start, end) = (from.InZoneStrictly(Zone).ToInstant(), until.InZoneStrictly(Zone).ToInstant());
            var e = new Event
            {
                Tenant = "default",
                Source = $"openadr:vtn.example/{start}",
                Origin = EventOrigin.OpenAdr,
                Program = "http://utility.example/elrp",
                TemplateCode = "PGE-ELRP-A2",
                AnnouncedAt = start - Duration.FromHours(20),
                From = start,
                Until = end,
                Revisions = [new EventRevision { Number = 0, ToldAt = start - Duration.FromHours(20), From = start, Until = end, Changes = [EventChange.Announced], Signals = [] }],
                Sites = [new EventSite { SiteId = "site-1", Through = "ven-1", From = start, Until = end, Revision = 0, ToldAt = start - Duration.FromHours(20), State = SiteEventState.Held, NominatedKw = 60, EnrollmentId = enrollment }],
            };
            return (await EventStore.SaveAsync(transaction, [e])).Single();
        });

    internal async Task<string> EnrollAsync() => (string)(await Operations.PostAsync("/v1/enrollments", $$"""
        { "siteId": "site-1", "program": "PGE-ELRP-A2", "meterPointIds": ["{{MeterPoint}}"], "period": { "from": "2025-05-01" } }
        """))["id"]!;

    internal async Task<string> TextAsync(string path)
    {
        using var answer = await Operations.Http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, text);
        Assert.Equal("text/csv", answer.Content.Headers.ContentType?.MediaType);
        return text;
    }

    private async Task PutTariffsAsync(string path, string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var answer = await TariffsHttp.PutAsync(new Uri(path, UriKind.Relative), content, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        await Operations.DisposeAsync();
        await Tariffs.DisposeAsync();
        TariffsHttp.Dispose();
    }
}
