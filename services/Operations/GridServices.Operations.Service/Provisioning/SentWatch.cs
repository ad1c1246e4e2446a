using Dapper;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Provisioning;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Provisioning;

/// <summary>
/// Ends what was sent and never answered once no work of its enrollments is open any more, so that nothing stays unwatched: as it is found, it has arrived or it
/// has not. While work is open that work looks by itself; what is neither as it was nor as it was sent is a change by hand at any time.
/// </summary>
internal sealed class SentWatch(EnrollmentStore enrollments, EnrollmentWork work, OperationsStore operations)
{
    /// <param name="document">With something sent.</param>
    /// <param name="found">What its service shows; null: nothing is there.</param>
    /// <param name="etag">Of that.</param>
    /// <param name="flag">Judges anew whether an enrollment has drifted.</param>
    /// <param name="ct">Ends it.</param>
    /// <returns>As it is kept from then on, where what is found is to be held against what was left there; null: it is as it was sent.</returns>
    internal async Task<ServiceDocumentRow?> SettleAsync(ServiceDocumentRow document, string? found, string? etag, Func<AuditedTransaction, string, Task> flag, CancellationToken ct)
    {
        var arrived = GridServices.Operations.Provisioning.Reconcile.IsAsSent(document.Sent!, document.Seen, found);
        return await operations.WriteAsync(
            Actor.Job(document.Tenant, "reconcile"),
            async transaction =>
            {
                if (await IsOpenAsync(transaction, document.Path) || await ServiceDocumentStore.FindAsync(transaction, document.Path) != document)
                {
                    return arrived ? null : document;
                }

                if (!arrived)
                {
                    await ServiceDocumentStore.SaveSentAsync(transaction, document.Path, null);
                    return document with { Sent = null };
                }

                var concerned = await ServiceDocumentStore.ListEnrollmentsAsync(transaction, document.Path);
                await (found is null ? DeletedAsync(transaction, document, concerned) : ArrivedAsync(transaction, document, found, etag));
                foreach (var id in document.IsDrifted ? concerned : [])
                {
                    await flag(transaction, id);
                }

                return null;
            },
            ct);
    }

    private static async Task ArrivedAsync(AuditedTransaction transaction, ServiceDocumentRow document, string found, string? etag)
    {
        var kept = document with { Wanted = document.Sent!, Seen = found, ETag = etag, Sent = null, Found = null, FoundETag = null, FoundAt = null };
        await ServiceDocumentStore.WriteAsync(transaction, kept, []);
        await transaction.AuditAsync("serviceDocument", document.Path, "found", document.Seen, found, $"seen at {document.Service}: what was sent without an answer has arrived");
    }

    /// <summary>What we deleted ourselves is no change by hand: who wants it again writes it again.</summary>
    private async Task DeletedAsync(AuditedTransaction transaction, ServiceDocumentRow document, IReadOnlyList<string> concerned)
    {
        var wanting = new List<Enrollment>();
        foreach (var id in concerned)
        {
            if (await enrollments.FindAsync(transaction.Tx, document.Tenant, id) is { } owner && ProvisionSource.IsProvisionedIn(owner.State))
            {
                wanting.Add(owner);
            }
        }

        await (wanting.Count == 0
            ? ServiceDocumentStore.RemoveAsync(transaction, document.Path)
            : ServiceDocumentStore.WriteAsync(transaction, document with { Seen = null, ETag = null, Sent = null, Found = null, FoundETag = null, FoundAt = null }, []));
        await transaction.AuditAsync("serviceDocument", document.Path, "deleted", document.Seen, null, $"seen at {document.Service}: the deletion that was sent without an answer was done");
        await work.FollowContentAsync(transaction, wanting);
    }

    /// <summary>Whether something is to be written for who shares the document, or a site, VEN or client with them: that work looks by itself.</summary>
    private static async Task<bool> IsOpenAsync(AuditedTransaction transaction, string path) => await transaction.Tx.Connection!.ExecuteScalarAsync<long>(
        """
        SELECT COUNT(*) FROM enrollment_work w JOIN enrollments a ON a.tenant = w.tenant AND a.id = w.enrollment_id
        WHERE w.tenant = @Tenant AND EXISTS (
            SELECT 1 FROM document_enrollments d JOIN enrollments b ON b.tenant = d.tenant AND b.id = d.enrollment_id
            WHERE d.tenant = w.tenant AND d.path = @path AND (a.id = b.id OR a.site_id = b.site_id OR a.ven_key = b.ven_key OR a.client_key = b.client_key))
        """,
        new { transaction.Actor.Tenant, path },
        transaction.Tx) > 0;
}
