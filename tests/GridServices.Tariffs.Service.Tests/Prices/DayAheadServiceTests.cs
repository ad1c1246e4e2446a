using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Tariffs.Service.Tests.Prices;

public sealed class DayAheadServiceTests
{
    private const string NoData = "<Acknowledgement_MarketDocument xmlns='urn:a'><Reason><code>999</code><text>No matching data found</text></Reason></Acknowledgement_MarketDocument>";

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task Prices_are_fetched_when_they_are_out_and_tried_again_until_then(Dialect dialect)
    {
        await using var store = TestStores.Create(dialect);
        await using var platform = await Platform.StartAsync();

        // The day on which clocks go forward: 23 hours, and 13:00 in Brussels is 11:00 UTC.
        var clock = new FakeClock(Instant.FromUtc(2026, 3, 28, 11, 59));
        await using var service = await StartAsync(store, clock, platform);
        await using var plan = new Plan(service);
        await platform.AnswerAsync(q => q.Start == "202603272300", Document("2026-03-27T23:00Z", 24));
        await UntilAsync(service, "2026-03-28", "complete");
        clock.Advance(Duration.FromMinutes(1));
        await platform.AnswerAsync(q => q.Start == "202603282300", NoData);
        await UntilAsync(service, "2026-03-29", "notPublished");
        clock.Advance(Duration.FromMinutes(10));
        await platform.AnswerAsync(_ => true, "", HttpStatusCode.TooManyRequests, "60");
        await UntilAsync(service, "2026-03-29", "failed", tries: 2);
        clock.Advance(Duration.FromMinutes(1));
        await platform.AnswerAsync(_ => true, "<html>maintenance</html>", HttpStatusCode.ServiceUnavailable);
        await UntilAsync(service, "2026-03-29", "failed", tries: 3);
        clock.Advance(Duration.FromMinutes(10));
        await platform.AnswerAsync(q => q.End == "202603292200", Document("2026-03-28T23:00Z", 23));
        await UntilAsync(service, "2026-03-29", "complete", tries: 4);
        var prices = await GetAsync(service, "/v1/prices/DE-LU?from=2026-03-28T23:00:00Z&until=2026-03-29T22:00:00Z");
        Assert.Equal((23, "EUR", "0.01"), (prices.GetProperty("points").GetArrayLength(), prices.GetProperty("currency").GetString(), prices.GetProperty("points")[0].GetProperty("price").GetString()));
        Assert.All(platform.Asked, q => Assert.Equal(("A44", "10Y1001A1001A82H", "10Y1001A1001A82H", "se cret&"), (q.Type, q.In, q.Out, q.Token)));
        clock.Advance(Duration.FromHours(1));
        await Task.Delay(300, TestContext.Current.CancellationToken);
        Assert.Equal(5, platform.Asked.Count);
        using var document = await service.Operator.GetAsync(new Uri("/v1/day-ahead/DE-LU/2026-03-29/document", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Contains("Publication_MarketDocument", await document.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hostile_platform_spoils_nothing()
    {
        await using var platform = await Platform.StartAsync();
        var clock = new FakeClock(Instant.FromUtc(2026, 1, 15, 0, 0));
        await using var service = await StartAsync(null, clock, platform);
        await using var plan = new Plan(service);
        var tries = 0;
        foreach (var body in new[] { "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", new string('<', 100_000), "{}", new string('x', 17 << 20) })
        {
            await platform.AnswerAsync(_ => true, body);
            await UntilAsync(service, "2026-01-15", "failed", ++tries);
            clock.Advance(Duration.FromHours(1));
        }

        await platform.AnswerAsync(_ => true, "", HttpStatusCode.Unauthorized);
        await UntilAsync(service, "2026-01-15", "refused", ++tries);
        var day = (await GetAsync(service, "/v1/day-ahead")).GetProperty("days")[0];
        Assert.Contains("DayAhead:Token", day.GetProperty("problem").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("cret", (await GetAsync(service, "/v1/day-ahead")).GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--DayAhead:Url=http://prices.example/api", "https")]
    [InlineData("--DayAhead:Url=ftp://localhost", "https")]
    [InlineData("--DayAhead:TimeZone=Mars/Olympus", "IANA")]
    [InlineData("--DayAhead:After=noon", "13:00")]
    [InlineData("--DayAhead:Zones:DE-LU=a&b=c", "EIC")]
    public async Task A_setting_that_cannot_work_is_said_at_the_start(string setting, string words)
    {
        var refused = await Assert.ThrowsAsync<StartException>(() => TariffsUnderTest.StartAsync(null, null, setting));
        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_token_nothing_is_fetched_and_the_answer_says_so()
    {
        await using var service = await TariffsUnderTest.StartAsync(null, null, "--DayAhead:Zones:FR=10YFR-RTE------C");
        var answer = await GetAsync(service, "/v1/day-ahead");
        Assert.Equal((false, "no token is set: DayAhead:Token"), (answer.GetProperty("isOn").GetBoolean(), answer.GetProperty("whyNot").GetString()));
    }

    [Fact]
    public async Task Series_are_put_by_hand_as_points_or_as_a_document()
    {
        await using var service = await TariffsUnderTest.StartAsync();
        await PutAsync(service, "/v1/prices/own", """{"currency":"EUR","points":[{"from":"2026-01-15T00:00:00Z","until":"2026-01-15T02:00:00Z","price":0.1},{"from":"2026-01-15T02:00:00Z","until":"2026-01-15T03:00:00Z","price":"-0.02"}]}""", "application/json");
        await PutAsync(service, "/v1/prices/own", Document("2026-01-15T01:00Z", 1), "application/xml");
        var points = (await GetAsync(service, "/v1/prices/own?from=2026-01-15T00:00:00Z&until=2026-01-16T00:00:00Z")).GetProperty("points");
        Assert.Equal(["0.1", "0.01", "-0.02"], points.EnumerateArray().Select(p => p.GetProperty("price").GetString()));
        using var content = TariffsUnderTest.Json("""{"currency":"EUR","points":[{"from":"2026-01-15T00:00:00Z","until":"2026-01-15T02:00:00Z","price":1},{"from":"2026-01-15T01:00:00Z","until":"2026-01-15T03:00:00Z","price":1}]}""");
        using var refused = await service.Operator.PutAsync(new Uri("/v1/prices/own", UriKind.Relative), content, TestContext.Current.CancellationToken);
        await TariffsUnderTest.ProblemAsync(refused, ErrorClass.SemanticOverlap);
    }

    private static async Task PutAsync(TariffsUnderTest service, string path, string body, string type)
    {
        using var content = new StringContent(body, Encoding.UTF8, type);
        using var answer = await service.Operator.PutAsync(new Uri(path, UriKind.Relative), content, TestContext.Current.CancellationToken);
        await TariffsUnderTest.OkAsync(answer);
    }

    private static Task<TariffsUnderTest> StartAsync(TestStore? store, IClock clock, Platform platform) =>
        TariffsUnderTest.StartAsync(store, clock, $"--DayAhead:Url={platform.Url}/api", "--DayAhead:Token=se cret&", "--DayAhead:Zones:DE-LU=10Y1001A1001A82H");

    private static async Task<System.Text.Json.JsonElement> GetAsync(TariffsUnderTest service, string path)
    {
        using var answer = await service.Operator.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        return await TariffsUnderTest.OkAsync(answer);
    }

    private static async Task UntilAsync(TariffsUnderTest service, string day, string state, int tries = 1)
    {
        await Until.HoldsAsync(
            async () => (await GetAsync(service, "/v1/day-ahead")).GetProperty("days"),
            days => days.EnumerateArray().Any(d => d.GetProperty("day").GetString() == day && d.GetProperty("state").GetString() == state && d.GetProperty("tries").GetInt32() == tries),
            () => Task.FromResult($"{day} did not become {state}."));
    }

    private static string Document(string start, int hours)
    {
        var minute = InstantPattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mm'Z'");
        var end = minute.Format(minute.Parse(start).Value + Duration.FromHours(hours));
        var points = string.Concat(Enumerable.Range(1, hours).Select(i => string.Create(CultureInfo.InvariantCulture, $"<Point><position>{i}</position><price.amount>{10 * i}</price.amount></Point>")));
        return $"<Publication_MarketDocument xmlns='urn:p'><type>A44</type><TimeSeries><currency_Unit.name>EUR</currency_Unit.name><price_Measure_Unit.name>MWH</price_Measure_Unit.name><curveType>A01</curveType>"
            + $"<Period><timeInterval><start>{start}</start><end>{end}</end></timeInterval><resolution>PT60M</resolution>{points}</Period></TimeSeries></Publication_MarketDocument>";
    }

    internal sealed record Question(string Type, string In, string Out, string Start, string End, string Token);

    /// <summary>Runs the job over and over, as the service's plan does each minute; never beside the plan's own run, which would ask the same once more.</summary>
    private sealed class Plan : IAsyncDisposable
    {
        private readonly CancellationTokenSource end = new();
        private readonly Task running;

        public Plan(TariffsUnderTest service) => running = RunAsync(service.App.App.Services.GetRequiredService<JobRunner>());

        public async ValueTask DisposeAsync()
        {
            await end.CancelAsync();
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            end.Dispose();
        }

        private async Task RunAsync(JobRunner jobs)
        {
            while (!end.IsCancellationRequested)
            {
                await jobs.RunAsync("day-ahead-prices", end.Token);
                await Task.Delay(20, end.Token);
            }
        }
    }

    /// <summary>The platform: each question waits for the answer that the test gives it.</summary>
    private sealed class Platform(WebApplication app) : IAsyncDisposable
    {
        private readonly System.Threading.Channels.Channel<(string Body, HttpStatusCode Status, string? RetryAfter)> answers =
            System.Threading.Channels.Channel.CreateUnbounded<(string, HttpStatusCode, string?)>();

        public ConcurrentQueue<Question> Asked { get; } = new();

        public string Url => app.Urls.First();

        public static async Task<Platform> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var made = builder.Build();
            var platform = new Platform(made);
            made.MapGet("/api", platform.HandleAsync);
            await made.StartAsync(TestContext.Current.CancellationToken);
            return platform;
        }

        public async Task AnswerAsync(Func<Question, bool> expected, string body, HttpStatusCode status = HttpStatusCode.OK, string? retryAfter = null)
        {
            var before = Asked.Count;
            await answers.Writer.WriteAsync((body, status, retryAfter), TestContext.Current.CancellationToken);
            await Until.HoldsAsync(() => Asked.Count > before && answers.Reader.Count == 0);

            Assert.True(expected(Asked.Last()), Asked.Last().ToString());
        }

        public async ValueTask DisposeAsync()
        {
            answers.Writer.Complete();
            await app.DisposeAsync();
        }

        private async Task HandleAsync(HttpContext http)
        {
            var query = http.Request.Query;
            var (body, status, retryAfter) = await answers.Reader.ReadAsync(http.RequestAborted);
            Asked.Enqueue(new Question(query["documentType"]!, query["in_Domain"]!, query["out_Domain"]!, query["periodStart"]!, query["periodEnd"]!, query["securityToken"]!));
            http.Response.StatusCode = (int)status;
            http.Response.Headers.RetryAfter = retryAfter;
            await http.Response.WriteAsync(body, http.RequestAborted);
        }
    }
}
