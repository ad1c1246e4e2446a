using GridServices.Hosting;
using GridServices.Operations.Service.Clients;

namespace GridServices.Operations.Service.Compliance;

/// <summary>Keeps the forecasts of live events up to date.</summary>
internal sealed class ForecastJob(ServiceTokens tokens, EventForecasts forecasts) : IRecurringJob
{
    internal const string Name = "event-forecast";

    public async Task RunAsync(CancellationToken ct)
    {
        var faults = new List<Exception>();
        foreach (var tenant in tokens.Tenants)
        {
            try
            {
                await forecasts.LookAsync(tenant, ct);
            }
            catch (Exception fault) when (fault is not OutOfMemoryException && !ct.IsCancellationRequested)
            {
                // One tenant's fault keeps nothing from the others.
                faults.Add(fault);
            }
        }

        if (faults.Count > 0)
        {
            throw new AggregateException(faults);
        }
    }
}
