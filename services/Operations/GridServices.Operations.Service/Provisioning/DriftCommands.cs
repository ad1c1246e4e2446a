using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Provisioning;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Provisioning;

/// <summary>What a person decides about a document that was changed by hand at its service.</summary>
internal sealed class DriftCommands(
    ServiceDocumentStore documents, ServiceDocuments services, DocumentWatch watch, OperationsStore operations, EnrollmentStore enrollments,
    EnrollmentWork work, IClock clock)
{
    /// <summary>"Take over": what is there is wanted from now on.</summary>
    internal Task TakeOverAsync(Actor actor, Enrollment enrollment, CancellationToken ct) => EachAsync(actor, enrollment, TakeOverAsync, ct);

    /// <summary>"Restore": ours takes its place again.</summary>
    internal Task RestoreAsync(Actor actor, Enrollment enrollment, CancellationToken ct) => EachAsync(actor, enrollment, RestoreAsync, ct);

    private async Task EachAsync(Actor actor, Enrollment enrollment, Func<Actor, ServiceDocumentRow, CancellationToken, Task<ServiceDocumentRow?>> decide, CancellationToken ct)
    {
        var drifted = (await documents.ListByEnrollmentAsync(enrollment.Tenant, enrollment.Id, ct)).Where(d => d.IsDrifted).ToList();
        if (drifted.Count == 0)
        {
            throw new ProblemException(ErrorClass.Conflict, "No document of this enrollment differs from what was written, as far as was seen.");
        }

        foreach (var document in drifted)
        {
            var next = await decide(actor, document, ct);
            var owners = await documents.ListEnrollmentsAsync(document.Tenant, document.Path, ct);
            await operations.WriteAsync(
                actor,
                async transaction =>
                {
                    await (next is null ? ServiceDocumentStore.RemoveAsync(transaction, document.Path) : ServiceDocumentStore.WriteAsync(transaction, next, owners));
                    await transaction.AuditAsync("serviceDocument", document.Path, next is { TakenOver: not null } ? "takenOver" : "restored", document.Seen, next?.Seen, siteId: enrollment.SiteId);
                    foreach (var id in owners)
                    {
                        await watch.FlagAsync(transaction, id);
                        if (await enrollments.FindAsync(transaction.Tx, actor.Tenant, id) is { } owner
                            && (ProvisionSource.IsProvisionedIn(owner.State) || owner.State is EnrollmentState.Ending or EnrollmentState.Withdrawn))
                        {
                            await work.EnqueueAsync(transaction, owner);
                        }
                    }
                },
                ct);
        }
    }

    private Task<ServiceDocumentRow?> TakeOverAsync(Actor actor, ServiceDocumentRow document, CancellationToken ct)
    {
        if (document.Found is not { } found)
        {
            throw new ProblemException(ErrorClass.Conflict, $"{document.Path} was deleted at {document.Service}: there is nothing to take over. Restore it, or end the enrollment.");
        }

        // What was taken over before is in what is wanted already.
        var different = Drift.Missing(document.Wanted, found).Select(d => new TakenItem(d.Pointer, d.Wanted, d.Found));
        var taken = GridServices.Operations.Provisioning.Reconcile.WithNames(document.Wanted, document.Taken.Concat(different));
        return Task.FromResult<ServiceDocumentRow?>(document with
        {
            Wanted = GridServices.Operations.Provisioning.Reconcile.WithTakenOver(document.Wanted, taken.Skip(document.Taken.Count)).Json,
            TakenOver = StoredJson.Write(taken),
            Seen = found,
            Sent = null,
            ETag = document.FoundETag,
            Found = null,
            FoundETag = null,
            FoundAt = null,
        });
    }

    private async Task<ServiceDocumentRow?> RestoreAsync(Actor actor, ServiceDocumentRow document, CancellationToken ct)
    {
        var reply = await services.PutAsync(document.Tenant, document.ServiceName, document.Path, document.Wanted, document.FoundETag, ct);
        return reply.IsDone
            ? document with { Seen = reply.Value, Sent = null, ETag = reply.ETag, WrittenAt = clock.GetCurrentInstant(), Found = null, FoundETag = null, FoundAt = null }
            : throw new ProblemException(reply.Kind == ReplyKind.Away ? ErrorClass.Unavailable : ErrorClass.Conflict, $"{document.Service}: {reply.Problem}");
    }
}
