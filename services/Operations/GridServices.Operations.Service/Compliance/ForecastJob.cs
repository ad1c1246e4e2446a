using GridServices.Hosting;
using GridServices.Operations.Service.Clients;

namespace GridServices.Operations.Service.Compliance;

/// <summary>Keeps the forecasts of live events up to date.</summary>
internal sealed class ForecastJob(ServiceTokens tokens, EventForecasts forecasts) : IRecurringJob
{
    internal const string Name = "event-forecast";

    public async Task RunAsync(CancellationToken ct)
    {
        var faults = new RunFaults(ct);
        foreach (var tenant in tokens.Tenants)
        {
            await faults.IsolateAsync($"tenant {tenant}", () => forecasts.RefreshAsync(tenant, ct));
        }

        faults.ThrowIfAny();
    }
}
