using GridServices.Operations.Enrollments;
using GridServices.Operations.Provisioning;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Provisioning;

/// <summary>
/// Brings what an enrollment wants to the services, whole or not at all:
/// <code>
///   what is there ─▶ changed by hand? ─yes─▶ shown as drift, nothing is written
///        └ no ─▶ keep what is sent, write in order, each with If-Match ─▶ refused? ─▶ take back what was written, show the refusal at the form's fields
///                                                                        └ away? ─▶ what was written stays, the rest is tried again later
/// </code>
/// </summary>
internal sealed partial class Provisioner(
    EnrollmentStore enrollments, ProvisionSources sources, ServiceDocuments services, ServiceDocumentStore documents, SentDocuments sent,
    ProvisioningOutcomes outcomes, ILogger<Provisioner> logger)
{
    /// <summary>Does what a row of work asks for; the row is gone afterwards unless a service is away.</summary>
    internal async Task ExecuteAsync(WorkRow row, CancellationToken ct)
    {
        var enrollment = await enrollments.FindAsync(row.Tenant, row.EnrollmentId, ct);
        if (enrollment is null)
        {
            await outcomes.DropAsync(row, ct);
            return;
        }

        var (group, outcome) = await sources.ComputeWantedAsync(enrollment, ct);
        if (outcome.Faults.Where(f => f.EnrollmentId == enrollment.Id).ToList() is { Count: > 0 } faults)
        {
            await outcomes.RefusedAsync(row, null, "Operations", faults[0].Text, [.. faults.Select(f => new RefusedField(f.Field, f.Text, string.Empty))], ct);
            return;
        }

        var isLeaving = ProvisioningOutcomes.IsLeaving(enrollment.State);
        var work = await PlanAsync(enrollment, group, outcome, isLeaving ? await ListOwnPathsAsync(enrollment, outcome, ct) : null, ct);
        if (work.Away is { } away)
        {
            LogAway(logger, enrollment.Id, away);
            await outcomes.WaitForServiceAsync(row, work, ct);
        }
        else if (work.Drifted.Count > 0)
        {
            await outcomes.DriftedAsync(row, work, ct);
        }
        else
        {
            await WriteAsync(row, work, isLeaving, ct);
        }
    }

    /// <summary>What is not known of others at what this one has a part in; null = nothing. Without it their documents would look unwanted, and be deleted.</summary>
    private static string? WaitsFor(Enrollment enrollment, ProvisioningOutcome outcome, IEnumerable<string> held) =>
        outcome.Faults is [var other, ..] && (held.Any(path => !outcome.Blocked.Contains(path) && !outcome.IsKnown(path)) || !outcome.Paths.TryGetValue(enrollment.Id, out var own) || own.Overlaps(outcome.Blocked))
            ? $"enrollment {other.EnrollmentId}, which shares the site, VEN or client, can't be applied: {other.Field}: {other.Text}"
            : null;

    /// <summary>What the enrollment has a part in, or had. One that leaves writes nothing else: what those that stay want besides is their own work, whole or not at all.</summary>
    private async Task<IReadOnlySet<string>> ListOwnPathsAsync(Enrollment enrollment, ProvisioningOutcome outcome, CancellationToken ct) =>
        (await documents.ListByEnrollmentAsync(enrollment.Tenant, enrollment.Id, ct)).Select(d => d.Path)
            .Concat(outcome.Paths.GetValueOrDefault(enrollment.Id) ?? new HashSet<string>()).ToHashSet(StringComparer.Ordinal);

    /// <summary>Looks at what is at the services, and decides what is to be written; with <paramref name="only"/>, of these paths alone.</summary>
    private async Task<PlannedWork> PlanAsync(Enrollment enrollment, IReadOnlyList<Enrollment> group, ProvisioningOutcome outcome, IReadOnlySet<string>? only, CancellationToken ct)
    {
        var held = new Dictionary<string, ServiceDocumentRow>(StringComparer.Ordinal);
        foreach (var member in group)
        {
            foreach (var document in (await documents.ListByEnrollmentAsync(member.Tenant, member.Id, ct)).Where(d => only?.Contains(d.Path) != false))
            {
                held[document.Path] = document;
            }
        }

        foreach (var path in outcome.Documents.Select(d => d.Path).Where(path => !held.ContainsKey(path) && only?.Contains(path) != false))
        {
            // Also what another enrollment's work has written there so far.
            if (await documents.FindAsync(enrollment.Tenant, path, ct) is { } others)
            {
                held[path] = others;
            }
        }

        var work = new PlannedWork(group, outcome) { WaitsFor = WaitsFor(enrollment, outcome, held.Keys) };
        foreach (var path in held.Keys.Where(path => !outcome.IsKnown(path)).ToList())
        {
            held.Remove(path);
        }

        var wanted = outcome.Documents.Where(d => only?.Contains(d.Path) != false).ToDictionary(d => d.Path, d => work.WithTakenOver(d, held.GetValueOrDefault(d.Path)), StringComparer.Ordinal);
        foreach (var (path, service) in wanted.Values.Select(d => (d.Path, d.Service)).Concat(held.Values.Select(d => (d.Path, Service: d.ServiceName))).Distinct().ToList())
        {
            var found = await services.GetAsync(enrollment.Tenant, service, path, ct);
            if (found.Kind is not (ReplyKind.Done or ReplyKind.NotThere))
            {
                return work with { Away = found.Problem ?? $"{service} can't be asked" };
            }

            work.Add(path, service, wanted.GetValueOrDefault(path), held.GetValueOrDefault(path), found.IsDone ? found.Value : null, found.ETag);
        }

        return work;
    }

    private async Task WriteAsync(WorkRow row, PlannedWork work, bool isLeaving, CancellationToken ct)
    {
        var plan = work.Plan();
        var written = new List<WrittenStep>();
        await sent.SaveAsync(row, work, plan, ct);
        foreach (var step in plan.Steps)
        {
            var reply = await SendAsync(row.Tenant, step.Do, work.FindETag(step.Do.Path), ct);
            if (reply.Kind is ReplyKind.Done || (reply.Kind == ReplyKind.NotThere && step.Document is null))
            {
                written.Add(new WrittenStep(step, reply.Value, reply.ETag));
                continue;
            }

            if (reply.Kind is ReplyKind.Away or ReplyKind.Changed)
            {
                // What was written is ours and stays: the next try finds it in its place and goes on from there.
                await outcomes.WrittenAsync(row, work, written, ct);
                await outcomes.WaitsAsync(row, reply.Problem ?? "the document was changed in between", ct);
                return;
            }

            // What goes is not brought back for a refusal: it is tried again until all of it is done. What was written of those that stay is.
            var back = plan.Rollback(written.Count, isLeaving).Select(taken => written.First(w => w.Step == taken)).ToList();
            if (written.Except(back).ToList() is { Count: > 0 } gone)
            {
                await outcomes.WrittenAsync(row, work, gone, ct);
            }

            await RollBackAsync(row, work, plan.Steps.Skip(written.Count), back, ct);
            var fields = step.Document is null ? [] : FieldFaults.Match(step.Document, reply.Faults.Select(f => new ServiceFault(f.Pointer, f.Detail)));
            await outcomes.RefusedAsync(row, work, step.Do.Service.ToString(), reply.Problem!, [.. fields.Zip(reply.Faults, (f, s) => new RefusedField(f.Field, f.Text, s.Pointer))], ct);
            return;
        }

        await outcomes.WrittenAsync(row, work, written, ct);
        await (work.WaitsFor is { } other ? outcomes.WaitsAsync(row, other, ct) : outcomes.DoneAsync(row, ct));
    }

    private async Task RollBackAsync(WorkRow row, PlannedWork work, IEnumerable<PlanStep> open, IReadOnlyList<WrittenStep> back, CancellationToken ct)
    {
        var done = new List<(ServiceRequest Undo, ServiceReply<string> Reply)>();
        await sent.BeginUndoAsync(row, work, open, back, ct);
        foreach (var (step, _, etag) in back)
        {
            var undo = step.Undo!;
            var reply = await SendAsync(row.Tenant, undo, etag, ct);
            if (reply.IsDone || (reply.Kind == ReplyKind.NotThere && undo.Json is null))
            {
                done.Add((undo, reply));
            }
            else
            {
                LogNotTakenBack(logger, row.EnrollmentId, undo.Path, reply.Problem ?? string.Empty);
            }
        }

        await sent.EndUndoAsync(row, work, done, ct);
    }

    private async Task<ServiceReply<string>> SendAsync(string tenant, ServiceRequest request, string? ifMatch, CancellationToken ct)
    {
        if (request.Method == "PUT")
        {
            return await services.PutAsync(tenant, request.Service, request.Path, request.Json!, ifMatch, ct);
        }

        var reply = await services.DeleteAsync(tenant, request.Service, request.Path, ifMatch, ct);
        return new ServiceReply<string>(reply.Kind, null, null, reply.Problem, reply.Faults);
    }

    [LoggerMessage(EventIds.ProvisionerWaits, LogLevel.Warning, "Enrollment {Enrollment} waits: {Problem} (tried again)")]
    private static partial void LogAway(ILogger logger, string enrollment, string problem);

    [LoggerMessage(EventIds.ProvisionerNotTakenBack, LogLevel.Error,
        "Enrollment {Enrollment}: {Path} could not be taken back: {Problem}; it is kept as ours, and goes when the enrollment is withdrawn or applied again")]
    private static partial void LogNotTakenBack(ILogger logger, string enrollment, string path, string problem);
}
