using System.Net;
using GridServices.Contracts;
using GridServices.Hosting.Storage;
using GridServices.Tariffs.Service.Meters;
using GridServices.Tariffs.Service.Tests.Meters;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace GridServices.Tariffs.Service.Tests.Prices;

/// <summary>A site's tariff and market prices, as a price series at the hub.</summary>
public sealed class PublishedPriceTests
{
    private const string Indexed = """
        {"schemaVersion":1,"id":"spot","currency":"EUR","timeZone":"Etc/UTC","energy":[{"id":"e","index":{"series":"DE-LU"}}]}
        """;

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task A_meters_tariff_is_the_sites_price_series_and_a_changed_version_is_told_at_once(Dialect dialect)
    {
        await using var store = TestStores.Create(dialect);
        await using var rig = await MeterRig.StartAsync(store);
        await rig.RegisterAsync(more: "\"telemetry\":false");
        var first = await SeriesAsync(rig, s => s.Revision == 1);
        Assert.Equal(("tariff/energy-price", "EUR", "kWh"), (first.Stream.ToString(), first.Currency, first.Unit));
        Assert.Equal([0.3125m, 0.5m, 0.3125m, 0.5m, 0.3125m], first.Segments.Select(s => s.ImportPrice!.Value));
        Assert.Equal(MeterRig.Start + Duration.FromHours(48), first.Segments[^1].Until);

        await rig.PutOkAsync("/v1/tariffs/depot", MeterRig.Tariff.Replace("\"id\":\"depot\",", "\"id\":\"depot\",\"version\":\"2\",\"effectiveFrom\":\"2026-01-16\",", StringComparison.Ordinal)
            .Replace("0.40", "0.80", StringComparison.Ordinal));
        var next = await SeriesAsync(rig, s => s.Revision == 2);
        Assert.Equal([0.3125m, 0.5m, 0.3125m, 0.3125m, 1m, 0.3125m], next.Segments.Select(s => s.ImportPrice!.Value));

        await rig.PutOkAsync("/v1/meters/main/intervals", MeterRig.Intervals(MeterRig.Start - Duration.FromHours(2), 1200, 1200, 1200, 1200));
        Assert.Equal(0.375m, (await SeriesAsync(rig, s => s.Revision == 3)).Segments[0].ImportPrice);

        using var deleted = await rig.Service.Operator.DeleteAsync(new Uri("/v1/meters/main", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Equal(4, (await SeriesAsync(rig, s => s.Segments.Count == 0)).Revision);
        await rig.RegisterAsync("other", "\"telemetry\":false");
        Assert.Equal(5, (await SeriesAsync(rig, s => s.Revision > 4)).Revision);
        Assert.Empty(rig.Hub.Rejected);
    }

    [Fact]
    public async Task Market_prices_are_told_when_they_come_and_the_series_ends_where_they_end()
    {
        await using var rig = await MeterRig.StartAsync();
        await rig.PutOkAsync("/v1/tariffs/spot", Indexed);
        await rig.PutOkAsync("/v1/meters/main", """{"siteId":"site-1","tariffId":"spot","telemetry":false}""");
        await rig.PutOkAsync("/v1/prices/DE-LU", Points("2026-01-15T12:00:00Z", "2026-01-15T13:00:00Z", "0.11"));
        var today = Assert.Single((await SeriesAsync(rig, s => s.Revision == 1)).Segments);
        Assert.Equal((0.11m, Instant.FromUtc(2026, 1, 15, 13, 0)), (today.ImportPrice, today.Until));

        await rig.PutOkAsync("/v1/prices/DE-LU", Points("2026-01-16T12:00:00Z", "2026-01-16T13:00:00Z", "-0.02"));
        var known = (await SeriesAsync(rig, s => s.Revision == 2)).Segments;
        Assert.Equal([0.11m, -0.02m], known.Select(s => s.ImportPrice!.Value));
        Assert.Empty(rig.Hub.Rejected);
    }

    [Fact]
    public async Task Time_alone_draws_the_series_on_by_the_hour_and_says_nothing_in_between()
    {
        await using var rig = await MeterRig.StartAsync();
        await rig.RegisterAsync();
        await Until.HoldsAsync(() => Series(rig).Any());
        rig.Pass(Duration.FromMinutes(40));
        for (var minute = 1; minute <= 40; minute++)
        {
            rig.Hub.Send("site-1", MeterRig.Power(60 * minute, 50_000));
        }

        await rig.Hub.EnvelopeAsync(e => e.Segments.Count > 1);
        Assert.Single(Series(rig));
        rig.Pass(Duration.FromMinutes(21));
        var on = await SeriesAsync(rig, s => s.Revision == 2);
        Assert.True(on.Segments[^1].Until > MeterRig.Start + Duration.FromHours(49), $"it ends {on.Segments[^1].Until}");
    }

    [Fact]
    public async Task One_meter_of_a_site_states_its_prices_and_a_meter_may_say_that_it_does_not()
    {
        await using var rig = await MeterRig.StartAsync();
        await rig.RegisterAsync();
        await SeriesAsync(rig, s => s.Revision == 1);
        const string Circuit = "\"telemetry\":false,\"limitsAt\":{\"kind\":\"circuit\",\"id\":\"north\"}";
        await rig.RegisterAsync("north", Circuit);
        using var second = await rig.PutAsync("/v1/meters/north", $$"""{"siteId":"site-1","tariffId":"depot",{{Circuit}},"publishPrices":true}""");
        Assert.Equal(HttpStatusCode.Conflict, second.StatusCode);
        Assert.Contains("states the prices of site", await second.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await rig.RegisterAsync(more: "\"publishPrices\":false");
        await SeriesAsync(rig, s => s is { Revision: 2, Segments.Count: 0 });
        await rig.RegisterAsync("north", Circuit + ",\"publishPrices\":true");
        await SeriesAsync(rig, s => s is { Revision: 3, Segments.Count: > 0 });
    }

    /// <summary>More often than the meter would fall silent: the timer alone would never look at it again.</summary>
    [Fact]
    public async Task Prices_that_could_not_be_calculated_are_tried_again_while_readings_go_on()
    {
        await using var rig = await MeterRig.StartAsync();
        using var log = new CapturingLogger();
        rig.Service.App.App.Services.GetRequiredService<ILoggerFactory>().AddProvider(log);
        await rig.PutOkAsync("/v1/tariffs/spot", Indexed);
        await rig.PutOkAsync("/v1/prices/DE-LU", Points("2026-01-15T12:00:00Z", "2026-01-25T12:00:00Z", "0.11"));
        await rig.PutOkAsync("/v1/meters/main", """{"siteId":"site-1","tariffId":"spot"}""");
        await SeriesAsync(rig, s => s.Revision == 1);
        await rig.WriteAsync("UPDATE price_points SET price = 'x'");
        await rig.WriteAsync("UPDATE published_prices SET due_at = 0");
        await ReadUntilAsync(rig, () => Status(rig) == UpstreamStatus.Stale);
        await rig.WriteAsync("UPDATE price_points SET price = '0.22'");
        await ReadUntilAsync(rig, () => Series(rig).Any(s => s.Revision == 2));
        Assert.Equal(0.22m, Series(rig).Last().Segments[0].ImportPrice);
        await ReadUntilAsync(rig, () => Status(rig) == UpstreamStatus.Ok);
        Assert.Single(log.Lines, line => line.Contains("prices of meter main cannot be calculated", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Prices_that_could_not_be_calculated_at_all_are_told_as_soon_as_what_they_are_made_of_comes()
    {
        await using var rig = await MeterRig.StartAsync();
        await rig.PutOkAsync("/v1/tariffs/spot", Indexed);
        await rig.PutOkAsync("/v1/prices/DE-LU", Points("2026-01-15T12:00:00Z", "2026-01-15T18:00:00Z", "0.11"));
        await rig.WriteAsync("UPDATE price_points SET price = 'x'");
        await rig.PutOkAsync("/v1/meters/main", """{"siteId":"site-1","tariffId":"spot"}""");
        Assert.Equal(UpstreamStatus.Stale, Status(rig));

        // The reading comes before the timer.
        await rig.PutOkAsync("/v1/prices/DE-LU", Points("2026-01-15T12:00:00Z", "2026-01-15T18:00:00Z", "0.33"));
        rig.Hub.Send("site-1", MeterRig.Power(0, 50_000));
        Assert.Equal(0.33m, (await SeriesAsync(rig, s => s.Revision == 1)).Segments[0].ImportPrice);
        Assert.True(rig.Clock.GetCurrentInstant() < MeterRig.Start + Duration.FromMinutes(15));
    }

    /// <summary>From 16:00 to 21:00 there is one tier; outside, what was drawn in the cycle decides.</summary>
    [Fact]
    public async Task A_sum_of_which_a_part_is_gone_states_no_price_that_depends_on_what_was_drawn()
    {
        await using var rig = await MeterRig.StartAsync();
        await rig.RegisterAsync("part", "\"telemetry\":false,\"publish\":false,\"publishPrices\":false");
        await rig.PutOkAsync("/v1/meters/part/intervals", MeterRig.Intervals(MeterRig.Start - Duration.FromHours(2), 1200, 1200, 1200, 1200));
        const string Total = "\"telemetry\":false,\"publish\":false,\"publishPrices\":true,\"sumOf\":[{\"meterId\":\"part\"}]";
        await rig.RegisterAsync("total", Total);
        Assert.Equal(0.375m, (await SeriesAsync(rig, s => s.Revision == 1)).Segments[0].ImportPrice);
        using var deleted = await rig.Service.Operator.DeleteAsync(new Uri("/v1/meters/part", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        rig.Pass(Duration.FromMinutes(16));
        Assert.Equal([0.5m, 0.5m], (await SeriesAsync(rig, s => s.Revision == 2)).Segments.Select(s => s.ImportPrice!.Value));
    }

    [Fact]
    public async Task The_hub_is_told_that_the_prices_are_well_though_the_meter_is_silent()
    {
        await using var rig = await MeterRig.StartAsync();
        await rig.RegisterAsync();
        await SeriesAsync(rig, s => s.Revision == 1);
        await Until.HoldsAsync(
            () =>
            {
                rig.Pass(Duration.FromSeconds(5));
                return Task.FromResult(rig.Hub.Reports.LastOrDefault()?.Streams);
            },
            streams => streams?.Any(s => s.Stream.Key == "energy-price" && s.Status == UpstreamStatus.Ok) == true && streams.Any(s => s.Stream.Key == "peak-cap" && s.Status == UpstreamStatus.Stale));
    }

    /// <summary>A reading each half minute.</summary>
    private static Task ReadUntilAsync(MeterRig rig, Func<bool> holds) => Until.HoldsAsync(
        () =>
        {
            rig.Pass(Duration.FromSeconds(30));
            rig.Hub.Send("site-1", MeterRig.Power((int)(rig.Clock.GetCurrentInstant() - MeterRig.Start).TotalSeconds, 50_000));
            return holds();
        },
        () => Task.FromResult($"{Status(rig)} at {rig.Clock.GetCurrentInstant()}, revisions {string.Join(", ", Series(rig).Select(s => s.Revision))}"));

    /// <summary>What the hub would be told of the prices now.</summary>
    private static UpstreamStatus? Status(MeterRig rig) =>
        rig.Service.App.App.Services.GetRequiredService<MeterHealth>().Streams(rig.Clock.GetCurrentInstant()).SingleOrDefault(s => s.Stream.Key == "energy-price")?.Status;

    private static string Points(string from, string until, string price) => $$"""{"currency":"EUR","points":[{"from":"{{from}}","until":"{{until}}","price":{{price}}}]}""";

    private static IEnumerable<PriceSeries> Series(MeterRig rig) => rig.Hub.Published.Select(p => p.Event).OfType<PricesPublished>().Select(p => p.Prices);

    /// <summary>The timer of the meters is let go on until the hub has it.</summary>
    private static async Task<PriceSeries> SeriesAsync(MeterRig rig, Func<PriceSeries, bool> wanted) => (await Until.HoldsAsync(
        () =>
        {
            rig.Pass(Duration.FromMilliseconds(250));
            return Task.FromResult(Series(rig).LastOrDefault(wanted));
        },
        found => found is not null,
        () => Task.FromResult($"rejected: {string.Join("; ", rig.Hub.Rejected)}; revisions {string.Join(", ", Series(rig).Select(s => s.Revision))}")))!;
}
