using System.Data.Common;
using GridServices.Hosting;
using GridServices.Hosting.Storage;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Sites;

/// <summary>
/// Works off what was asked to be done to many sites, the oldest first: started when it is asked for, at the start, and each minute. Some steps and how far it is are
/// one commit, so that after a kill it goes on with the next; what is done is done in the name and with the rights of who asked.
/// </summary>
internal sealed class SiteActionJob(SiteActionStore store, SiteActionSteps steps, OperationsStore operations, IClock clock) : IRecurringJob
{
    internal const string Name = "site-actions";
    private const int AtOnce = 100;
    private const int MostTold = 10;

    public async Task RunAsync(CancellationToken ct)
    {
        var faults = new RunFaults(ct);
        foreach (var (tenant, id) in await store.ListUnfinishedAsync(ct))
        {
            await faults.IsolateAsync($"action {id}", () => RunAsync(tenant, id, ct));
        }

        faults.ThrowIfAny();
    }

    /// <summary>Works until it is done or cancelled.</summary>
    internal async Task RunAsync(string tenant, string id, CancellationToken ct)
    {
        if (await store.FindOrderAsync(tenant, id, ct) is not { } order)
        {
            return;
        }

        var failed = new List<Exception>();
        while (await StepAsync(tenant, id, order, failed, ct))
        {
        }

        if (failed.Count > 0)
        {
            throw new AggregateException($"{failed.Count} steps failed; their rows say so, and the others are done.", failed.Take(MostTold));
        }
    }

    /// <summary>The next steps, in one commit.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="id">Of the action.</param>
    /// <param name="order">What was asked for.</param>
    /// <param name="failed">What failed otherwise than by a rule is added.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>False: it is over.</returns>
    internal Task<bool> StepAsync(string tenant, string id, SiteActionOrder order, List<Exception> failed, CancellationToken ct) =>
        operations.WriteAsync(order.CreateActor(tenant, id), transaction => StepAsync(transaction, id, order.Request, failed), ct);

    private async Task<bool> StepAsync(AuditedTransaction transaction, string id, SiteActionRequest request, List<Exception> failed)
    {
        if (await SiteActionStore.FindAsync(transaction.Tx, transaction.Actor.Tenant, id) is not { IsOpen: true } run)
        {
            return false;
        }

        var rows = await SiteActionStore.NextAsync(transaction, id, AtOnce);
        if (rows.Count == 0)
        {
            await SiteActionStore.EndAsync(transaction, id, "done");
            return false;
        }

        var after = request.Action == SiteAction.OptOut ? await OptOutAsync(transaction, request, rows, failed) : await EachAsync(transaction, request, rows, failed);
        await SiteActionStore.SaveAsync(
            transaction,
            run with
            {
                State = "running",
                StartedAt = run.StartedAt ?? clock.GetCurrentInstant(),
                Done = run.Done + after.Count(r => r.Status == "done"),
                Waiting = run.Waiting + after.Count(r => r.Status == "waiting"),
                Refused = run.Refused + after.Count(r => r.Status == "refused"),
            },
            after);
        return true;
    }

    private Task<List<SiteActionRow>> OptOutAsync(AuditedTransaction transaction, SiteActionRequest request, IReadOnlyList<SiteActionRow> rows, List<Exception> failed) => IsolateAsync(transaction, rows, failed, async () =>
    {
        var (waits, refused) = await steps.TryOptOutAsync(transaction, request, rows[0].EventId!, [.. rows.Select(r => r.SiteId)]);
        return [.. rows.Select(r => refused.TryGetValue(r.SiteId, out var why) ? Refuse(r, why) : r with { Status = waits ? "waiting" : "done" })];
    });

    private async Task<List<SiteActionRow>> EachAsync(AuditedTransaction transaction, SiteActionRequest request, IReadOnlyList<SiteActionRow> rows, List<Exception> failed)
    {
        var after = new List<SiteActionRow>();
        foreach (var row in rows)
        {
            after.AddRange(await IsolateAsync(transaction, [row], failed, async () =>
                [await steps.TryAsync(transaction, request, row.SiteId, row.EnrollmentId) is { } why ? Refuse(row, why) : row with { Status = "done" }]));
        }

        return after;
    }

    /// <summary>What can't be read or applied is refused by itself: tried again for ever, it would hold up all that come after it. A store that fails is another thing.</summary>
    private static async Task<List<SiteActionRow>> IsolateAsync(AuditedTransaction transaction, IReadOnlyList<SiteActionRow> rows, List<Exception> failed, Func<Task<List<SiteActionRow>>> work)
    {
        var mark = await transaction.CreateSavepointAsync();
        try
        {
            return await work();
        }
        catch (Exception fault) when (fault is not (DbException or StoreUnavailableException or OperationCanceledException or TimeoutException or IOException or OutOfMemoryException))
        {
            await transaction.RollbackToAsync(mark);
            failed.Add(new InvalidOperationException($"step {rows[0].Number}, site {rows[0].SiteId}: {fault.Message}", fault));
            return [.. rows.Select(r => r with { Status = "refused", Code = "stepFailed", Message = "The step failed; the log says why. Nothing of it is done." })];
        }
    }

    private static SiteActionRow Refuse(SiteActionRow row, string why) => row with { Status = "refused", Code = "stepRefused", Message = why };
}
