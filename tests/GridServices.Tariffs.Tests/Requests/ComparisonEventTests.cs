using System.Text;
using GridServices.Tariffs.Requests;

namespace GridServices.Tariffs.Tests.Requests;

/// <summary>Called events are priced in a comparison as in a bill, in its scenarios too.</summary>
public sealed class ComparisonEventTests
{
    [Fact]
    public void A_called_event_has_its_price_under_every_tariff()
    {
        var kw = string.Join(',', Enumerable.Repeat("100", 24));
        var shed = string.Join(',', Enumerable.Range(0, 24).Select(h => h is >= 16 and < 20 ? "0" : "100"));
        var request = ComparisonRequestJson.Read(Encoding.UTF8.GetBytes(
            $$"""
            { "alternatives": [
                { "tariff": { "schemaVersion": 1, "id": "cpp", "currency": "EUR", "timeZone": "Etc/UTC",
                    "schedules": [ { "id": "s", "rules": [ { "period": "critical", "event": "cpp" }, { "period": "rest" } ] } ],
                    "energy": [ { "id": "e", "schedule": "s", "rates": [ { "period": "critical", "tiers": [ { "price": 1.00 } ] }, { "period": "rest", "tiers": [ { "price": 0.10 } ] } ] } ] } },
                { "tariff": { "schemaVersion": 1, "id": "flat", "currency": "EUR", "timeZone": "Etc/UTC", "energy": [ { "id": "e", "rates": [ { "period": "all", "tiers": [ { "price": 0.15 } ] } ] } ] } } ],
              "intervals": { "start": "2026-01-15", "minutes": 60, "kW": [{{kw}}] },
              "changedIntervals": { "start": "2026-01-15", "minutes": 60, "kW": [{{shed}}] },
              "events": [ { "kind": "cpp", "from": "2026-01-15T16:00:00Z", "until": "2026-01-15T20:00:00Z" } ],
              "cycles": [ { "from": "2026-01-15", "until": "2026-01-16" } ] }
            """)).OrThrow();
        var ranked = request.Ranked();
        Assert.Equal([("flat", 360m), ("cpp", 600m)], ranked.Select(r => (r.Tariff.Source.Id, r.Bill!.Total)));
        Assert.Equal(400m, request.Worth(ranked[1])!.Values.Sum());
    }
}
