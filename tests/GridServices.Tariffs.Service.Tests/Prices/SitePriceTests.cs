using System.Net;
using GridServices.Contracts;
using GridServices.Hosting.Storage;
using GridServices.Tariffs.Service.Tests.Meters;
using GridServices.Testing;
using NodaTime;

namespace GridServices.Tariffs.Service.Tests.Prices;

public sealed class SitePriceTests
{
    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task Two_days_of_prices_merge_tariff_tier_taxes_and_the_programs_of_the_hub(Dialect dialect)
    {
        await using var store = TestStores.Create(dialect);
        await using var rig = await MeterRig.StartAsync(store);
        await rig.RegisterAsync(more: "\"telemetry\":false");
        var prices = await rig.GetAsync("/v1/sites/site-1/prices");
        Assert.Equal(("EUR", "0.25", "0.3125"), (prices.GetProperty("currency").GetString(), First(prices, "importPrice"), First(prices, "importPriceWithTaxes")));
        Assert.Equal("2026-01-17T12:00:00Z", prices.GetProperty("segments").EnumerateArray().Last().GetProperty("until").GetString());
        await rig.PutOkAsync("/v1/meters/main/intervals", MeterRig.Intervals(MeterRig.Start - Duration.FromHours(2), 1200, 1200, 1200, 1200));
        Assert.Equal("0.3", First(await rig.GetAsync("/v1/sites/site-1/prices"), "importPrice"));
        rig.Hub.Site = new SiteEnvelopes
        {
            SiteId = "site-1",
            Epoch = "e",
            Sequence = "1",
            AsOf = MeterRig.Start,
            Complete = true,
            Envelopes = [],
            Prices = [new PriceSeries
            {
                SeriesId = Guid.NewGuid(), Revision = 1, SiteId = "site-1", Stream = new StreamId("ieee2030-5", "FSA1"), Currency = "EUR", Unit = "kWh",
                Segments = [new PriceSegment { From = MeterRig.Start, Until = MeterRig.Start + Duration.FromHours(1), ImportPrice = 0.75m }],
                Provenance = new Provenance { Protocol = "IEEE 2030.5", Authority = "LFDI" },
            }],
        };
        var enrolled = await AskedAnewAsync(rig, shown => First(shown, "importPrice") == "0.75");
        Assert.Equal(("0.75", "ieee2030-5/FSA1"), (First(enrolled, "importPrice"), enrolled.GetProperty("segments")[0].GetProperty("parts")[0].GetProperty("source").GetString()));

        // A hub that lost its store states none of it and says so: what is held stays, and is told.
        var whole = rig.Hub.Site;
        rig.Hub.Site = whole with { Epoch = "f", Sequence = "0", Prices = [], Incomplete = true };
        await AskedAnewAsync(rig, shown => shown.ToString().Contains("does not know yet all", StringComparison.Ordinal));
        for (var again = 0; again < 2; again++)
        {
            var incomplete = await rig.GetAsync("/v1/sites/site-1/prices");
            Assert.Equal("0.75", First(incomplete, "importPrice"));
            Assert.Contains("does not know yet all", incomplete.GetProperty("notes")[0].GetString(), StringComparison.Ordinal);
        }

        rig.Hub.Site = whole;
        rig.Pass(Duration.FromSeconds(6));
        Assert.DoesNotContain("does not know yet", (await rig.GetAsync("/v1/sites/site-1/prices")).ToString(), StringComparison.Ordinal);
        rig.Hub.Site = null;
        rig.Pass(Duration.FromSeconds(6));
        var away = await rig.GetAsync("/v1/sites/site-1/prices");
        Assert.Equal("0.75", First(away, "importPrice"));
        Assert.Contains("could not be asked", away.GetProperty("notes")[0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Programs_are_asked_for_again_after_seconds_though_the_clock_was_set_back()
    {
        await using var rig = await MeterRig.StartAsync();
        await rig.RegisterAsync(more: "\"telemetry\":false");
        rig.Hub.Site = Programs(0.75m);
        await AskedAnewAsync(rig, shown => First(shown, "importPrice") == "0.75");
        rig.Hub.Site = Programs(0.5m);
        rig.Clock.Time.JumpTo(MeterRig.Start - Duration.FromMinutes(10));
        await AskedAnewAsync(rig, shown => First(shown, "importPrice") == "0.5");
        Assert.True(rig.Clock.GetCurrentInstant() < MeterRig.Start, "it was asked again only when the clock had come to where it was before");
    }

    [Theory]
    [InlineData("/v1/sites/none/prices", HttpStatusCode.NotFound)]
    [InlineData("/v1/sites/site-1/prices?meter=none", HttpStatusCode.NotFound)]
    [InlineData("/v1/sites/site-1/prices?from=soon", HttpStatusCode.BadRequest)]
    [InlineData("/v1/sites/site-1/prices?until=2027-01-01T00:00:00Z", HttpStatusCode.BadRequest)]
    public async Task What_cannot_be_told_is_refused(string path, HttpStatusCode status)
    {
        await using var rig = await MeterRig.StartAsync();
        await rig.RegisterAsync();
        var answered = await rig.StatusAsync(path);
        Assert.True(answered == status || (status == HttpStatusCode.BadRequest && (int)answered is 400 or 422), $"{answered}");
    }

    /// <summary>The hub is given two seconds for its answer, which is too little beside thirty busy programs: it is asked again.</summary>
    private static Task<System.Text.Json.JsonElement> AskedAnewAsync(MeterRig rig, Func<System.Text.Json.JsonElement, bool> holds) => Until.HoldsAsync(
        () =>
        {
            rig.Pass(Duration.FromSeconds(6));
            return rig.GetAsync("/v1/sites/site-1/prices");
        },
        holds);

    private static SiteEnvelopes Programs(decimal price) => new()
    {
        SiteId = "site-1",
        Epoch = "e",
        Sequence = "1",
        AsOf = MeterRig.Start,
        Complete = true,
        Envelopes = [],
        Prices = [new PriceSeries
        {
            SeriesId = Guid.NewGuid(), Revision = 1, SiteId = "site-1", Stream = new StreamId("ieee2030-5", "FSA1"), Currency = "EUR", Unit = "kWh",
            Segments = [new PriceSegment { From = MeterRig.Start - Duration.FromHours(1), Until = MeterRig.Start + Duration.FromHours(1), ImportPrice = price }],
            Provenance = new Provenance { Protocol = "IEEE 2030.5", Authority = "LFDI" },
        }],
    };

    private static string? First(System.Text.Json.JsonElement prices, string name) => prices.GetProperty("segments")[0].GetProperty(name).GetString();
}
