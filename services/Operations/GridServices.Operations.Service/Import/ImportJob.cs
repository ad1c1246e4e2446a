using GridServices.Hosting;

namespace GridServices.Operations.Service.Import;

/// <summary>Works off every import that is not done, the oldest first: started when one is posted, at the start, and each minute.</summary>
internal sealed class ImportJob(ImportStore imports, ImportRunner runner) : IRecurringJob
{
    internal const string Name = "import-rows";

    public async Task RunAsync(CancellationToken ct)
    {
        foreach (var (tenant, id) in await imports.ListUnfinishedAsync(ct))
        {
            await runner.RunAsync(tenant, id, ct);
        }
    }
}
