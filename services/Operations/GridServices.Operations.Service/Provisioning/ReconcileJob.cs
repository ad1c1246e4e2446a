using GridServices.Hosting;
using GridServices.Operations.Service.Clients;

namespace GridServices.Operations.Service.Provisioning;

/// <summary>Every minute: whether stored limits of connections are later than the hub's, and whether the documents at the services are as they were left.</summary>
internal sealed class ReconcileJob(ServiceTokens tokens, DocumentWatch documents, ConnectionWords words) : IRecurringJob
{
    public async Task RunAsync(CancellationToken ct)
    {
        await words.LookAsync(ct);
        foreach (var tenant in tokens.Tenants)
        {
            await documents.LookAsync(tenant, ct);
        }
    }
}
