using GridServices.Contracts;
using GridServices.Operations.Registry;
using GridServices.Operations.Registry.Identifiers;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Registry;

/// <summary>A meter point as it is written.</summary>
public sealed record MeterPointBody
{
    /// <summary>The site's id at the hub.</summary>
    public required string SiteId { get; init; }

    public required MeterKind Kind { get; init; }
    public required IdentifierScheme Scheme { get; init; }

    /// <summary>As the utility writes it; blanks and dashes are left out.</summary>
    public required string Identifier { get; init; }

    public string? AccountNo { get; init; }
    public string? MeterNo { get; init; }

    /// <summary>Minutes per value; absent = not known.</summary>
    public int? IntervalMinutes { get; init; }

    /// <summary>First day with interval data; absent = none known.</summary>
    public LocalDate? IntervalDataSince { get; init; }

    /// <summary>The meter at the Tariffs service.</summary>
    public string? TariffMeterId { get; init; }

    /// <summary>The tariff at the Tariffs service that the meter pays by.</summary>
    public string? TariffId { get; init; }

    public MeterDataSource? DataSource { get; init; }
}

/// <summary>Meter points; one identifier is one meter point in the tenant.</summary>
internal sealed class MeterPointHandler(MeterPointStore store, SiteStore sites, EnrollmentStore enrollments, EnrollmentWork work) : EntityHandler<MeterPoint, MeterPointBody>(store, sites)
{
    internal override MeterPointBody ToBody(MeterPoint entity) => new()
    {
        SiteId = entity.SiteId,
        Kind = entity.Kind,
        Scheme = entity.Scheme,
        Identifier = entity.Identifier,
        AccountNo = entity.AccountNo,
        MeterNo = entity.MeterNo,
        IntervalMinutes = entity.IntervalMinutes,
        IntervalDataSince = entity.IntervalDataSince,
        TariffMeterId = entity.TariffMeterId,
        TariffId = entity.TariffId,
        DataSource = entity.DataSource,
    };

    internal override MeterPoint Mask(MeterPoint entity) =>
        entity with { Identifier = Masking.Tail(entity.Identifier)!, AccountNo = Masking.Tail(entity.AccountNo), MeterNo = Masking.Tail(entity.MeterNo) };

    protected override async Task<MeterPoint> BuildAsync(AuditedTransaction transaction, MeterPointBody body, MeterPoint? held)
    {
        var identifier = MeterIdentifiers.Check(body.Scheme, body.Identifier);
        var account = body.AccountNo is null ? null : MeterIdentifiers.CheckAccount(body.Scheme, body.AccountNo);
        var check = new FormCheck()
            .Unless(identifier.MayBeUsed, "/identifier", identifier.Text ?? string.Empty, ErrorClass.SemanticId)
            .Unless(account?.MayBeUsed != false, "/accountNo", account?.Text ?? string.Empty, ErrorClass.SemanticId)
            .Text("/meterNo", body.MeterNo, 64, required: false)
            .Unless(body.IntervalMinutes is null or > 0 and <= 1440, "/intervalMinutes", "must be 1 to 1440", ErrorClass.SemanticNumber)
            .Unless(body.TariffMeterId is null || Identifiers.IsSafe(body.TariffMeterId), "/tariffMeterId", "must be the id of a meter at the Tariffs service", ErrorClass.SemanticId)
            .Unless(body.TariffId is null || Identifiers.IsSafe(body.TariffId), "/tariffId", "must be the id of a tariff at the Tariffs service", ErrorClass.SemanticId);
        if (await Sites.FindBySiteIdAsync(transaction.Tx, transaction.Actor.Tenant, body.SiteId) is null)
        {
            check.Fault("/siteId", "is no site of this tenant", ErrorClass.UnknownId);
        }

        if (identifier.MayBeUsed && await store.FindByIdentifierAsync(transaction.Tx, transaction.Actor.Tenant, body.Scheme, identifier.Normal) is { } other && other.Id != held?.Id)
        {
            // Whose it is, is told only to who sees every site.
            check.Fault("/identifier", transaction.Actor.IsOfTenant ? $"is already a meter point, of site '{other.SiteId}'" : "is already a meter point", ErrorClass.DuplicateId);
        }

        check.ThrowIfAny();
        var (id, tenant, stamp) = Own(transaction, held);
        return new MeterPoint
        {
            Id = id,
            Tenant = tenant,
            Created = stamp,
            Updated = stamp,
            Version = held?.Version ?? 1,
            SiteId = body.SiteId,
            Kind = body.Kind,
            Scheme = body.Scheme,
            Identifier = identifier.Normal,
            AccountNo = account?.Normal,
            MeterNo = body.MeterNo,
            IntervalMinutes = body.IntervalMinutes,
            IntervalDataSince = body.IntervalDataSince,
            TariffMeterId = body.TariffMeterId,
            TariffId = body.TariffId,
            DataSource = body.DataSource,
        };
    }

    protected override async Task<string?> UsedByAsync(AuditedTransaction transaction, MeterPoint entity) =>
        (await enrollments.ListBySiteAsync(transaction.Tx, entity.Tenant, entity.SiteId)).Any(e => e.MeterPointIds.Contains(entity.Id)) ? "An enrollment of the site names this meter point." : null;

    /// <summary>What the services hold of an enrollment is made of it too; one that went to another site is missed at the first.</summary>
    protected override async Task AfterWriteAsync(AuditedTransaction transaction, MeterPoint? before, MeterPoint? after)
    {
        if (before is not null && after is not null)
        {
            var ofSites = await enrollments.ListBySitesAsync(transaction.Tx, after.Tenant, before.SiteId, after.SiteId);
            await work.FollowContentAsync(transaction, ofSites.Where(e => e.MeterPointIds.Contains(after.Id)));
        }
        else if (before is not null)
        {
            await KeptAnswers.EraseAsync(transaction, $"/v1/meter-points/{before.Id}");
        }
    }
}
