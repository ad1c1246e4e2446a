using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Testing;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Tariffs.Service.Tests.Meters;

/// <summary>The service beside a hub, with a tariff of 12 EUR per kW of the highest quarter-hour.</summary>
internal sealed class MeterRig : IAsyncDisposable
{
    public static readonly Instant Start = Instant.FromUtc(2026, 1, 15, 12, 0);

    private MeterRig(TariffsUnderTest service, HubStub hub, FakeClock clock) => (Service, Hub, Clock) = (service, hub, clock);

    public TariffsUnderTest Service { get; }

    public HubStub Hub { get; }

    public FakeClock Clock { get; }

    public static async Task<MeterRig> StartAsync(TestStore? store = null, HubStub? hub = null, FakeClock? clock = null)
    {
        hub ??= await HubStub.StartAsync();
        clock ??= new FakeClock(Start);
        var service = await TariffsUnderTest.StartAsync(store, clock, $"--Hub:Url={hub.Url}", "--Hub:Token=t");
        var rig = new MeterRig(service, hub, clock);
        (await rig.PutAsync("/v1/tariffs/depot", Tariff)).Dispose();
        return rig;
    }

    public const string Tariff = """
        {"schemaVersion":1,"id":"depot","currency":"EUR","timeZone":"Etc/UTC",
         "schedules":[{"id":"tou","rules":[{"period":"peak","from":"16:00","until":"21:00"},{"period":"rest"}]}],
         "energy":[{"id":"e","schedule":"tou","rates":[{"period":"peak","tiers":[{"price":0.40}]},{"period":"rest","tiers":[{"upTo":1000,"price":0.25},{"price":0.30}]}]}],
         "demand":[{"id":"d","rates":[{"period":"all","tiers":[{"price":12}]}],"window":{"minutes":15},"ratchet":{"percent":80}}],
         "adjustments":[{"id":"vat","percent":25}]}
        """;

    public Task<HttpResponseMessage> PutAsync(string path, string json, string type = "application/json") =>
        Service.Operator.PutAsync(new Uri(path, UriKind.Relative), new StringContent(json, Encoding.UTF8, type), TestContext.Current.CancellationToken);

    public async Task<JsonElement> PutOkAsync(string path, string json, string type = "application/json")
    {
        using var answer = await PutAsync(path, json, type);
        return await TariffsUnderTest.OkAsync(answer);
    }

    public async Task<JsonElement> RegisterAsync(string meterId = "main", string more = "\"targetW\":100000,\"failsafeW\":20000") =>
        await PutOkAsync($"/v1/meters/{meterId}", $$"""{"siteId":"site-1","tariffId":"depot",{{more}}}""");

    public async Task<JsonElement> GetAsync(string path)
    {
        using var answer = await Service.Operator.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        return await TariffsUnderTest.OkAsync(answer);
    }

    public async Task<HttpStatusCode> StatusAsync(string path)
    {
        using var answer = await Service.Operator.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    /// <summary>A quarter-hour's worth of intervals from a start.</summary>
    public static string Intervals(Instant start, params decimal[] kw) => string.Create(
        CultureInfo.InvariantCulture, $$"""{"start":"{{InstantPattern.General.Format(start)}}","minutes":15,"kW":[{{string.Join(',', kw)}}]}""");

    public static Reading Power(int seconds, long watts) => new() { At = Start + Duration.FromSeconds(seconds), NetPowerW = watts };

    /// <summary>Time goes on, and the timers that have run out by then fire.</summary>
    public void Pass(Duration by) => Clock.Advance(by);

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        await Hub.DisposeAsync();
    }
}
