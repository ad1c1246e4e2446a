using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Requests;

namespace GridServices.Tariffs.Service.Calculations;

/// <summary>Calculates one small bill before the service is ready, so that nobody waits for the first.</summary>
internal sealed class WarmUp : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var request = BillRequestJson.Read("""
            {
              "tariff": {
                "schemaVersion": 1, "id": "first", "currency": "EUR", "timeZone": "Europe/Berlin",
                "schedules": [ { "id": "tou", "rules": [ { "period": "peak", "from": "18:00", "until": "21:00" }, { "period": "rest" } ] } ],
                "energy": [ { "id": "energy", "schedule": "tou", "rates": [
                  { "period": "peak", "tiers": [ { "upTo": 100, "price": 0.40 }, { "price": 0.50 } ] }, { "period": "rest", "tiers": [ { "price": 0.25 } ] } ] } ],
                "demand": [ { "id": "demand", "rates": [ { "period": "all", "tiers": [ { "price": 8 } ] } ] } ],
                "adjustments": [ { "id": "vat", "percent": 19 } ]
              },
              "intervals": { "start": "2026-03-28", "minutes": 720, "kW": [10, 20, 30, 40, 10, 20, 30, 40] }
            }
            """u8.ToArray()).OrThrow();
        BillJson.Write(request.Bill());
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
