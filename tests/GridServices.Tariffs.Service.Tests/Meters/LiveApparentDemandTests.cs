using System.Text.Json;
using GridServices.Testing;
using NodaTime;

namespace GridServices.Tariffs.Service.Tests.Meters;

/// <summary>kVA and a called system peak, from telemetry to the hub, the demand view and the bill.</summary>
public sealed class LiveApparentDemandTests
{
    private const string Tariff = """
        {"schemaVersion":1,"id":"kva","currency":"EUR","timeZone":"Etc/UTC",
         "demand":[{"id":"capacity","basis":"kva","rates":[{"period":"all","tiers":[{"price":12}]}],"window":{"minutes":15}},
                   {"id":"transmission","rates":[{"period":"all","tiers":[{"price":5}]}],"coincident":{"event":"4cp","combine":"sum"}}]}
        """;

    [Fact]
    public async Task Readings_with_kvar_become_a_headroom_in_kW_and_the_call_under_way_says_what_it_costs()
    {
        await using var rig = await MeterRig.StartAsync();
        await rig.PutOkAsync("/v1/tariffs/kva", Tariff);
        await rig.PutOkAsync("/v1/meters/main", """
            {"siteId":"site-1","tariffId":"kva","targetW":100000,"failsafeW":20000,"events":[{"kind":"4cp","from":"2026-01-15T12:00:00Z","until":"2026-01-15T13:00:00Z"}],
             "forecastEvents":[{"kind":"4cp","from":"2026-01-15T17:00:00Z","until":"2026-01-15T18:00:00Z"}]}
            """);
        rig.Pass(Duration.FromMinutes(2));
        foreach (var second in new[] { 0, 60, 120 })
        {
            rig.Hub.Send("site-1", MeterRig.Power(second, 80_000) with { ReactivePowerVar = 60_000 });
        }

        // 80 kW beside 60 kvar are the 100 kVA that are planned.
        var live = await rig.Hub.EnvelopeAsync(e => e.Segments.Count > 0 && e.Segments[0].Limits.ImportLimitW is 79_999 or 80_000);
        Assert.Equal(9.6m, live.BreachPrice!.Amount);

        // The readings may have come one by one, each with the same headroom.
        var meter = await Until.HoldsAsync(
            async () => (await rig.GetAsync("/v1/sites/site-1/demand")).GetProperty("meters")[0],
            m => m.GetProperty("charges")[0].TryGetProperty("kvarhInWindow", out var kvarh) && kvarh.GetString() == "2");
        var charge = meter.GetProperty("charges")[0];
        Assert.Equal(("kVA", "80", "2", "8.32"), (Text(charge, "unit"), Text(charge, "headroomKw"), Text(charge, "kvarhInWindow"), Text(charge, "oneMoreKwUntilWindowEnd")));
        Assert.Contains("60", Text(charge, "assumed"), StringComparison.Ordinal);
        var (now, ahead) = (meter.GetProperty("calledPeaks")[0], meter.GetProperty("calledPeaks")[1]);
        Assert.Equal(("80", "400", "4.833333", false), (Text(now, "meanKw"), Text(now, "cost"), Text(now, "oneMoreKwUntilWindowEnd"), now.GetProperty("forecast").GetBoolean()));
        Assert.Equal(("5", true), (Text(ahead, "oneMoreKwUntilWindowEnd"), ahead.GetProperty("forecast").GetBoolean()));
        Assert.Empty(rig.Hub.Rejected);

        // kvar that fail are never none: the window is not known, and the view says why.
        rig.Pass(Duration.FromMinutes(1));
        rig.Hub.Send("site-1", MeterRig.Power(180, 80_000));
        var unknown = await Until.HoldsAsync(
            async () => (await rig.GetAsync("/v1/sites/site-1/demand")).GetProperty("meters")[0].GetProperty("charges")[0],
            c => c.TryGetProperty("unknown", out _),
            () => Task.FromResult("the reading without kvar did not arrive"));
        Assert.False(unknown.TryGetProperty("headroomKw", out _));
        Assert.Contains("power factor", Text(unknown, "unknown"), StringComparison.Ordinal);
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
