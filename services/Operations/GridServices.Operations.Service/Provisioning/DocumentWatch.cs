using System.Collections.Concurrent;
using GridServices.Operations.Provisioning;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Provisioning;

/// <summary>Reconcile: looks whether each document is still at its service as we left it. A difference is shown and recorded, never overwritten.</summary>
internal sealed class DocumentWatch(ServiceDocumentStore documents, ServiceDocuments services, EnrollmentStore enrollments, SentWatch sent, OperationsStore operations)
{
    private const int AtOnce = 8;
    private const int PerRound = 200;

    /// <summary>All documents of the tenant.</summary>
    /// <exception cref="AggregateException">Some could not be looked at; all others were.</exception>
    internal async Task CheckAsync(string tenant, CancellationToken ct)
    {
        var (after, faults) = (string.Empty, new RunFaults(ct));
        while (await documents.ListAfterAsync(tenant, after, PerRound, ct) is { Count: > 0 } some)
        {
            var away = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
            await Parallel.ForEachAsync(
                some,
                new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct },
                async (document, token) => await faults.IsolateAsync(document.Path, async () =>
                {
                    if (!away.ContainsKey(document.Service) && !await CheckAsync(document, token))
                    {
                        away[document.Service] = true;
                    }
                }));
            after = some[^1].Path;
        }

        faults.ThrowIfAny();
    }

    /// <returns>False: the service does not answer, and nothing is known.</returns>
    internal async Task<bool> CheckAsync(ServiceDocumentRow document, CancellationToken ct)
    {
        var reply = await services.GetAsync(document.Tenant, document.ServiceName, document.Path, ct);
        if (reply.Kind is not (ReplyKind.Done or ReplyKind.NotThere))
        {
            return false;
        }

        var found = reply.IsDone ? reply.Value : null;
        if (document.Sent is not null)
        {
            if (await sent.SettleAsync(document, found, reply.ETag, FlagAsync, ct) is not { } open)
            {
                return true;
            }

            document = open;
        }

        // Where nothing of ours was left and nothing is, nobody changed anything.
        var isSame = found is null
            ? document is { Seen: null, IsDrifted: false }
            : document.Seen is not null && (string.Equals(reply.ETag, document.ETag, StringComparison.Ordinal) || Drift.Between(document.Seen, found).Count == 0);
        if (isSame != !document.IsDrifted || (!isSame && !string.Equals(found, document.Found, StringComparison.Ordinal)))
        {
            await NoteAsync(document, isSame, found, reply.ETag, ct);
        }

        return true;
    }

    private async Task NoteAsync(ServiceDocumentRow document, bool isSame, string? found, string? etag, CancellationToken ct)
    {
        await operations.WriteAsync(
            Actor.Job(document.Tenant, "reconcile"),
            async transaction =>
            {
                // Written, restored or taken over since it was read: what was found then says nothing of what is kept now. The next look does.
                if (await ServiceDocumentStore.FindAsync(transaction, document.Path) != document)
                {
                    return;
                }

                var owners = await ServiceDocumentStore.ListEnrollmentsAsync(transaction, document.Path);
                await ServiceDocumentStore.WriteAsync(
                    transaction,
                    isSame
                        ? document with { Found = null, FoundETag = null, FoundAt = null, ETag = etag }
                        : document with { Found = found, FoundETag = etag, FoundAt = document.FoundAt ?? transaction.Now },
                    []);
                await transaction.AuditAsync("serviceDocument", document.Path, isSame ? "inStep" : "drift", document.Seen, isSame ? document.Seen : found, $"seen at {document.Service}");
                foreach (var id in owners)
                {
                    await FlagAsync(transaction, id);
                }
            },
            ct);
    }

    /// <summary>An enrollment is drifted while one of its documents is.</summary>
    internal async Task FlagAsync(AuditedTransaction transaction, string enrollmentId)
    {
        if (await enrollments.FindAsync(transaction.Tx, transaction.Actor.Tenant, enrollmentId) is { } held)
        {
            var drifted = await ServiceDocumentStore.AnyDriftedAsync(transaction, enrollmentId);
            await transaction.UpdateAsync(enrollments, held, held with { Drifted = drifted, Attention = held.Attention || drifted }, drifted ? "drifted" : "inStep");
        }
    }
}
