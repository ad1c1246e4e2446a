using Dapper;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Provisioning;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Provisioning;

/// <summary>Keeps what came of provisioning: documents as they are, refusals at the form's fields, drift, and the enrollment's next state.</summary>
internal sealed class ProvisioningOutcomes(EnrollmentStore enrollments, EnrollmentCommands commands, EnrollmentWork work, OperationsStore operations, IClock clock)
{
    private const string Job = "apply-enrollment";

    internal Task DropAsync(WorkRow row, CancellationToken ct) => operations.WriteAsync(Actor.Job(row.Tenant, Job), transaction => EnrollmentWork.CompleteAsync(transaction, row), ct);

    internal Task WaitsAsync(WorkRow row, string problem, CancellationToken ct) => work.DelayAsync(row, problem, clock.GetCurrentInstant(), ct);

    /// <summary>A service is away: what was found out before it was asked is kept all the same.</summary>
    internal async Task WaitForServiceAsync(WorkRow row, PlannedWork planned, CancellationToken ct)
    {
        if (planned.HasFound)
        {
            await WrittenAsync(row, planned, [], ct);
        }

        await WaitsAsync(row, planned.Away!, ct);
    }

    /// <summary>What was written, and what was found already in its place.</summary>
    internal Task WrittenAsync(WorkRow row, PlannedWork planned, IReadOnlyList<WrittenStep> written, CancellationToken ct) => operations.WriteAsync(
        Actor.Job(row.Tenant, Job),
        async transaction =>
        {
            await SaveFoundAsync(transaction, planned);
            foreach (var (step, seen, etag) in written)
            {
                if (step.Document is null)
                {
                    await ServiceDocumentStore.RemoveAsync(transaction, step.Do.Path);
                    await transaction.AuditAsync("serviceDocument", step.Do.Path, "deleted", step.Undo?.Json, null, siteId: FindSiteId(planned));
                    continue;
                }

                var owners = planned.Wanted.GetOwners(step.Do.Path);
                await ServiceDocumentStore.WriteAsync(transaction, CreateRow(row.Tenant, step.Document, seen, etag, transaction.Now), []);
                await ServiceDocumentStore.ShareAsync(transaction, step.Do.Path, owners);
                await transaction.AuditAsync("serviceDocument", step.Do.Path, "written", step.Undo?.Json, step.Document.Json, siteId: FindSiteId(planned));
                if (planned.LeftOut.TryGetValue(step.Do.Path, out var over))
                {
                    await DropTakenOverAsync(transaction, step.Document, over, owners);
                }
            }

            await ClearDriftAsync(transaction, planned);
        },
        ct);

    /// <summary>Not kept, what is in its place would be watched by nobody, and stay at its service when the enrollment ends.</summary>
    private static async Task SaveFoundAsync(AuditedTransaction transaction, PlannedWork planned)
    {
        foreach (var path in planned.Forgotten)
        {
            await ServiceDocumentStore.RemoveAsync(transaction, path);
            await transaction.AuditAsync("serviceDocument", path, "forgotten", null, null, "nothing of ours is there, and nothing is wanted", FindSiteId(planned));
        }

        foreach (var (document, adopted, etag) in planned.InPlace)
        {
            if (adopted is not null)
            {
                await ServiceDocumentStore.WriteAsync(transaction, CreateRow(transaction.Actor.Tenant, document, adopted, etag, transaction.Now), []);
                await transaction.AuditAsync("serviceDocument", document.Path, "found", null, document.Json, siteId: FindSiteId(planned));
            }

            await ServiceDocumentStore.ShareAsync(transaction, document.Path, planned.Wanted.GetOwners(document.Path));
        }
    }

    /// <summary>A difference that was noted while the document was on its way to the service went with what took its place.</summary>
    private async Task ClearDriftAsync(AuditedTransaction transaction, PlannedWork planned)
    {
        foreach (var id in planned.Concerned)
        {
            if (await enrollments.FindAsync(transaction.Tx, transaction.Actor.Tenant, id) is { Drifted: true } held && !await ServiceDocumentStore.AnyDriftedAsync(transaction, id))
            {
                await transaction.UpdateAsync(enrollments, held, held with { Drifted = false }, "inStep");
            }
        }
    }

    /// <summary>What a person had taken over fits nothing any more: it is told at each enrollment of the document until a person goes on with it.</summary>
    private static async Task DropTakenOverAsync(AuditedTransaction transaction, WantedDocument document, TakenOver over, IReadOnlyList<string> owners)
    {
        await ServiceDocumentStore.SaveTakenOverAsync(transaction, document.Path, over.Kept);
        var fields = over.LeftOut.Select(item => new RefusedField(FieldFaults.GetField(document, item.Pointer), $"{item.Found ?? "nothing"} had been taken over at {item.Pointer} in the place of {item.Wanted ?? "nothing"}", item.Pointer)).ToList();
        await transaction.AuditAsync("serviceDocument", document.Path, "takenOverLeftOut", null, null, string.Join("; ", fields.Select(f => f.Message)));
        foreach (var id in owners)
        {
            await NoteAsync(transaction, id, new RefusalItem(
                transaction.Now, "Operations", $"{document.Path} was written without what a person had taken over there: the list that it was in has changed, and it may not become another program's. State it anew where it still holds.", fields));
        }
    }

