using GridServices.Hosting;
using GridServices.Operations.Service.Clients;

namespace GridServices.Operations.Service.Import;

/// <summary>Works off every import that is not done, the oldest first: started when one is posted, at the start, and each minute.</summary>
internal sealed class ImportJob(ImportStore imports, ImportRunner runner) : IRecurringJob
{
    internal const string Name = "import-rows";

    /// <exception cref="AggregateException">Some could not be worked off, and stay unfinished; all others were.</exception>
    public async Task RunAsync(CancellationToken ct)
    {
        var faults = new RunFaults(ct);
        foreach (var (tenant, id) in await imports.ListUnfinishedAsync(ct))
        {
            await faults.IsolateAsync($"import {id}", () => runner.RunAsync(tenant, id, ct));
        }

        faults.ThrowIfAny();
    }
}
