using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using GridServices.Contracts;
using GridServices.OpenAdr.Service.Tests.Rig;
using GridServices.Tariffs.Service;
using GridServices.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace GridServices.OpenAdr.Service.Tests.Hub;

/// <summary>A VTN asks for the past of a site; the Tariffs service has it, for 400 days, and the VEN's own buffer has not.</summary>
public sealed class MeteredHistoryTests
{
    private static readonly DateTimeZone Zone = DateTimeZoneProviders.Tzdb["America/Los_Angeles"];
    private static readonly Duration Quarter = Duration.FromMinutes(15);

    // Read once: at midnight there it must not change between what is stored and what is asked.
    private static readonly LocalDate Today = SystemClock.Instance.GetCurrentInstant().InZone(Zone).Date;

    [Fact]
    public async Task A_day_of_the_week_before_last_comes_once_the_Tariffs_service_answers_each_quarter_hour_as_it_is()
    {
        await using var tariffs = await TariffsAsync();
        await using var door = await Door.StartAsync(tariffs.Address);
        await using var rig = await VenRig.StartAsync([$"--Tariffs:Url={door.Url}", $"--Tariffs:Token={tariffs.Tokens.Publisher}"]);
        var answer = await rig.PutAsync(VenRig.Path, WithMeter(rig, ("billed", "m-1"), ("foreign", "m-2")));
        Assert.Null(answer["warnings"]);
        await VenRig.UntilAsync(rig.StateAsync, s => s == "registered");
        await rig.SettleAsync();

        // At first a page that says 200 to everything stands between.
        var day = Today - Period.FromDays(8);
        var (from, until) = (day.AtStartOfDayInZone(Zone).ToInstant(), (day + Period.FromDays(1)).AtStartOfDayInZone(Zone).ToInstant());
        await rig.Vtn.PostAsync($"/sim/vens/{await rig.VenIdAsync()}/request-reports", Asks("billed", from, until, "PT0S"));
        await VenRig.UntilAsync(() => door.Stopped > 1);
        var polls = await PollsAsync(rig);
        await VenRig.UntilAsync(() => PollsAsync(rig), n => n > polls + 2);
        Assert.Empty(await rig.Vtn.GetAsync("/sim/reports"));
        Assert.StartsWith("the Tariffs service: its answer can't be read", await WaitsForAsync(rig), StringComparison.Ordinal);

        door.IsOpen = true;
        var quarters = (int)((until - from) / Quarter);

        // The simulated VTN shows a message's values one after the other.
        var told = await VenRig.UntilAsync(() => rig.Vtn.GetAsync("/sim/reports"), r => r.Count >= quarters);
        Assert.Equal(quarters, told.Count);
        Assert.Equal(Enumerable.Range(0, quarters).Select(i => i switch
        {
            4 => "1000 Quality Uncertain - Non Specific",
            5 => "0 Quality Bad - Non Specific",
            _ => $"{(i * 250).ToString(CultureInfo.InvariantCulture)} Quality Good - Non Specific",
        }), told.Select(r => $"{r!["value"]!["value"]!.GetValue<decimal>():0} {r["value"]!["quality"]!.GetValue<string>()}"));

        // A hundred days of long before, day by day.
        await rig.Vtn.PostAsync($"/sim/vens/{await rig.VenIdAsync()}/request-reports", Asks("billed", from - Duration.FromDays(300), from - Duration.FromDays(200), "PT24H"));
        var days = await VenRig.UntilAsync(() => rig.Vtn.GetAsync("/sim/reports"), r => r.Count >= quarters + 100);
        Assert.Equal(100, days.Count - quarters);
        Assert.All(days.Skip(quarters), r => Assert.True(r!["value"]!["value"]!.GetValue<decimal>() > 0));

        // Of the meter of another site nothing is told, nor asked.
        await rig.Vtn.PostAsync($"/sim/vens/{await rig.VenIdAsync()}/request-reports", Asks("foreign", from, until, "PT0S"));
        Assert.Contains("'m-2' is not at site 'site-1'", await WaitsForAsync(rig), StringComparison.Ordinal);
        Assert.DoesNotContain(door.Passed, path => path.Contains("/m-2/intervals", StringComparison.Ordinal));
        Assert.Equal(days.Count, (await rig.Vtn.GetAsync("/sim/reports")).Count);
    }

    [Fact]
    public async Task Without_the_Tariffs_service_a_meter_is_warned_of_and_the_hub_is_asked_for_what_is_not_kept()
    {
        await using var rig = await VenRig.StartAsync();
        var start = SystemClock.Instance.GetCurrentInstant() - Duration.FromHours(30);
        rig.Hub.Past.AddRange(Enumerable.Range(0, 120).Select(i => ("site-1", new Reading { At = start + Duration.FromMinutes(i), NetPowerW = i })));
        var config = WithMeter(rig, ("billed", "m-1"));
        config["reports"]!.AsArray().Add(new JsonObject { ["kind"] = "HISTORY_USAGE", ["rId"] = "past", ["source"] = "site.netPowerW", ["samplingInterval"] = "PT1M" });

        var answer = await rig.PutAsync(VenRig.Path, config);

        Assert.Contains("/reports/1/meter", Assert.Single(answer["warnings"]!.AsArray())!.GetValue<string>(), StringComparison.Ordinal);
        await VenRig.UntilAsync(rig.StateAsync, s => s == "registered");
        await rig.SettleAsync();
        await rig.Vtn.PostAsync($"/sim/vens/{await rig.VenIdAsync()}/request-reports", Asks("past", start, start + Duration.FromHours(1), "PT0S"));
        await VenRig.UntilAsync(
            async () => (await rig.Vtn.GetAsync("/sim/reports")).Count(r => r!["value"]!["quality"]!.GetValue<string>() == "Quality Good - Non Specific"), good => good is >= 59 and <= 61);
    }

