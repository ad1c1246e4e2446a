using System.Globalization;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Tariffs.Service.Tests.Meters;
using NodaTime;

namespace GridServices.Tariffs.Service.Tests.Runs;

/// <summary>A meter that is the sum of others is billed by what they recorded, and has no records of its own.</summary>
public sealed class TotalisedMeterTests
{
    private static readonly Instant Day = Instant.FromUtc(2026, 1, 10, 0, 0);
    private static readonly Instant August = Instant.FromUtc(2025, 8, 4, 0, 0);

    [Fact]
    public async Task A_sum_of_meters_is_billed_as_one()
    {
        await using var rig = await MeterRig.StartAsync();
        foreach (var (meter, kw) in new[] { ("feed-a", 30m), ("feed-b", 20m), ("tenant", 10m) })
        {
            await rig.RegisterAsync(meter, "\"telemetry\":false,\"publish\":false");
            await rig.PutOkAsync($"/v1/meters/{meter}/intervals", MeterRig.Intervals(Day, kw, kw * 2));
        }

        await rig.RegisterAsync("total", """
            "telemetry":false,"publish":false,"sumOf":[{"meterId":"feed-a"},{"meterId":"feed-b"},{"meterId":"tenant","takes":"deduct"}]
            """);
        var bill = await BillAsync(rig);
        var single = await rig.Service.PostAsync("/v1/bills", $$"""{"tariffId":"depot","intervals":{{MeterRig.Intervals(Day, 40, 80)}},"cycles":[{"from":"2026-01-01","until":"2026-02-01"}]}""");
        Assert.Equal(single.GetProperty("months").GetRawText(), bill.GetProperty("months").GetRawText());

        // In August the sum was higher: 80 % of its peak are billed in January, as for any meter.
        foreach (var (meter, kw) in new[] { ("feed-a", 300m), ("feed-b", 100m) })
        {
            await rig.PutOkAsync($"/v1/meters/{meter}/intervals", MeterRig.Intervals(August, kw));
        }

        await AssertDemandAsync(rig, kw: 80);
        await rig.PutOkAsync("/v1/meters/tenant/intervals", MeterRig.Intervals(August, 150));
        await AssertDemandAsync(rig, kw: 200);

        using var own = await rig.PutAsync("/v1/meters/total/intervals", MeterRig.Intervals(Day, 1));
        await TariffsUnderTest.ProblemAsync(own, ErrorClass.Conflict);
        using var unknown = await rig.PutAsync("/v1/meters/other", """{"siteId":"site-1","tariffId":"depot","telemetry":false,"publish":false,"sumOf":[{"meterId":"nobody"}]}""");
        Assert.Equal("/sumOf/0/meterId", (await TariffsUnderTest.ProblemAsync(unknown, ErrorClass.UnknownId)).GetProperty("pointer").GetString());
    }

    [Fact]
    public async Task A_site_that_is_billed_by_a_sum_pays_the_tier_that_the_sum_has_reached()
    {
        await using var rig = await MeterRig.StartAsync();
        foreach (var meter in new[] { "feed-a", "feed-b" })
        {
            await rig.RegisterAsync(meter, $$"""
                "telemetry":false,"targetW":100000,"failsafeW":20000,"limitsAt":{"kind":"circuit","id":"{{meter}}"}
                """);
        }

        await rig.RegisterAsync("total", """
            "telemetry":false,"publish":false,"sumOf":[{"meterId":"feed-a"},{"meterId":"feed-b"}]
            """);
        var empty = await rig.GetAsync("/v1/sites/site-1/prices");
        Assert.Equal(("total", "0.25"), (empty.GetProperty("meterId").GetString(), Price(empty)));
        Assert.Contains("feed-a", Assert.Single(empty.GetProperty("notes").EnumerateArray(), n => n.GetString()!.Contains("first tier", StringComparison.Ordinal)).GetString(), StringComparison.Ordinal);
        foreach (var meter in new[] { "feed-a", "feed-b" })
        {
            // 700 kWh each: neither alone is above 1000.
            await rig.PutOkAsync($"/v1/meters/{meter}/intervals", MeterRig.Intervals(MeterRig.Start - Duration.FromHours(2), 700, 700, 700, 700));
        }

        Assert.Equal("0.3", Price(await rig.GetAsync("/v1/sites/site-1/prices")));

        // A meter that states the site's limits comes before a sum.
        await rig.RegisterAsync("whole", "\"telemetry\":false,\"targetW\":100000,\"failsafeW\":20000");
        Assert.Equal("whole", (await rig.GetAsync("/v1/sites/site-1/prices")).GetProperty("meterId").GetString());
    }

    private static string? Price(JsonElement prices) => prices.GetProperty("segments")[0].GetProperty("importPrice").GetString();

    private static async Task AssertDemandAsync(MeterRig rig, int kw)
    {
        var month = (await BillAsync(rig)).GetProperty("months")[0];
        var line = Assert.Single(month.GetProperty("lineItems").EnumerateArray(), l => l.GetProperty("charge").GetString() == "d");
        Assert.Equal(kw, decimal.Parse(line.GetProperty("quantity").ToString(), CultureInfo.InvariantCulture));
    }

    private static async Task<JsonElement> BillAsync(MeterRig rig)
    {
        using var started = await rig.Service.Operator.PostAsync(
            new Uri("/v1/billing-runs", UriKind.Relative), TariffsUnderTest.Json("""{"meters":["total"],"from":"2026-01-01","until":"2026-02-01"}"""), TestContext.Current.CancellationToken);
        var run = await BillingRunTests.DoneAsync(rig, started);
        return await rig.GetAsync($"/v1/billing-runs/{run.GetProperty("runId").GetString()}/bills/total");
    }
}
