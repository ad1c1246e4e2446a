using GridServices.Contracts;
using GridServices.Operations.Access;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Programs;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Programs;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Enrollments;

/// <summary>A nomination as it is written: a draft, until it is submitted.</summary>
public sealed record NominationBody
{
    public required string EnrollmentId { get; init; }

    /// <summary><c>2027-07</c> (month), <c>2027</c> (season), or an event's id.</summary>
    public required string DeliveryPeriod { get; init; }

    /// <summary>Such as <c>day-ahead 2-6h</c>.</summary>
    public string? Product { get; init; }

    public required decimal Kw { get; init; }

    /// <summary>kW that the site promises not to exceed in an event.</summary>
    public decimal? FirmServiceLevelKw { get; init; }

    public string? BaselineOption { get; init; }

    /// <summary>The utility's or the aggregator's name of a portfolio.</summary>
    public string? Group { get; init; }
}

/// <summary>Nominations.</summary>
internal sealed class NominationHandler(NominationStore store, SiteStore sites, EnrollmentStore enrollments, EnrollmentWork work) : EntityHandler<Nomination, NominationBody>(store, sites)
{
    internal override NominationBody ToBody(Nomination entity) => new()
    {
        EnrollmentId = entity.EnrollmentId,
        DeliveryPeriod = entity.DeliveryPeriod,
        Product = entity.Product,
        Kw = entity.Kw,
        FirmServiceLevelKw = entity.FirmServiceLevelKw,
        BaselineOption = entity.BaselineOption,
        Group = entity.Group,
    };

    internal override async Task<AccessTarget> TargetAsync(Nomination entity, CancellationToken ct = default) =>
        await enrollments.FindAsync(entity.Tenant, entity.EnrollmentId, ct) is { } enrollment && await Sites.FindBySiteIdAsync(entity.Tenant, enrollment.SiteId, ct) is { } site
            ? AccessTarget.From(site)
            : AccessTarget.Tenant;

    /// <summary>Hands a draft in.</summary>
    /// <exception cref="GridServices.Hosting.Refusals.ProblemException">409: why not.</exception>
    internal async Task<Nomination> SubmitAsync(AuditedTransaction transaction, Nomination held)
    {
        var enrollment = await enrollments.FindAsync(transaction.Tx, held.Tenant, held.EnrollmentId);
        var template = enrollment is null ? null : await ProgramStore.FindAsync(transaction.Tx, held.Tenant, enrollment.Template.Code, enrollment.Template.Version);
        var next = template is null ? null : NominationCalendar.Submit(held, template, new Stamp(transaction.Now, transaction.Actor.Name), out var refusal) ?? throw new GridServices.Hosting.Refusals.ProblemException(ErrorClass.Conflict, refusal!);
        var submitted = next is null
            ? throw new GridServices.Hosting.Refusals.ProblemException(ErrorClass.Conflict, "the enrollment or its program is gone")
            : await transaction.UpdateAsync(Store, held, next, "submitted");
        await work.FollowContentAsync(transaction, [enrollment!]);
        return submitted;
    }

    /// <summary>A draft counts for nothing at the services; one that was handed in can only be deleted.</summary>
    protected override async Task AfterWriteAsync(AuditedTransaction transaction, Nomination? before, Nomination? after)
    {
        if (before is { State: not NominationState.Draft } && await enrollments.FindAsync(transaction.Tx, before.Tenant, before.EnrollmentId) is { } enrollment)
        {
            await work.FollowContentAsync(transaction, [enrollment]);
        }
    }

    protected override async Task<Nomination> BuildAsync(AuditedTransaction transaction, NominationBody body, Nomination? held)
    {
        var check = new FormCheck().Text("/deliveryPeriod", body.DeliveryPeriod, 64).Text("/product", body.Product, 100, required: false).Text("/group", body.Group, 100, required: false)
            .Unless(body.Kw >= 0, "/kw", "must not be negative", ErrorClass.SemanticNumber).Unless(body.FirmServiceLevelKw is null or >= 0, "/firmServiceLevelKw", "must not be negative", ErrorClass.SemanticNumber)
            .Unless(held is null or { State: NominationState.Draft }, string.Empty, "was handed in: a correction is a new nomination, as the utility's rules allow", ErrorClass.Conflict)
            .Unless(held is null || held.EnrollmentId == body.EnrollmentId, "/enrollmentId", "is fixed", ErrorClass.SemanticId);
        var enrollment = await enrollments.FindAsync(transaction.Tx, transaction.Actor.Tenant, body.EnrollmentId);
        var template = enrollment is null ? null : await ProgramStore.FindAsync(transaction.Tx, transaction.Actor.Tenant, enrollment.Template.Code, enrollment.Template.Version);
        check.Unless(template is not null, "/enrollmentId", "is no enrollment of this tenant", ErrorClass.UnknownId);
        if (enrollment is not null && (await store.ListByEnrollmentAsync(transaction.Tx, transaction.Actor.Tenant, enrollment.Id)).Any(n => n.DeliveryPeriod == body.DeliveryPeriod && n.Id != held?.Id))
        {
            check.Fault("/deliveryPeriod", "has a nomination already; change that one", ErrorClass.DuplicateId);
        }

        check.ThrowIfAny();
        var (id, tenant, stamp) = Own(transaction, held);
        return new Nomination
        {
            Id = id,
            Tenant = tenant,
            Created = stamp,
            Updated = stamp,
            Version = held?.Version ?? 1,
            EnrollmentId = body.EnrollmentId,
            DeliveryPeriod = body.DeliveryPeriod,
            Product = body.Product,
            Kw = body.Kw,
            FirmServiceLevelKw = body.FirmServiceLevelKw,
            BaselineOption = body.BaselineOption,
            Group = body.Group,
            Deadline = held?.Deadline ?? ComputeDeadline(enrollment!, template!, body.DeliveryPeriod),
        };
    }

    /// <summary>Of the period that the name says; a nomination for an event is due when it starts, as far as is known: at once.</summary>
    private static Instant ComputeDeadline(Enrollment enrollment, ProgramTemplate template, string period)
    {
        var zone = DateTimeZoneProviders.Tzdb[template.TimeZone];
        var start = NodaTime.Text.YearMonthPattern.Iso.Parse(period) is { Success: true, Value: var month } ? month.OnDayOfMonth(1) : enrollment.Period.From;
        return NominationCalendar.Deadline(template, start, zone);
    }
}
