using Dapper;
using GridServices.Hosting.Storage;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Programs;
using GridServices.Operations.Provisioning;
using GridServices.Operations.Service.Programs;
using GridServices.Operations.Service.Provisioning;
using GridServices.Operations.Service.Reconcile;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Enrollments;

/// <summary>How an enrollment fares.</summary>
public sealed record EnrollmentStatus
{
    public required string EnrollmentId { get; init; }
    public required EnrollmentState State { get; init; }

    /// <summary>Registered, opted in, reporting: each with its own time.</summary>
    public required Lamps Lamps { get; init; }

    /// <summary>What is written at the services.</summary>
    public required IReadOnlyList<ProvisionedItem> Documents { get; init; }

    /// <summary>A change that is not applied yet: a service is away, or it was just made; absent: none waits.</summary>
    public PendingItem? Pending { get; init; }

    /// <summary>What a service refused last, at the form's fields; absent: nothing.</summary>
    public RefusalItem? Refusal { get; init; }
}

/// <summary>A document at a service.</summary>
/// <param name="Service">Whose.</param>
/// <param name="Path">Where it is there.</param>
/// <param name="WrittenAt">When we wrote it.</param>
/// <param name="Drift">What is different there; absent: it is as we wrote it, as far as was seen.</param>
/// <param name="DriftSeenAt">When that was seen first.</param>
/// <param name="Wanted">What we wrote, JSON.</param>
public sealed record ProvisionedItem(string Service, string Path, Instant WrittenAt, IReadOnlyList<DriftItem>? Drift, Instant? DriftSeenAt, string Wanted);

/// <summary>A change that waits.</summary>
public sealed record PendingItem(Instant Since, Instant NextTryAt, long Tries, string? Problem);

/// <summary>What a service refused.</summary>
/// <param name="At">When.</param>
/// <param name="Service">Which.</param>
/// <param name="Detail">In words.</param>
/// <param name="Fields">By the form's fields.</param>
public sealed record RefusalItem(Instant At, string Service, string Detail, IReadOnlyList<RefusedField> Fields);

/// <summary>A refused field of the enrollment's form.</summary>
/// <param name="Pointer">Into the enrollment; empty: the enrollment as a whole.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="ServicePointer">Into the service's document.</param>
public sealed record RefusedField(string Pointer, string Message, string ServicePointer);

/// <summary>Reads how enrollments fare.</summary>
internal sealed class EnrollmentStatusReader(Store store, ServiceDocumentStore documents, ProgramStore programs, ServiceFactsReader facts, EnrollmentWork work, IClock clock)
{
    internal async Task<EnrollmentStatus> ReadAsync(Enrollment enrollment, CancellationToken ct)
    {
        var pending = await work.FindAsync(enrollment.Tenant, enrollment.Id, ct);
        return new EnrollmentStatus
        {
            EnrollmentId = enrollment.Id,
            State = enrollment.State,
            Lamps = await LampsAsync(enrollment, ct),
            Documents = await DocumentsAsync(enrollment, ct),
            Pending = pending is null ? null : new PendingItem(pending.WantedAt, pending.DueAt, pending.Tries, pending.Problem),
            Refusal = await RefusalAsync(enrollment, ct),
        };
    }

    internal async Task<Lamps> LampsAsync(Enrollment enrollment, CancellationToken ct)
    {
        var template = await programs.FindAsync(enrollment.Tenant, enrollment.Template.Code, enrollment.Template.Version, ct);
        return Lamps.Compute(enrollment, template?.Protocol ?? ProgramProtocol.Manual, await facts.ReadAsync(enrollment, ct), clock.GetCurrentInstant());
    }

    /// <summary>Of a page of enrollments, in their order.</summary>
    internal async Task<IReadOnlyList<Lamps>> LampsAsync(string tenant, IReadOnlyList<Enrollment> enrollments, CancellationToken ct)
    {
        var (known, protocols) = (await facts.ReadAsync(tenant, enrollments, ct), new Dictionary<TemplateRef, ProgramProtocol>());
        foreach (var template in enrollments.Select(e => e.Template).Distinct())
        {
            protocols[template] = (await programs.FindAsync(tenant, template.Code, template.Version, ct))?.Protocol ?? ProgramProtocol.Manual;
        }

        return [.. enrollments.Select(e => Lamps.Compute(e, protocols[e.Template], known[e.Id], clock.GetCurrentInstant()))];
    }

    private Task<RefusalItem?> RefusalAsync(Enrollment enrollment, CancellationToken ct) => store.ReadAsync(
        async db => await db.QuerySingleOrDefaultAsync<string>("SELECT body FROM enrollment_refusals WHERE tenant = @Tenant AND enrollment_id = @Id", new { enrollment.Tenant, enrollment.Id }) is { } body
            ? StoredJson.Read<RefusalItem>(body)
            : null,
        ct);

    private async Task<IReadOnlyList<ProvisionedItem>> DocumentsAsync(Enrollment enrollment, CancellationToken ct) =>
        [.. (await documents.ListByEnrollmentAsync(enrollment.Tenant, enrollment.Id, ct)).Select(d => new ProvisionedItem(
            d.Service, d.Path, d.WrittenAt, d.Found is null && d.FoundAt is null ? null : d.Seen is null || d.Found is null ? [new DriftItem(string.Empty, d.Seen, d.Found)] : Drift.Between(d.Seen, d.Found), d.FoundAt, d.Wanted))];
}
