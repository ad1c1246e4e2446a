using GridServices.Hosting;
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

        bool hasMore;
        do
        {
            hasMore = await operations.WriteAsync(order.CreateActor(tenant, id), transaction => StepAsync(transaction, id, order.Request), ct);
        }
        while (hasMore);
    }

    private async Task<bool> StepAsync(AuditedTransaction transaction, string id, SiteActionRequest request)
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

        var after = request.Action == SiteAction.OptOut ? await OptOutAsync(transaction, request, rows) : await EachAsync(transaction, request, rows);
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

    private async Task<List<SiteActionRow>> OptOutAsync(AuditedTransaction transaction, SiteActionRequest request, IReadOnlyList<SiteActionRow> rows)
    {
        var (waits, refused) = await steps.TryOptOutAsync(transaction, request, rows[0].EventId!, [.. rows.Select(r => r.SiteId)]);
        return [.. rows.Select(r => refused.TryGetValue(r.SiteId, out var why) ? Refuse(r, why) : r with { Status = waits ? "waiting" : "done" })];
    }

    private async Task<List<SiteActionRow>> EachAsync(AuditedTransaction transaction, SiteActionRequest request, IReadOnlyList<SiteActionRow> rows)
    {
        var after = new List<SiteActionRow>();
        foreach (var row in rows)
        {
            var why = await steps.TryAsync(transaction, request, row.SiteId, row.EnrollmentId);
            after.Add(why is null ? row with { Status = "done" } : Refuse(row, why));
        }

        return after;
    }

    private static SiteActionRow Refuse(SiteActionRow row, string why) => row with { Status = "refused", Code = "stepRefused", Message = why };
}
