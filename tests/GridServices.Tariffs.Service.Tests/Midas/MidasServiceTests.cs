using System.Collections.Concurrent;
using System.Text.Json;
using GridServices.Hosting;
using GridServices.Hosting.Storage;
using GridServices.Tariffs.Service.Midas;
using GridServices.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace GridServices.Tariffs.Service.Tests.Midas;

/// <summary>Signals of MIDAS become price series and grid intensity, each value for its own time.</summary>
public sealed class MidasServiceTests
{
    private const string Rin = "USCA-PGPG-EV2A-0000";
    private const string Moer = "USCA-SGIP-MOER-PGE";

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task Rates_and_ghg_signals_are_fetched_and_next_seasons_prices_never_become_todays(Dialect dialect)
    {
        await using var store = TestStores.Create(dialect);
        await using var midas = await Midas.StartAsync();
        var clock = new FakeClock(Instant.FromUtc(2026, 6, 30, 12, 0));
        await using var service = await TariffsUnderTest.StartAsync(store, clock, $"--Midas:Url={midas.Url}", $"--Midas:Prices:ev={Rin}", $"--Midas:Intensity:PGE={Moer}");
        midas.Answers[Rin] = Answer(Rin, Value("2026-06-30", "07:00:00", "22:59:59", "0.31", "$/kWh"), Value("2026-06-30", "07:00:00", "22:59:59", "0.08", "export $/kWh"), Value("2026-10-15", "07:00:00", "22:59:59", "0.19", "$/kWh"));
        midas.Answers[Moer] = Answer(Moer, Value("2026-06-30", "12:00:00", "12:04:59", "412", "g/kWh CO2"));
        await UntilAsync(service, statuses => statuses.All(s => s.GetProperty("state").GetString() == "known"));
        Assert.Equal(["0.31"], await ValuesAsync(service, "/v1/prices/ev", "price"));
        Assert.Equal(["0.08"], await ValuesAsync(service, "/v1/prices/ev.export", "price"));
        Assert.Equal(["412"], await ValuesAsync(service, "/v1/grid-intensity/PGE", "gramsPerKwh"));

        // A day later MIDAS has nothing but the next season: today has no price, rather than that one.
        clock.Advance(Duration.FromDays(1));
        midas.Answers[Rin] = Answer(Rin, Value("2026-10-15", "07:00:00", "22:59:59", "0.19", "$/kWh"));
        midas.Answers.TryRemove(Moer, out _);
        await UntilAsync(service, statuses => statuses.Select(s => s.GetProperty("state").GetString()).SequenceEqual(["gap", "refused"]));
        using var now = await service.Operator.GetAsync(new Uri("/v1/prices/ev?from=2026-07-01T12:00:00Z&until=2026-11-01T00:00:00Z", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.False((await TariffsUnderTest.OkAsync(now)).TryGetProperty("points", out _));
    }

    /// <summary>What is stored goes only where an answer says otherwise of that very time, and one signal's fault is not the next one's.</summary>
    [Fact]
    public async Task An_answer_changes_its_own_time_alone()
    {
        await using var midas = await Midas.StartAsync();
        var clock = new FakeClock(Instant.FromUtc(2026, 6, 30, 11, 50));
        await using var service = await TariffsUnderTest.StartAsync(null, clock, $"--Midas:Url={midas.Url}", $"--Midas:Prices:ev={Rin}", $"--Midas:Intensity:PGE={Moer}");
        midas.Answers[Rin] = Answer(Rin, Value("2026-06-30", "07:00:00", "22:59:59", "0.22", "$/kWh").Replace("\"DateEnd\":\"2026", "\"DateEnd\":\"9999", StringComparison.Ordinal).Replace("06-30\",\"DayStart", "12-31\",\"DayStart", StringComparison.Ordinal).Replace("22:59:59", "23:59:59", StringComparison.Ordinal));
        midas.Answers[Moer] = Answer(Moer, Value("2026-06-30", "11:00:00", "12:04:59", "412", "g/kWh CO2"));
        await FetchedAsync("failed", "known");

        clock.Advance(Duration.FromMinutes(10));
        midas.Answers[Rin] = Answer(Rin, Value("2026-06-30", "07:00:00", "22:59:59", "0.31", "$/kWh"));
        await FetchedAsync("known", null);

        // An old value and one cut at now: hours that were billed keep their price, and so does what is later.
        clock.Advance(Duration.FromMinutes(20));
        midas.Answers[Rin] = Answer(Rin, Value("2026-06-01", "07:00:00", "07:59:59", "0.11", "$/kWh"), Value("2026-06-30", "12:00:00", "15:59:59", "0.33", "$/kWh"));
        await FetchedAsync("known", null);
        Assert.Equal(["06-30T07 0.31", "06-30T12 0.33", "06-30T16 0.31"], await StoredAsync());

        // Now is a gap, and nothing prices it from an earlier answer.
        clock.Advance(Duration.FromMinutes(30));
        midas.Answers[Rin] = Answer(Rin, Value("2026-06-30", "18:00:00", "18:59:59", "0.5", "$/kWh"));
        await FetchedAsync("gap", null);
        Assert.Equal(["06-30T07 0.31", "06-30T12 0.33", "06-30T18 0.5", "06-30T19 0.31"], await StoredAsync());

        // A gap in a tenant's own intensity is meant: nothing that was fetched fills it.
        Assert.Equal(["412"], await ValuesAsync(service, "/v1/grid-intensity/PGE", "gramsPerKwh"));
        var own = TariffsUnderTest.Json("""{"points":[{"from":"2026-01-01T00:00:00Z","until":"2026-01-02T00:00:00Z","gramsPerKwh":200}]}""");
        using (var put = await service.Operator.PutAsync(new Uri("/v1/grid-intensity/PGE", UriKind.Relative), own, TestContext.Current.CancellationToken))
        {
            await TariffsUnderTest.OkAsync(put);
        }

        using var gap = await service.Operator.GetAsync(new Uri("/v1/grid-intensity/PGE?from=2026-06-30T00:00:00Z&until=2026-07-01T00:00:00Z", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.DoesNotContain("gramsPerKwh", (await TariffsUnderTest.OkAsync(gap)).GetRawText(), StringComparison.Ordinal);

        Task FetchedAsync(string price, string? intensity) => UntilAsync(service, statuses =>
            statuses[0].GetProperty("triedAt").GetString() == clock.GetCurrentInstant().ToString() && statuses[0].GetProperty("state").GetString() == price && (intensity is null || statuses[1].GetProperty("state").GetString() == intensity));
        async Task<string[]> StoredAsync()
        {
            using var answer = await service.Operator.GetAsync(new Uri("/v1/prices/ev?from=2026-05-01T00:00:00Z&until=2026-11-01T00:00:00Z", UriKind.Relative), TestContext.Current.CancellationToken);
            return [.. (await TariffsUnderTest.OkAsync(answer)).GetProperty("points").EnumerateArray().Select(p => $"{p.GetProperty("from").GetString()![5..13]} {p.GetProperty("price").GetString()}")];
        }
    }

    [Fact]
    public async Task Prices_of_another_rate_end_when_a_name_stands_for_a_new_one()
    {
        await using var store = TestStores.Create(Dialect.Sqlite);
        await using var midas = await Midas.StartAsync();
        var clock = new FakeClock(Instant.FromUtc(2026, 6, 30, 12, 0));
        midas.Answers[Rin] = Answer(Rin, Value("2026-06-30", "07:00:00", "22:59:59", "0.31", "$/kWh"), Value("2026-06-30", "07:00:00", "22:59:59", "0.08", "export $/kWh"));
        midas.Answers[Moer] = Answer(Moer, Value("2026-06-30", "12:00:00", "12:04:59", "412", "g/kWh CO2"));
        await using (var service = await TariffsUnderTest.StartAsync(store, clock, $"--Midas:Url={midas.Url}", $"--Midas:Prices:ev={Rin}", $"--Midas:Intensity:PGE={Moer}"))
        {
            await UntilAsync(service, statuses => statuses.All(s => s.GetProperty("state").GetString() == "known"));
        }

        await using var renamed = await TariffsUnderTest.StartAsync(store, clock, $"--Midas:Url={midas.Url}", "--Midas:Prices:ev=USCA-PGPG-EV2B-0000", $"--Midas:Intensity:PGE={Moer}");
        await UntilAsync(renamed, statuses => statuses[0].GetProperty("state").GetString() == "refused");
        foreach (var series in (string[])["ev", "ev.export"])
        {
            using var answer = await renamed.Operator.GetAsync(new Uri($"/v1/prices/{series}?from=2026-06-30T00:00:00Z&until=2026-11-01T00:00:00Z", UriKind.Relative), TestContext.Current.CancellationToken);
            Assert.Equal("2026-06-30T12:00:00Z", Assert.Single((await TariffsUnderTest.OkAsync(answer)).GetProperty("points").EnumerateArray()).GetProperty("until").GetString());
        }
    }

    [Fact]
    public void Two_rates_that_write_one_series_are_refused_at_the_start()
    {
        var options = new MidasOptions { Prices = new Dictionary<string, string?> { ["ev"] = Rin, ["ev.export"] = Rin } };
        Assert.Contains("ev.export", Assert.Single(options.Validate()), StringComparison.Ordinal);
        Assert.Contains("https", Assert.Single(new MidasOptions { Url = "ftp://localhost" }.Validate()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--Midas:Url=http://midas.example/api", "https")]
    [InlineData("--Midas:Prices:ev=EV2-A", "RIN")]
    [InlineData("--Midas:EveryMinutes=0", "1 to 1440")]
    public async Task A_setting_that_cannot_work_is_said_at_the_start(string setting, string words)
    {
        var refused = await Assert.ThrowsAsync<StartException>(() => TariffsUnderTest.StartAsync(null, null, setting));
        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
    }

    private static async Task UntilAsync(TariffsUnderTest service, Func<JsonElement[], bool> holds) => await Until.HoldsAsync(
        async () =>
        {
            // Never beside a run of the service's own plan: what that one was answered before must not be stored after.
            await service.App.App.Services.GetRequiredService<JobRunner>().RunAsync("midas", TestContext.Current.CancellationToken);
            using var answer = await service.Operator.GetAsync(new Uri("/v1/midas", UriKind.Relative), TestContext.Current.CancellationToken);
            return await TariffsUnderTest.OkAsync(answer);
        },
        answer => answer.GetProperty("statuses").EnumerateArray().ToArray() is { Length: 2 } statuses && holds(statuses),
        () => Task.FromResult("the signals did not become so"));

    private static async Task<string[]> ValuesAsync(TariffsUnderTest service, string path, string name)
    {
        using var answer = await service.Operator.GetAsync(new Uri($"{path}?from=2026-06-30T00:00:00Z&until=2026-11-01T00:00:00Z", UriKind.Relative), TestContext.Current.CancellationToken);
        return [.. (await TariffsUnderTest.OkAsync(answer)).GetProperty("points").EnumerateArray().Select(p => p.GetProperty(name).GetString()!)];
    }

    private static string Answer(string id, params string[] values) => $$"""{"RateID":"{{id}}","RateName":"a rate","RateType":null,"ValueInformation":[{{string.Join(',', values)}}]}""";

    private static string Value(string day, string from, string until, string value, string unit) =>
        $$"""{"ValueName":"v","DateStart":"{{day}}","DateEnd":"{{day}}","DayStart":"Tuesday","DayEnd":"Tuesday","TimeStart":"{{from}}","TimeEnd":"{{until}}","Value":{{value}},"Unit":"{{unit}}"}""";

    /// <summary>Answers what the test gives it; 404 for all else.</summary>
    private sealed class Midas(WebApplication app) : IAsyncDisposable
    {
        public ConcurrentDictionary<string, string> Answers { get; } = new();

        public string Url => app.Urls.First();

        public static async Task<Midas> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var made = builder.Build();
            var midas = new Midas(made);
            made.MapGet("/ValueData", (string id, string queryType) => queryType == "realtime" && midas.Answers.TryGetValue(id, out var body) ? Results.Text(body, "application/json") : Results.NotFound());
            await made.StartAsync(TestContext.Current.CancellationToken);
            return midas;
        }

        public ValueTask DisposeAsync() => app.DisposeAsync();
    }
}
