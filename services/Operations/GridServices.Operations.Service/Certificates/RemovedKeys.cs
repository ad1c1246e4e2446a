using GridServices.Hosting;
using GridServices.Operations.Service.Audit;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Certificates;

/// <summary>
/// Files of certificates that were deleted: they go after the commit, and a crash or a folder that can't be written to leaves them. Only what the audit calls
/// deleted goes; a file without a row may belong to a store that was restored from a backup, and a key can't be made again.
/// </summary>
internal sealed class RemovedKeys(ServiceTokens tokens, CertificateFiles files, CertificateStore store, AuditLog audit) : IRecurringJob
{
    public async Task RunAsync(CancellationToken ct)
    {
        var faults = new RunFaults(ct);
        foreach (var tenant in tokens.Tenants)
        {
            await faults.IsolateAsync($"files of deleted certificates of tenant {tenant}", () => RemoveAsync(tenant, faults, ct));
        }

        faults.ThrowIfAny();
    }

    /// <summary>What can't be deleted keeps nothing else from it, and is told by name.</summary>
    internal async Task RemoveAsync(string tenant, RunFaults faults, CancellationToken ct)
    {
        foreach (var id in files.ListIds(tenant))
        {
            await faults.IsolateAsync($"files of the deleted certificate {id} of tenant {tenant}", () => RemoveAsync(tenant, id, ct));
        }
    }

    private async Task RemoveAsync(string tenant, string id, CancellationToken ct)
    {
        if (await store.FindAsync(tenant, id, ct) is null && await IsDeletedAsync(tenant, id, ct))
        {
            files.Remove(tenant, id);
        }
    }

    private async Task<bool> IsDeletedAsync(string tenant, string id, CancellationToken ct) =>
        (await audit.ListAsync(tenant, new AuditQuery(1) { Kind = "certificate", EntityId = id, Actions = ["certificate.deleted"] }, ct)).Count > 0;
}
