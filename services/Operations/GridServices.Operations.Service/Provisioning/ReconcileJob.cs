using GridServices.Hosting;
using GridServices.Operations.Service.Clients;

namespace GridServices.Operations.Service.Provisioning;

/// <summary>Every minute: whether the documents at the services are as they were left.</summary>
internal sealed class ReconcileJob(ServiceTokens tokens, DocumentWatch documents) : IRecurringJob
{
    public async Task RunAsync(CancellationToken ct)
    {
        var faults = new RunFaults(ct);
        foreach (var tenant in tokens.Tenants)
        {
            await faults.IsolateAsync($"tenant {tenant}", () => documents.CheckAsync(tenant, ct));
        }

        faults.ThrowIfAny();
    }
}
