using Dapper;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Provisioning;

/// <summary>Keeps what came of provisioning: documents as they are, refusals at the form's fields, drift, and the enrollment's next state.</summary>
internal sealed class ProvisioningOutcomes(EnrollmentStore enrollments, EnrollmentCommands commands, EnrollmentWork work, OperationsStore operations, IClock clock)
{
    private const string Job = "apply-enrollment";

    internal Task DropAsync(WorkRow row, CancellationToken ct) => operations.WriteAsync(Actor.Job(row.Tenant, Job), transaction => EnrollmentWork.DoneAsync(transaction, row), ct);

    internal Task WaitsAsync(WorkRow row, string problem, CancellationToken ct) => work.DelayAsync(row, problem, clock.GetCurrentInstant(), ct);

    /// <summary>What was written, and what was found already in its place.</summary>
    internal Task WrittenAsync(WorkRow row, PlannedWork planned, IReadOnlyList<(PlanStep Step, string? Seen, string? ETag)> written, CancellationToken ct) => operations.WriteAsync(
        Actor.Job(row.Tenant, Job),
        async transaction =>
        {
            var owners = planned.Group.Select(e => e.Id).ToList();
            foreach (var (step, seen, etag) in written)
            {
                if (step.Document is null)
                {
                    await ServiceDocumentStore.RemoveAsync(transaction, step.Do.Path);
                    await transaction.AuditAsync("serviceDocument", step.Do.Path, "deleted", step.Undo?.Json, null, siteId: SiteOf(planned));
                    continue;
                }

                await ServiceDocumentStore.WriteAsync(transaction, RowOf(row.Tenant, step.Document, seen, etag, transaction.Now), owners);
                await transaction.AuditAsync("serviceDocument", step.Do.Path, "written", step.Undo?.Json, step.Document.Json, siteId: SiteOf(planned));
            }
        },
        ct);

    /// <summary>Everything is as wanted.</summary>
    internal Task DoneAsync(WorkRow row, CancellationToken ct) => operations.WriteAsync(
        Actor.Job(row.Tenant, Job),
        async transaction =>
        {
            await EnrollmentWork.DoneAsync(transaction, row);
            var held = await enrollments.OneAsync(transaction.Tx, row.Tenant, row.EnrollmentId);
            if (held?.State is EnrollmentState.Provisioning or EnrollmentState.Ending)
            {
                await commands.CommandAsync(transaction, held, new LifecycleCommand(held.State == EnrollmentState.Provisioning ? CommandKind.Provisioned : CommandKind.Withdrawn));
            }
        },
        ct);

    /// <summary>A service refused it; everything written before was taken back.</summary>
    internal Task RefusedAsync(WorkRow row, string service, string detail, IReadOnlyList<RefusedField> fields, CancellationToken ct) => operations.WriteAsync(
        Actor.Job(row.Tenant, Job),
        async transaction =>
        {
            await EnrollmentWork.DoneAsync(transaction, row);
            var body = StoredJson.Write(new RefusalItem(transaction.Now, service, detail, fields));
            await transaction.Tx.Connection!.ExecuteAsync(
                "INSERT INTO enrollment_refusals (tenant, enrollment_id, at, body) VALUES (@Tenant, @EnrollmentId, @Now, @body) ON CONFLICT (tenant, enrollment_id) DO UPDATE SET at = excluded.at, body = excluded.body",
                new { row.Tenant, row.EnrollmentId, transaction.Now, body },
                transaction.Tx);
            await FailAsync(transaction, row, $"{service}: {detail}");
        },
        ct);

    /// <summary>Somebody changed, made or deleted it by hand: shown, and not overwritten without a click.</summary>
    internal Task DriftedAsync(WorkRow row, IReadOnlyList<DriftedDocument> drifted, CancellationToken ct) => operations.WriteAsync(
        Actor.Job(row.Tenant, Job),
        async transaction =>
        {
            await EnrollmentWork.DoneAsync(transaction, row);
            foreach (var document in drifted)
            {
                var held = document.Held ?? RowOf(row.Tenant, document.Wanted!, null, null, transaction.Now);
                await ServiceDocumentStore.WriteAsync(transaction, held with { Found = document.Found, FoundETag = document.ETag, FoundAt = held.FoundAt ?? transaction.Now }, [row.EnrollmentId]);
            }

            var enrollment = await enrollments.OneAsync(transaction.Tx, row.Tenant, row.EnrollmentId);
            if (enrollment is { Drifted: false })
            {
                await transaction.UpdateAsync(enrollments, enrollment, enrollment with { Drifted = true }, "drifted", "a document at a service is not as it was left");
            }

            await FailAsync(transaction, row, $"{drifted[0].Service} holds {drifted[0].Path} in another form than we left it; take it over or restore ours");
        },
        ct);

    private async Task FailAsync(AuditedTransaction transaction, WorkRow row, string reason)
    {
        if (await enrollments.OneAsync(transaction.Tx, row.Tenant, row.EnrollmentId) is { State: EnrollmentState.Provisioning } held)
        {
            await commands.CommandAsync(transaction, held, new LifecycleCommand(CommandKind.ProvisioningFailed, reason));
        }
    }

    internal static ServiceDocumentRow RowOf(string tenant, WantedDocument document, string? seen, string? etag, Instant now) =>
        new() { Tenant = tenant, Service = document.Service.ToString(), Path = document.Path, Wanted = document.Json, Seen = seen, ETag = etag, WrittenAt = now };

    private static string? SiteOf(PlannedWork planned) => planned.Group.Select(e => e.SiteId).Distinct(StringComparer.Ordinal).ToList() is [var only] ? only : null;
}
