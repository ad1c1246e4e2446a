using GridServices.Operations.Provisioning;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Provisioning;

/// <summary>A step that was done.</summary>
/// <param name="Step">Which.</param>
/// <param name="Seen">What the service showed afterwards; null: it was deleted.</param>
/// <param name="ETag">Of that.</param>
internal sealed record WrittenStep(PlanStep Step, string? Seen, string? ETag);

/// <summary>
/// Keeps what is about to be sent before it is sent: what a lost answer, or a restart, leaves at a service is known as our own afterwards, and goes when nobody wants it.
/// </summary>
internal sealed class SentDocuments(OperationsStore operations)
{
    private const string Job = "apply-enrollment";

    /// <summary>Before the first step of a plan is sent.</summary>
    internal async Task SaveAsync(WorkRow row, PlannedWork planned, ProvisioningPlan plan, CancellationToken ct)
    {
        if (plan.Steps.Count == 0)
        {
            return;
        }

        await operations.WriteAsync(
            Actor.Job(row.Tenant, Job),
            async transaction =>
            {
                foreach (var step in plan.Steps)
                {
                    if (planned.FindHeld(step.Do.Path) is null)
                    {
                        await ServiceDocumentStore.WriteAsync(transaction, ProvisioningOutcomes.CreateRow(row.Tenant, step.Document!, null, null, transaction.Now), []);
                    }

                    await (planned.FindHeld(step.Do.Path) is { Sent: not null } arrived
                        ? ServiceDocumentStore.WriteAsync(transaction, arrived with { Sent = GetSent(step.Do) }, [])
                        : ServiceDocumentStore.SaveSentAsync(transaction, step.Do.Path, GetSent(step.Do)));
                    await ServiceDocumentStore.LinkAsync(transaction, step.Do.Path, step.Document is null ? [] : planned.Wanted.GetOwners(step.Do.Path));
                }
            },
            ct);
    }

    /// <summary>Before what was done is taken back: as it stands at the services now, with what is sent next. What was refused, or not sent, is as it was before.</summary>
    /// <param name="row">The work.</param>
    /// <param name="planned">What was found before it.</param>
    /// <param name="open">The step that was refused, and those after it.</param>
    /// <param name="written">What is taken back.</param>
    /// <param name="ct">Ends it.</param>
    internal Task BeginUndoAsync(WorkRow row, PlannedWork planned, IEnumerable<PlanStep> open, IReadOnlyList<WrittenStep> written, CancellationToken ct) => operations.WriteAsync(
        Actor.Job(row.Tenant, Job),
        async transaction =>
        {
            foreach (var step in open)
            {
                if (planned.FindHeld(step.Do.Path) is { } held)
                {
                    await ServiceDocumentStore.SaveSentAsync(transaction, step.Do.Path, held.Sent);
                }
                else
                {
                    await ForgetAsync(transaction, row, step.Do.Path);
                }
            }

            foreach (var (step, seen, etag) in written)
            {
                var now = step.Document is { } document
                    ? ProvisioningOutcomes.CreateRow(row.Tenant, document, seen, etag, transaction.Now)
                    : planned.FindHeld(step.Do.Path)! with { Seen = null, ETag = null, TakenOver = null };
                await ServiceDocumentStore.WriteAsync(transaction, now with { Sent = GetSent(step.Undo!) }, []);
            }
        },
        ct);

    /// <summary>What was taken back is kept as it was before.</summary>
    internal Task EndUndoAsync(WorkRow row, PlannedWork planned, IReadOnlyList<(ServiceRequest Undo, ServiceReply<string> Reply)> done, CancellationToken ct) => operations.WriteAsync(
        Actor.Job(row.Tenant, Job),
        async transaction =>
        {
            foreach (var (undo, reply) in done)
            {
                if (undo.Json is not { } before || planned.FindHeld(undo.Path) is not { } held)
                {
                    await ForgetAsync(transaction, row, undo.Path);
                    continue;
                }

                // Of an earlier write whose answer was lost it is not known what it was made from: it is written anew where it is wanted.
                var back = held with { Wanted = held.Sent is null ? held.Wanted : before, Seen = reply.Value, ETag = reply.ETag, Sent = null, TakenOver = null };
                await ServiceDocumentStore.WriteAsync(transaction, back, []);
            }
        },
        ct);

    /// <summary>Nothing is there. Others that want the document keep it, for their own work to write.</summary>
    private static async Task ForgetAsync(AuditedTransaction transaction, WorkRow row, string path)
    {
        if (!await ServiceDocumentStore.ForgetAsync(transaction, path, row.EnrollmentId) && await ServiceDocumentStore.FindAsync(transaction, path) is { } others)
        {
            await ServiceDocumentStore.WriteAsync(transaction, others with { Seen = null, ETag = null, Sent = null }, []);
        }
    }

    private static string GetSent(ServiceRequest request) => request.Json ?? DocumentState.Deletion;
}
