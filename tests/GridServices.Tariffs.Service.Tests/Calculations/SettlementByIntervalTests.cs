using System.Text.Json;

namespace GridServices.Tariffs.Service.Tests.Calculations;

/// <summary>An event by its instants, over midnight, in half hours.</summary>
public sealed class SettlementByIntervalTests
{
    [Fact]
    public async Task An_event_over_midnight_is_settled_in_half_hours()
    {
        await using var service = await TariffsUnderTest.StartAsync();
        var baseline = await service.PostAsync("/v1/baselines", Request(string.Empty));
        Assert.Equal((30, 4), (baseline.GetProperty("intervalMinutes").GetInt32(), baseline.GetProperty("starts").GetArrayLength()));
        Assert.Equal("2026-07-15T21:00:00Z", baseline.GetProperty("starts")[0].GetString());
        Assert.Equal(["20", "20", "20", "20"], Texts(baseline, "deliveredKwh"));

        var settled = await service.PostAsync("/v1/settlements/demand-response", Request(""","terms":{"energyPrice":0.5,"nominatedKw":50,"shortfallPenaltyPerKwh":2},"previousTotal":10"""));
        var parts = settled.GetProperty("settlement");
        Assert.Equal(("80", "40", "20", "40"), (Text(parts, "energyKwh"), Text(parts, "energyPayment"), Text(parts, "shortfallKwh"), Text(parts, "shortfallPenalty")));
        Assert.Equal((2, 4, 4), (parts.GetProperty("eventHours").GetInt32(), parts.GetProperty("eventIntervals").GetInt32(), parts.GetProperty("measuredIntervals").GetInt32()));
        Assert.Equal(("0", "-10"), (Text(parts, "total"), settled.GetProperty("delta").GetString()));
    }

    /// <summary>Two days of half hours from 14 July, 00:00 in Berlin, and four hours more: 100 kW, and 60 kW from 23:00 on the second to 01:00 on the third.</summary>
    private static string Request(string more) => $$"""
        {"rule":{"name":"the night before","windowDays":1,"select":1,"days":"any"},
         "event":{"from":"2026-07-15T21:00:00Z","until":"2026-07-15T23:00:00Z","intervalMinutes":30},"timeZone":"Europe/Berlin",
         "intervals":{"start":"2026-07-14","minutes":30,"kW":[{{string.Join(',', Enumerable.Range(0, 104).Select(i => i is >= 94 and < 98 ? 60 : 100))}}]}{{more}} }
        """;

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static IEnumerable<string?> Texts(JsonElement element, string name) => element.GetProperty(name).EnumerateArray().Select(item => item.GetString());
}
