using System.Collections.Concurrent;
using System.Text.Json;
using GridServices.Hosting;
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
        await using var store = TestStores.Of(dialect);
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
            await service.App.App.Services.GetRequiredService<MidasFetcher>().RunAsync(TestContext.Current.CancellationToken);
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