    private static Task<int> NoteAsync(AuditedTransaction transaction, string enrollmentId, RefusalItem item) => transaction.Tx.Connection!.ExecuteAsync(
        "INSERT INTO enrollment_refusals (tenant, enrollment_id, at, body) VALUES (@Tenant, @enrollmentId, @Now, @body) ON CONFLICT (tenant, enrollment_id) DO UPDATE SET at = excluded.at, body = excluded.body",
        new { transaction.Actor.Tenant, enrollmentId, transaction.Now, body = StoredJson.Write(item) },
        transaction.Tx);

    /// <summary>Everything is as it was wanted. Where something else is wanted by now, that is still to be done, and the enrollment is not led on before.</summary>
    internal Task DoneAsync(WorkRow row, CancellationToken ct) => operations.WriteAsync(
        Actor.Job(row.Tenant, Job),
        async transaction =>
        {
            await EnrollmentWork.CompleteAsync(transaction, row);
            var held = await EnrollmentWork.IsWantedAsync(transaction, row.EnrollmentId) ? null : await enrollments.FindAsync(transaction.Tx, row.Tenant, row.EnrollmentId);
            if (held?.State is EnrollmentState.Provisioning or EnrollmentState.Ending)
            {
                await commands.CommandAsync(transaction, held, new LifecycleCommand(held.State == EnrollmentState.Provisioning ? CommandKind.Provisioned : CommandKind.Withdrawn));
            }
        },
        ct);

    /// <summary>A service refused it: shown; and tried again where the enrollment goes, for nobody would ask for it again.</summary>
    internal async Task RefusedAsync(WorkRow row, PlannedWork? planned, string service, string detail, IReadOnlyList<RefusedField> fields, CancellationToken ct)
    {
        var isLeaving = await operations.WriteAsync(
            Actor.Job(row.Tenant, Job),
            async transaction =>
            {
                if (planned is not null)
                {
                    await SaveFoundAsync(transaction, planned);
                    await ClearDriftAsync(transaction, planned);
                }

                await NoteAsync(transaction, row.EnrollmentId, new RefusalItem(transaction.Now, service, detail, fields));
                if (await enrollments.FindAsync(transaction.Tx, row.Tenant, row.EnrollmentId) is { } held && IsLeaving(held.State))
                {
                    return true;
                }

                await EnrollmentWork.CompleteAsync(transaction, row);
                await FailAsync(transaction, row, $"{service}: {detail}");
                return false;
            },
            ct);
        if (isLeaving)
        {
            await WaitsAsync(row, $"{service}: {detail}", ct);
        }
    }

    /// <summary>States in which documents are taken away, also of one that was withdrawn and reopened in the meantime: nobody would ask for it again.</summary>
    internal static bool IsLeaving(EnrollmentState state) => state is not (EnrollmentState.Provisioning or EnrollmentState.Testing or EnrollmentState.Active);

    /// <summary>Somebody changed, made or deleted it by hand: shown, and not overwritten without a click.</summary>
    internal Task DriftedAsync(WorkRow row, PlannedWork planned, CancellationToken ct) => operations.WriteAsync(
        Actor.Job(row.Tenant, Job),
        async transaction =>
        {
            await EnrollmentWork.CompleteAsync(transaction, row);
            await SaveFoundAsync(transaction, planned);
            var concerned = new SortedSet<string>(StringComparer.Ordinal);
            foreach (var document in planned.Drifted)
            {
                // Also for the enrollment whose work it holds up: a person decides from there.
                var held = document.Held ?? CreateRow(row.Tenant, document.Wanted!, null, null, transaction.Now);
                await ServiceDocumentStore.WriteAsync(
                    transaction,
                    held with { Sent = null, Found = document.Found, FoundETag = document.ETag, FoundAt = held.FoundAt ?? transaction.Now },
                    [row.EnrollmentId, .. planned.Wanted.GetOwners(document.Path)]);
                concerned.UnionWith(await ServiceDocumentStore.ListEnrollmentsAsync(transaction, document.Path));
            }

            foreach (var id in concerned)
            {
                if (await enrollments.FindAsync(transaction.Tx, row.Tenant, id) is { Drifted: false } enrollment)
                {
                    await transaction.UpdateAsync(enrollments, enrollment, enrollment with { Drifted = true }, "drifted", "a document at a service is not as it was left");
                }
            }

            await FailAsync(transaction, row, $"{planned.Drifted[0].Service} holds {planned.Drifted[0].Path} in another form than we left it; take it over or restore ours");
        },
        ct);

    private async Task FailAsync(AuditedTransaction transaction, WorkRow row, string reason)
    {
        if (await enrollments.FindAsync(transaction.Tx, row.Tenant, row.EnrollmentId) is { State: EnrollmentState.Provisioning } held)
        {
            await commands.CommandAsync(transaction, held, new LifecycleCommand(CommandKind.ProvisioningFailed, reason));
        }
    }

    internal static ServiceDocumentRow CreateRow(string tenant, WantedDocument document, string? seen, string? etag, Instant now) =>
        new() { Tenant = tenant, Service = document.Service.ToString(), Path = document.Path, Wanted = document.Json, Seen = seen, ETag = etag, WrittenAt = now };

    private static string? FindSiteId(PlannedWork planned) => planned.Group.Select(e => e.SiteId).Distinct(StringComparer.Ordinal).ToList() is [var only] ? only : null;
}
