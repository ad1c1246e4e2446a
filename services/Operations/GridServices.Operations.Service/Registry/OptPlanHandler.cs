using GridServices.Contracts;
using GridServices.Operations.Access;
using GridServices.Operations.Opt;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Registry;

/// <summary>An opt plan as it is written: a choice made before the event is known.</summary>
public sealed record OptPlanBody
{
    /// <summary>The site's id at the hub; absent only with enrollmentId.</summary>
    public string? SiteId { get; init; }

    /// <summary>One enrollment; absent = every program of the site.</summary>
    public string? EnrollmentId { get; init; }

    public required Instant From { get; init; }

    /// <summary>Exclusive.</summary>
    public required Instant Until { get; init; }

    public required OptDirection Direction { get; init; }
    public required OptReason Reason { get; init; }
    public string? Text { get; init; }
}

/// <summary>Opt plans.</summary>
internal sealed class OptPlanHandler(OptPlanStore store, SiteStore sites, EnrollmentStore enrollments) : EntityHandler<OptPlan, OptPlanBody>(store, sites)
{
    internal override UserPermission ToEdit => UserPermission.Opt;

    internal override OptPlanBody ToBody(OptPlan entity) => new()
    {
        SiteId = entity.SiteId,
        EnrollmentId = entity.EnrollmentId,
        From = entity.From,
        Until = entity.Until,
        Direction = entity.Direction,
        Reason = entity.Reason,
        Text = entity.Text,
    };

    protected override async Task<OptPlan> BuildAsync(AuditedTransaction transaction, OptPlanBody body, OptPlan? held)
    {
        var check = new FormCheck().Text("/text", body.Text, 500, required: false)
            .Unless(body.From < body.Until, "/until", "must be after from", ErrorClass.SemanticOrder)
            .Unless(body.Until > transaction.Now || held is not null, "/until", "is past: a plan is for events to come", ErrorClass.SemanticExpired);
        var enrollment = body.EnrollmentId is { } id ? await enrollments.FindAsync(transaction.Tx, transaction.Actor.Tenant, id) : null;
        check.Unless(body.EnrollmentId is null || enrollment is not null, "/enrollmentId", "is no enrollment of this tenant", ErrorClass.UnknownId)
            .Unless(enrollment is null || body.SiteId is null || enrollment.SiteId == body.SiteId, "/siteId", "is not the site of the enrollment", ErrorClass.UnknownId)
            .Unless((body.SiteId ?? body.EnrollmentId) is not null, "/siteId", "is missing: name the site or one of its enrollments", ErrorClass.SchemaInvalid);
        var siteId = enrollment?.SiteId ?? body.SiteId;
        if (siteId is not null && await Sites.FindBySiteIdAsync(transaction.Tx, transaction.Actor.Tenant, siteId) is null)
        {
            check.Fault("/siteId", "is no site of this tenant", ErrorClass.UnknownId);
        }

        check.ThrowIfAny();
        var (own, tenant, stamp) = Own(transaction, held);
        return new OptPlan
        {
            Id = own,
            Tenant = tenant,
            Created = stamp,
            Updated = stamp,
            Version = held?.Version ?? 1,
            SiteId = siteId,
            EnrollmentId = body.EnrollmentId,
            From = body.From,
            Until = body.Until,
            Direction = body.Direction,
            Reason = body.Reason,
            Text = body.Text,
        };
    }
}
