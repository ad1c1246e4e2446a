using GridServices.Contracts;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Programs;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Programs;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Storage;
using GridServices.Wire;

namespace GridServices.Operations.Service.Enrollments;

/// <summary>An enrollment as it is written.</summary>
public sealed record EnrollmentBody
{
    /// <summary>The site's id at the hub; fixed.</summary>
    public required string SiteId { get; init; }

    /// <summary>The program's code, such as <c>PGE-ELRP-A2</c>; fixed.</summary>
    public required string Program { get; init; }

    /// <summary>Of the template; absent = the newest, or the one that the enrollment has.</summary>
    public int? TemplateVersion { get; init; }

    public IReadOnlyList<string> MeterPointIds { get; init; } = [];
    public IReadOnlyList<string> AssetIds { get; init; } = [];
    public required DatePeriod Period { get; init; }
    public OptPolicy OptPolicy { get; init; } = OptPolicy.Auto;

    /// <summary>What the controller does when the program's line is lost; absent = the template's.</summary>
    public Failsafe? Failsafe { get; init; }

    /// <summary>Contacts of this enrollment in place of the customer's.</summary>
    public IReadOnlyList<string> ContactIds { get; init; } = [];

    public ProtocolIdentity Identity { get; init; } = new();

    /// <summary>By the template's field names.</summary>
    public Answers Answers { get; init; } = Answers.None;

    public Consent? Consent { get; init; }
    public string? AggregatorId { get; init; }

    /// <summary>The utility's number for this application.</summary>
    public string? UtilityReference { get; init; }
}

/// <summary>Enrollments: saved at any time, however much is missing; what is missing is in <see cref="Enrollment.RequiredActions"/>.</summary>
internal sealed class EnrollmentHandler(EnrollmentStore store, SiteStore sites, EnrollmentFactsReader facts, EnrollmentWork work) : EntityHandler<Enrollment, EnrollmentBody>(store, sites)
{
    internal override EnrollmentBody ToBody(Enrollment entity) => new()
    {
        SiteId = entity.SiteId,
        Program = entity.Template.Code,
        TemplateVersion = entity.Template.Version,
        MeterPointIds = entity.MeterPointIds,
        AssetIds = entity.AssetIds,
        Period = entity.Period,
        OptPolicy = entity.OptPolicy,
        Failsafe = entity.Failsafe,
        ContactIds = entity.ContactIds,
        Identity = entity.Identity,
        Answers = entity.Answers,
        Consent = entity.Consent,
        AggregatorId = entity.AggregatorId,
        UtilityReference = entity.UtilityReference,
    };

    internal override Enrollment Mask(Enrollment entity) =>
        entity with { Identity = entity.Identity with { Pin = Masking.Tail(entity.Identity.Pin), Nmi = Masking.Tail(entity.Identity.Nmi) }, Answers = Answers.None, UtilityReference = Masking.Tail(entity.UtilityReference) };

    protected override async Task<Enrollment> BuildAsync(AuditedTransaction transaction, EnrollmentBody body, Enrollment? held)
    {
        var check = new FormCheck()
            .Unless(held is null || held.SiteId == body.SiteId, "/siteId", "is fixed; make a new enrollment for another site", ErrorClass.SemanticId)
            .Unless(held is null || held.Template.Code == body.Program, "/program", "is fixed; make a new enrollment for another program", ErrorClass.SemanticId)
            .Unless(body.Period.Until is null || body.Period.From <= body.Period.Until, "/period/until", "must not be before from", ErrorClass.SemanticOrder);
        var template = await ProgramStore.FindAsync(transaction.Tx, transaction.Actor.Tenant, body.Program, body.TemplateVersion ?? held?.Template.Version);
        check.Unless(template is not null, "/program", "is no program here; GET /v1/programs lists them", ErrorClass.UnknownId);
        check.Unless(await Sites.FindBySiteIdAsync(transaction.Tx, transaction.Actor.Tenant, body.SiteId) is not null, "/siteId", "is no site of this tenant", ErrorClass.UnknownId);
        check.ThrowIfAny();
        var (id, tenant, stamp) = Own(transaction, held);
        var enrollment = (held ?? new Enrollment
        {
            Id = id,
            Tenant = tenant,
            Created = stamp,
            Updated = stamp,
            Version = 1,
            SiteId = body.SiteId,
            Template = template!.Ref,
            Period = body.Period,
            StateSince = transaction.Now,
        }) with
        {
            Template = template!.Ref,
            MeterPointIds = body.MeterPointIds.ToValueList(),
            AssetIds = body.AssetIds.ToValueList(),
            Period = body.Period,
            OptPolicy = body.OptPolicy,
            Failsafe = body.Failsafe,
            ContactIds = body.ContactIds.ToValueList(),
            Identity = WithKeys(body, template.Protocol),
            Answers = body.Answers,
            Consent = body.Consent,
            AggregatorId = body.AggregatorId,
            UtilityReference = body.UtilityReference,
        };
        return Lifecycle.Apply(enrollment, new LifecycleCommand(CommandKind.Evaluate), await facts.ReadAsync(transaction.Tx, enrollment, template), transaction.Now).Enrollment ?? enrollment;
    }

    protected override async Task<string?> UsedByAsync(AuditedTransaction transaction, Enrollment entity) =>
        entity.State is not (EnrollmentState.Draft or EnrollmentState.Incomplete or EnrollmentState.ReadyToSubmit or EnrollmentState.Ineligible)
            ? "The enrollment was handed in: withdraw or end it. What was done under it is kept as evidence."
        : await EnrollmentWork.IsAtServicesAsync(transaction, entity.Id)
            ? "What was written for the enrollment at the services, before it was withdrawn, is still being taken away there: it is tried until it is done, within the hour anew. Delete it afterwards."
            : null;

    /// <summary>A change of what is at the services is kept here first, and applied there afterwards.</summary>
    protected override async Task AfterWriteAsync(AuditedTransaction transaction, Enrollment? before, Enrollment? after)
    {
        if (before is not null && after is not null)
        {
            await work.FollowStateAsync(transaction, before, after);
            await work.FollowContentAsync(transaction, [after]);
        }
    }

    /// <summary>The keys at the services are fixed from the start, so that events find their enrollment; programs of one site share its VEN or client unless they say otherwise.</summary>
    private static ProtocolIdentity WithKeys(EnrollmentBody body, ProgramProtocol protocol) => protocol switch
    {
        ProgramProtocol.OpenAdr20b => body.Identity with { VenKey = body.Identity.VenKey ?? body.SiteId },
        ProgramProtocol.Ieee2030Dot5 => body.Identity with { ClientKey = body.Identity.ClientKey ?? body.SiteId },
        _ => body.Identity,
    };
}
