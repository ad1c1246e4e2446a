using GridServices.Hosting;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Export;

/// <summary>Makes every file that was asked for, the oldest first, and takes those away that are older than thirty days.</summary>
internal sealed class ExportJob(ExportStore exports, ExportWriter writer, OperationsStore operations, IClock clock) : IRecurringJob, IDisposable
{
    internal const string Name = "export";
    private static readonly Duration Kept = Duration.FromDays(30);
    private readonly SemaphoreSlim _one = new(1);

    public async Task RunAsync(CancellationToken ct)
    {
        await _one.WaitAsync(ct);
        try
        {
            foreach (var (tenant, id) in await exports.ListQueuedAsync(ct))
            {
                await CreateAsync(tenant, id, ct);
            }

            await exports.RemoveBeforeAsync(clock.GetCurrentInstant() - Kept, ct);
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
        catch (Exception fault) when (fault is InvalidDataException or OutOfMemoryException or System.Text.Json.JsonException)
        {
            problem = fault.Message;
        }

        await operations.WriteAsync(Actor.Job(tenant, Name), transaction => ExportStore.EndAsync(transaction, id, file, problem), ct);
    }
}
