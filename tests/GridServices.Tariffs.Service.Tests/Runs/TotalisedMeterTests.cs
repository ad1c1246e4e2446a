using GridServices.Contracts;
using GridServices.Tariffs.Service.Tests.Meters;
using NodaTime;

namespace GridServices.Tariffs.Service.Tests.Runs;

/// <summary>A meter that is the sum of others is billed by what they recorded, and has no records of its own.</summary>
public sealed class TotalisedMeterTests
{
    private static readonly Instant Day = Instant.FromUtc(2026, 1, 10, 0, 0);

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
        using var started = await rig.Service.Operator.PostAsync(
            new Uri("/v1/billing-runs", UriKind.Relative), TariffsUnderTest.Json("""{"meters":["total"],"from":"2026-01-01","until":"2026-02-01"}"""), TestContext.Current.CancellationToken);
        var run = await BillingRunTests.DoneAsync(rig, started);
        var bill = await rig.GetAsync($"/v1/billing-runs/{run.GetProperty("runId").GetString()}/bills/total");
        var single = await rig.Service.PostAsync("/v1/bills", $$"""{"tariffId":"depot","intervals":{{MeterRig.Intervals(Day, 40, 80)}},"cycles":[{"from":"2026-01-01","until":"2026-02-01"}]}""");
        Assert.Equal(single.GetProperty("months").GetRawText(), bill.GetProperty("months").GetRawText());

        using var own = await rig.PutAsync("/v1/meters/total/intervals", MeterRig.Intervals(Day, 1));
        await TariffsUnderTest.ProblemAsync(own, ErrorClass.Conflict);
        using var unknown = await rig.PutAsync("/v1/meters/other", """{"siteId":"site-1","tariffId":"depot","telemetry":false,"publish":false,"sumOf":[{"meterId":"nobody"}]}""");
        Assert.Equal("/sumOf/0/meterId", (await TariffsUnderTest.ProblemAsync(unknown, ErrorClass.UnknownId)).GetProperty("pointer").GetString());
    }
}
