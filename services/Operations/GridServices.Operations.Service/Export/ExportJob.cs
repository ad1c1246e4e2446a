using System.Data.Common;
using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.Hosting.Storage;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Export;

/// <summary>Makes every file that was asked for, the oldest first, and takes those away that are older than thirty days.</summary>
internal sealed class ExportJob(ExportStore exports, ExportWriter writer, OperationsStore operations, IClock clock) : IRecurringJob, IDisposable
{
    internal const string Name = "export";
    private static readonly Duration Kept = Duration.FromDays(30);
    private readonly SemaphoreSlim _one = new(1);

    /// <exception cref="AggregateException">Some files could not be made, and are tried again; all others were.</exception>
    public async Task RunAsync(CancellationToken ct)
    {
        await _one.WaitAsync(ct);
        try
        {
            var faults = new RunFaults(ct);

            // First, and on its own: personal data stays no longer because a file can't be made.
            await faults.IsolateAsync("old files", () => exports.RemoveBeforeAsync(clock.GetCurrentInstant() - Kept, ct));
            foreach (var (tenant, id) in await exports.ListQueuedAsync(ct))
            {
                await faults.IsolateAsync($"export {id}", () => CreateAsync(tenant, id, ct));
            }

            faults.ThrowIfAny();
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private async Task CreateAsync(string tenant, string id, CancellationToken ct)
    {
        if (await exports.FindAsync(tenant, id, ct) is not { } item)
        {
            return;
        }

        var (file, problem) = ((ExportFile?)null, (string?)null);
        try
        {
            file = await writer.WriteAsync(tenant, item, ct);
        }
        catch (Exception fault) when (fault is not (StoreUnavailableException or DbException) && !ct.IsCancellationRequested)
        {
            problem = SafeText.Line(fault.Message);
        }

        await operations.WriteAsync(Actor.Job(tenant, Name), transaction => ExportStore.EndAsync(transaction, id, file, problem), ct);
    }
}