    // 400 days of quarter-hours of 0 to 95 kW by the time of day; of one day one is estimated and one is missing.
    private static async Task<ServiceApp> TariffsAsync()
    {
        var tariffs = await ServiceApp.StartAsync(TariffsApp.Build, null, "--Hub:Url=http://127.0.0.1:9", "--Logging:LogLevel:Default=None");
        using var http = tariffs.Client(tariffs.Tokens.Operator);
        await PutAsync(http, "/v1/tariffs/depot", """
            { "schemaVersion": 1, "id": "depot", "currency": "USD", "timeZone": "America/Los_Angeles",
              "energy": [ { "id": "energy", "rates": [ { "period": "all", "tiers": [ { "price": 0.20 } ] } ] } ] }
            """);
        await PutAsync(http, "/v1/meters/m-1", """{ "siteId": "site-1", "tariffId": "depot", "telemetry": false, "publish": false }""");
        await PutAsync(http, "/v1/meters/m-2", """{ "siteId": "site-2", "tariffId": "depot", "telemetry": false, "publish": false }""");
        var (first, odd, end) = (GetStart(Today - Period.FromDays(400)), GetStart(Today - Period.FromDays(8)), GetStart(Today));
        var kw = Enumerable.Range(0, (int)((end - first) / Quarter)).Select(i => first + (Quarter * i))
            .Select(at => at == odd + (Quarter * 5) ? "null" : $"{(at - GetStart(at.InZone(Zone).Date)) / Quarter}");
        await PutAsync(http, "/v1/meters/m-1/intervals", $$"""{ "start": "{{first}}", "minutes": 15, "kW": [{{string.Join(',', kw)}}] }""");

        // Five minutes of it are missing, so that the mean of the quarter-hour is an estimate.
        await PutAsync(http, "/v1/meters/m-1/intervals", $$"""{ "start": "{{odd + (Quarter * 4)}}", "minutes": 5, "kW": [4, null, 4] }""");
        return tariffs;
    }

    private static Instant GetStart(LocalDate day) => day.AtStartOfDayInZone(Zone).ToInstant();

    private static async Task PutAsync(HttpClient http, string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await http.PutAsync(path, content, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}");
    }

    private static JsonObject WithMeter(VenRig rig, params (string RId, string Meter)[] channels)
    {
        var config = VenRig.Config(rig.Vtn.Url);
        foreach (var (rId, meter) in channels)
        {
            config["reports"]!.AsArray().Add(new JsonObject
            {
                ["kind"] = "HISTORY_USAGE",
                ["rId"] = rId,
                ["source"] = "site.energyImportWh",
                ["samplingInterval"] = "PT15M",
                ["maxSamplingInterval"] = "PT24H",
                ["meter"] = meter,
            });
        }

        return config;
    }

    private static Task<string> WaitsForAsync(VenRig rig) => VenRig.UntilAsync(
        async () => (await rig.GetAsync(VenRig.Path + "/reports"))["requested"]!.AsArray().Select(r => r!["waitsFor"]?.GetValue<string>()).FirstOrDefault() ?? string.Empty, w => w.Length > 0);

    private static JsonObject Asks(string rId, Instant from, Instant until, string granularity) => new()
    {
        ["granularity"] = granularity,
        ["reportBack"] = "PT0S",
        ["rId"] = rId,
        ["start"] = $"{from}",
        ["duration"] = $"PT{(long)(until - from).TotalSeconds}S",
    };

    private static async Task<long> PollsAsync(VenRig rig) => (await rig.GetAsync(VenRig.Path + "/messages?limit=1"))["messages"]![0]!["times"]!.GetValue<long>();

    /// <summary>What stands before the Tariffs service: shut, a page of its own for every request; open, the service's answer as it is.</summary>
    private sealed class Door : IAsyncDisposable
    {
        private readonly WebApplication _app;
        private readonly HttpClient _behind;
        private int _stopped;

        /// <summary>What was asked of the service.</summary>
        public ConcurrentQueue<string> Passed { get; } = new();

        private Door(WebApplication app, Uri behind) => (_app, _behind) = (app, new HttpClient { BaseAddress = behind });

        public volatile bool IsOpen;

        public int Stopped => Volatile.Read(ref _stopped);

        public Uri Url { get; private set; } = new("http://localhost");

        public static async Task<Door> StartAsync(Uri behind)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var door = new Door(builder.Build(), behind);
            door._app.Run(door.AnswerAsync);
            await door._app.StartAsync();
            door.Url = new Uri(door._app.Urls.First());
            return door;
        }

        public async ValueTask DisposeAsync()
        {
            _behind.Dispose();
            await _app.DisposeAsync();
        }

        private async Task AnswerAsync(HttpContext http)
        {
            if (!IsOpen)
            {
                Interlocked.Increment(ref _stopped);
                await Results.Content("<html><body>Please sign in</body></html>", "text/html").ExecuteAsync(http);
                return;
            }

            Passed.Enqueue(http.Request.Path.Value!);
            using var request = new HttpRequestMessage(HttpMethod.Get, http.Request.Path + http.Request.QueryString.Value);
            request.Headers.Authorization = AuthenticationHeaderValue.Parse(http.Request.Headers.Authorization.ToString());
            using var answer = await _behind.SendAsync(request);
            http.Response.StatusCode = (int)answer.StatusCode;
            http.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
            await answer.Content.CopyToAsync(http.Response.Body);
        }
    }
}
