using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Operations.Audit;
using GridServices.Operations.Bulk;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Import;

/// <summary>
/// Works an import off in steps of some rows: each step and its progress are one commit, so that after a kill it goes on with the next row. Each row is on its own:
/// a fault takes back that row only. In a dry run every row is done and taken back.
/// </summary>
internal sealed class ImportRunner(ImportStore store, RowApplier applier, OperationsStore operations, IClock clock)
{
    private const int RowsPerStep = 100;

    /// <summary>Works until the import is done, cancelled or failed.</summary>
    internal async Task RunAsync(string tenant, string id, CancellationToken ct)
    {
        var item = await store.FindAsync(tenant, id, ct);
        if (item is null || item.State is not ("queued" or "running"))
        {
            return;
        }

        var kind = EnumNames<BulkKind>.TryParse(item.Kind, out var known) ? known : throw new InvalidDataException($"'{item.Kind}' is no kind of import.");
        var actor = new Actor(tenant, item.CreatedBy, AuditActorKind.Job) { RequestId = item.Id };
        var file = BulkFile.Open(new StringReader(await store.TextAsync(tenant, id, ct)), kind);
        foreach (var rows in file.Rows().Skip((int)item.Done).Chunk(RowsPerStep))
        {
            if (await StepAsync(actor, id, kind, rows, ct) is not { State: "running" })
            {
                return;
            }
        }

        await operations.WriteAsync(actor, transaction => EndAsync(transaction, id, "done"), ct);
    }

    /// <summary>The result file: what came in, and per row what became of it.</summary>
    internal async Task<string> ResultAsync(string tenant, ImportItem item, CancellationToken ct)
    {
        var results = (await store.RowsAsync(tenant, item.Id, ct)).ToDictionary(r => r.Number);
        var kind = EnumNames<BulkKind>.TryParse(item.Kind, out var known) ? known : BulkKind.Sites;
        var file = BulkFile.Open(new StringReader(await store.TextAsync(tenant, item.Id, ct)), kind);
        using var text = new StringWriter();
        BulkResultFile.Write(text, file.Head, file.Rows().Select(row => (row.Cells, results.TryGetValue(row.Number, out var r)
            ? new BulkResult(r.Status, r.Message, r.EntityId, r.Url)
            : new BulkResult(item.State == "cancelled" ? "cancelled" : "queued", string.Empty))));
        return text.ToString();
    }

    internal static async Task EndAsync(AuditedTransaction transaction, string id, string state)
    {
        if (await ImportStore.FindAsync(transaction.Tx, transaction.Actor.Tenant, id) is { State: "queued" or "running" } item)
        {
            await ImportStore.SaveAsync(transaction, item with { State = state, EndedAt = transaction.Now }, []);
            await transaction.AuditAsync("import", id, state, null, StoredJson.Write(item));
        }
    }

    private Task<ImportItem?> StepAsync(Actor actor, string id, BulkKind kind, BulkRow[] rows, CancellationToken ct) => operations.WriteAsync(
        actor,
        async transaction =>
        {
            if (await ImportStore.FindAsync(transaction.Tx, actor.Tenant, id) is not { State: "queued" or "running" } item)
            {
                return null;
            }

            var results = new List<ImportRowResult>();
            foreach (var row in rows)
            {
                results.Add(await RowAsync(transaction, item, kind, row));
            }

            var next = item with
            {
                State = "running",
                StartedAt = item.StartedAt ?? clock.GetCurrentInstant(),
                Done = item.Done + rows.Length,
                Applied = item.Applied + results.Count(r => r.Status is "applied" or "ok"),
                Unchanged = item.Unchanged + results.Count(r => r.Status == "unchanged"),
                Warnings = item.Warnings + results.Count(r => r.Status == "warning"),
                Errors = item.Errors + results.Count(r => r.Status == "error"),
            };
            await ImportStore.SaveAsync(transaction, next, results);
            return next;
        },
        ct);

    private async Task<ImportRowResult> RowAsync(AuditedTransaction transaction, ImportItem item, BulkKind kind, BulkRow row)
    {
        if (row.Record is not { } record)
        {
            return new ImportRowResult { Number = row.Number, Status = "error", Message = row.Message };
        }

        var mark = await transaction.CreateSavepointAsync();
        try
        {
            var applied = await store.AppliedAsync(transaction, kind, record.Key);
            var (effect, entityId, url) = await applier.ApplyAsync(transaction, row, record, applied);
            if (effect != BulkEffect.Nothing)
            {
                await store.NoteAppliedAsync(transaction, kind, record.Key, row.Hash, entityId);
            }

            if (item.DryRun)
            {
                await transaction.RollbackToAsync(mark);
            }

            var status = effect == BulkEffect.Nothing ? "unchanged" : row.Faults.Count > 0 ? "warning" : item.DryRun ? "ok" : "applied";
            return new ImportRowResult { Number = row.Number, Status = status, Message = row.Message, EntityId = item.DryRun && effect == BulkEffect.Create ? null : entityId, Url = url };
        }
        catch (Exception refused) when (refused is FormException or ProblemException)
        {
            await transaction.RollbackToAsync(mark);
            var message = refused is FormException form ? string.Join("; ", form.Faults.Select(f => $"line {row.Line}: {f.Pointer.TrimStart('/')} {f.Detail}")) : $"line {row.Line}: {refused.Message}";
            return new ImportRowResult { Number = row.Number, Status = "error", Message = message };
        }
    }
}
