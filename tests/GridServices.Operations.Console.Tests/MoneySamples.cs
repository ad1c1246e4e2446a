using System.Globalization;
using System.Text;
using Dapper;
using GridServices.Contracts;
using GridServices.Hosting.Storage;
using GridServices.Operations.Access;
using GridServices.Operations.Audit;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Events;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Storage;
using GridServices.Tariffs.Service;
using GridServices.Testing;
using NodaTime;

namespace GridServices.Operations.Console.Tests;

/// <summary>The real Tariffs service beside the console, with a meter of depot-1 that pays 0.20 a kWh and 10 a kW of the month's highest quarter-hour.</summary>
internal sealed class MoneySamples : IAsyncDisposable
{
    internal const string Month = "2025-07";
    private static readonly DateTimeZone Zone = DateTimeZoneProviders.Tzdb["America/Los_Angeles"];
    private static readonly Actor Maker = new("default", "sample", AuditActorKind.User) { Grants = [new AccessGrant(UserRole.Admin)] };
    private readonly ServiceApp _tariffs;
    private readonly HttpClient _http;

    private MoneySamples(ServiceApp tariffs, ConsoleService console) => (_tariffs, Console, _http) = (tariffs, console, tariffs.Client(tariffs.Tokens.Operator));

    internal ConsoleService Console { get; }

    internal MeterPoint Meter { get; private set; } = null!;

    internal static Task<MoneySamples> StartAsync(Browser browser, params string[] arguments) => StartAsync(browser, null, arguments);

    internal static async Task<MoneySamples> StartAsync(Browser browser, IClock? clock, params string[] arguments)
    {
        var tariffs = await ServiceApp.StartAsync(TariffsApp.Build, null, "--Hub:Url=http://127.0.0.1:9");
        var console = await ConsoleService.StartAsync(browser, clock, [$"--Services:Tariffs:Url={tariffs.Address}", $"--Services:Tariffs:Token={tariffs.Tokens.Operator}", .. arguments]);
        var samples = new MoneySamples(tariffs, console);
        await samples.PutAsync("/v1/tariffs/depot", """
            { "schemaVersion": 1, "id": "depot", "currency": "USD", "timeZone": "America/Los_Angeles",
              "energy": [ { "id": "energy", "rates": [ { "period": "all", "tiers": [ { "price": 0.20 } ] } ] } ],
              "demand": [ { "id": "demand", "window": { "minutes": 15 }, "rates": [ { "period": "all", "tiers": [ { "price": 10 } ] } ] } ] }
            """);
        await samples.PutAsync("/v1/meters/m-1", """{ "siteId": "depot-1", "tariffId": "depot", "telemetry": false, "publish": false }""");
        await Samples.SiteAsync(console);
        samples.Meter = await console.Get<OperationsStore>().WriteAsync(Maker, transaction => console.Get<MeterPointHandler>().CreateAsync(
            transaction, new MeterPointBody { SiteId = "depot-1", Kind = MeterKind.Utility, Scheme = IdentifierScheme.Other, Identifier = "4711", IntervalMinutes = 15, TariffMeterId = "m-1", TariffId = "depot" }));
        return samples;
    }

    /// <summary>July: 10 kW throughout, and 40 kW from 20:00 to 21:00 on the 15th: 1,894.00.</summary>
    internal Task ReadJulyAsync(Func<LocalDateTime, bool>? isMissing = null) =>
        ReadAsync(new LocalDateTime(2025, 7, 1, 0, 0), new LocalDateTime(2025, 8, 1, 0, 0), at => isMissing?.Invoke(at) == true ? null : at is { Day: 15, Hour: 20 } ? 40 : 10);

    internal Task ReadAsync(LocalDateTime from, LocalDateTime until, Func<LocalDateTime, decimal?> kw) => ReadAsync(from.InZoneStrictly(Zone).ToInstant(), until.InZoneStrictly(Zone).ToInstant(), kw);

    internal Task ReadAsync(Instant start, Instant end, Func<LocalDateTime, decimal?> kw)
    {
        var values = Enumerable.Range(0, (int)((end - start).TotalMinutes / 15)).Select(i => kw((start + Duration.FromMinutes(15 * i)).InZone(Zone).LocalDateTime)?.ToString(CultureInfo.InvariantCulture) ?? "null");
        return PutAsync("/v1/meters/m-1/intervals", $$"""{ "start": "{{start}}", "minutes": 15, "kW": [{{string.Join(',', values)}}] }""");
    }

    internal Task<Enrollment> EnrollAsync() => Console.Get<OperationsStore>().WriteAsync(Maker, transaction => Console.Get<EnrollmentHandler>().CreateAsync(
        transaction, new EnrollmentBody { SiteId = "depot-1", Program = "PGE-ELRP-A2", MeterPointIds = [Meter.Id], Period = new DatePeriod { From = new LocalDate(2025, 5, 1) } }));

    internal Task<HeldEvent> EventAsync(string enrollment, LocalDateTime from, LocalDateTime until) => EventAsync(enrollment, from.InZoneStrictly(Zone).ToInstant(), until.InZoneStrictly(Zone).ToInstant());

    internal Task<HeldEvent> EventAsync(string enrollment, Instant from, Instant until) => Console.Get<OperationsStore>().WriteAsync(
        Maker,
        async transaction => (await EventStore.SaveAsync(transaction,
        [
            new Event
            {
                Tenant = "default",
                Source = $"openadr:vtn.example/{from}",
                Origin = EventOrigin.OpenAdr,
                Program = "http://utility.example/elrp",
                TemplateCode = "PGE-ELRP-A2",
                AnnouncedAt = from - Duration.FromHours(20),
                From = from,
                Until = until,
                Revisions = [new EventRevision { Number = 0, ToldAt = from - Duration.FromHours(20), From = from, Until = until, Changes = [EventChange.Announced], Signals = [] }],
                Sites = [new EventSite { SiteId = "depot-1", Through = "ven-1", From = from, Until = until, Revision = 0, ToldAt = from - Duration.FromHours(20), State = SiteEventState.Held, NominatedKw = 60, EnrollmentId = enrollment }],
            },
        ])).Single());

    /// <summary>The limit that held at the site, as it would have been recorded.</summary>
    internal Task LimitAsync(Instant from, Instant until, long watts) => Console.Get<Store>().WriteAsync(tx => tx.Connection!.ExecuteAsync(
        "INSERT INTO recorded_limits (tenant, site_id, from_at, until_at, body) VALUES ('default', 'depot-1', @from, @until, @body)",
        new
        {
            from,
            until,
            body = System.Text.Json.JsonSerializer.Serialize(new EffectiveLimits { ImportLimitW = new Bound<long>(watts, new Binding("openadr", "e17", Guid.Empty, Tier.Contractual)) }, ContractJson.Options),
        },
        tx));

    private async Task PutAsync(string path, string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var answer = await _http.PutAsync(new Uri(path, UriKind.Relative), content, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        await Console.DisposeAsync();
        await _tariffs.DisposeAsync();
        _http.Dispose();
    }
}
