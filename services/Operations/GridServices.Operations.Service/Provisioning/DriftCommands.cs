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
    private const string Restored = "restored";

    /// <summary>"Take over": what is there is wanted from now on.</summary>
    internal Task TakeOverAsync(Actor actor, Enrollment enrollment, CancellationToken ct) => EachAsync(actor, enrollment, "takenOver", TakeOverAsync, ct);

    /// <summary>"Restore": ours takes its place again.</summary>
    internal Task RestoreAsync(Actor actor, Enrollment enrollment, CancellationToken ct) => EachAsync(actor, enrollment, Restored, RestoreAsync, ct);

    private async Task EachAsync(
        Actor actor, Enrollment enrollment, string action, Func<Actor, ServiceDocumentRow, CancellationToken, Task<ServiceDocumentRow>> decide, CancellationToken ct)
    {
        var drifted = (await documents.ListByEnrollmentAsync(enrollment.Tenant, enrollment.Id, ct)).Where(d => d.IsDrifted).ToList();
        if (drifted.Count == 0)
        {
            throw new ProblemException(ErrorClass.Conflict, "No document of this enrollment differs from what was written, as far as was seen.");
        }

        foreach (var document in drifted)
        {
            var next = await decide(actor, document, ct);
            await operations.WriteAsync(actor, transaction => KeepAsync(transaction, action, document, next, enrollment.SiteId), ct);
        }
    }

    private async Task KeepAsync(AuditedTransaction transaction, string action, ServiceDocumentRow document, ServiceDocumentRow next, string siteId)
    {
        if (action != Restored || !await HasArrivedAsync(transaction, next))
        {
            await DemandAsync(transaction, document);
        }

        await ServiceDocumentStore.WriteAsync(transaction, next, []);
        await transaction.AuditAsync("serviceDocument", document.Path, action, document.Seen, next.Seen, siteId: siteId);
        foreach (var id in await ServiceDocumentStore.ListEnrollmentsAsync(transaction, document.Path))
        {
            await watch.FlagAsync(transaction, id);
            if (await enrollments.FindAsync(transaction.Tx, transaction.Actor.Tenant, id) is { State: not EnrollmentState.Accepted } owner)
            {
                // Accepted ones keep what they have until a person applies them again, or withdraws.
                await work.EnqueueAsync(transaction, owner);
            }
        }
    }

    /// <summary>A look may have found at the service what was decided before the service's answer came here: then nobody else wrote in between.</summary>
    private static async Task<bool> HasArrivedAsync(AuditedTransaction transaction, ServiceDocumentRow next) =>
        await ServiceDocumentStore.FindAsync(transaction, next.Path) is { Sent: null, FoundAt: null, ETag: { } tag } current && tag == next.ETag && current.Wanted == next.Wanted;

    /// <summary>What was written in between stands, and the next look says how the service's compares; what a look found meanwhile changes nothing of what was decided.</summary>
    private static async Task DemandAsync(AuditedTransaction transaction, ServiceDocumentRow document)
    {
        if (await ServiceDocumentStore.FindAsync(transaction, document.Path) is not { } current
            || current with { Sent = document.Sent, Found = document.Found, FoundETag = document.FoundETag, FoundAt = document.FoundAt } != document)
        {
            throw new ProblemException(ErrorClass.Conflict, $"{document.Path} was written or changed in between. Look again, then decide.");
        }
    }

    private Task<ServiceDocumentRow> TakeOverAsync(Actor actor, ServiceDocumentRow document, CancellationToken ct)
    {
        if (document.Found is not { } found)
        {
            throw new ProblemException(ErrorClass.Conflict, $"{document.Path} was deleted at {document.Service}: there is nothing to take over. Restore it, or end the enrollment.");
        }

        // What was taken over before is in what is wanted already.
        var different = Drift.Missing(document.Wanted, found).Select(d => new TakenItem(d.Pointer, d.Wanted, d.Found));
        var taken = GridServices.Operations.Provisioning.Reconcile.WithNames(document.Wanted, document.Taken.Concat(different));
        return Task.FromResult(document with
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

    private async Task<ServiceDocumentRow> RestoreAsync(Actor actor, ServiceDocumentRow document, CancellationToken ct)
    {
        // Kept before it is sent: where the answer is lost, what is then found there is ours, and no other change by hand.
        await KeepSentAsync(actor, document, document.Wanted, ct);
        var reply = await services.PutAsync(document.Tenant, document.ServiceName, document.Path, document.Wanted, document.FoundETag, ct);
        if (reply.IsDone)
        {
            return document with { Seen = reply.Value, Sent = null, ETag = reply.ETag, WrittenAt = clock.GetCurrentInstant(), Found = null, FoundETag = null, FoundAt = null };
        }

        if (reply.Kind != ReplyKind.Away)
        {
            await KeepSentAsync(actor, document, document.Sent, ct);
        }

        throw new ProblemException(reply.Kind == ReplyKind.Away ? ErrorClass.Unavailable : ErrorClass.Conflict, $"{document.Service}: {reply.Problem}");
    }

    private Task KeepSentAsync(Actor actor, ServiceDocumentRow document, string? sent, CancellationToken ct) => operations.WriteAsync(
        actor,
        async transaction =>
        {
            await DemandAsync(transaction, document);
            await ServiceDocumentStore.SaveSentAsync(transaction, document.Path, sent);
        },
        ct);
}
