using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.Operations.Access;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Provisioning;
using GridServices.Operations.Service.Storage;
using GridServices.Wire;

namespace GridServices.Operations.Service.Registry;

/// <summary>A site as it is written.</summary>
public sealed record SiteBody
{
    /// <summary>Its id at the hub; fixed once the site is made.</summary>
    public required string SiteId { get; init; }

    public required string CustomerId { get; init; }
    public required string Name { get; init; }
    public required AddressBody Address { get; init; }
    public GeoPoint? Geo { get; init; }

    /// <summary>IANA.</summary>
    public required string TimeZone { get; init; }

    public required SiteConnection Connection { get; init; }

    /// <summary>W that is never shed; absent = not known.</summary>
    public long? CriticalLoadW { get; init; }

    /// <summary>Words without spaces.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    public IReadOnlyList<ExternalRef> ExternalRefs { get; init; } = [];
}

/// <summary>A postal address as it is written.</summary>
public sealed record AddressBody
{
    public required string Line1 { get; init; }
    public string? Line2 { get; init; }
    public required string City { get; init; }
    public string? Region { get; init; }
    public required string Postcode { get; init; }

    /// <summary>ISO 3166 alpha-2.</summary>
    public required string Country { get; init; }

    internal static AddressBody From(Address address) =>
        new() { Line1 = address.Line1, Line2 = address.Line2, City = address.City, Region = address.Region, Postcode = address.Postcode, Country = address.Country };

    internal Address ToAddress() => new(Line1, Line2, City, Region, Postcode, Country);
}

/// <summary>Sites. The limit of a site's connection is published to the hub with each change, in the same transaction.</summary>
internal sealed class SiteHandler(
    SiteStore store, CustomerStore customers, EnrollmentStore enrollments, MeterPointStore meters, ConnectionLimits limits, ControllerTokenStore tokens,
    OptPlanStore plans, EnrollmentWork work, JobTrigger jobs)
    : EntityHandler<Site, SiteBody>(store, store)
{
    internal override SiteBody ToBody(Site entity) => new()
    {
        SiteId = entity.SiteId,
        CustomerId = entity.CustomerId,
        Name = entity.Name,
        Address = AddressBody.From(entity.Address),
        Geo = entity.Geo,
        TimeZone = entity.TimeZone,
        Connection = entity.Connection,
        CriticalLoadW = entity.CriticalLoadW,
        Tags = entity.Tags,
        ExternalRefs = entity.ExternalRefs,
    };

    internal override Task<AccessTarget> TargetAsync(Site entity, CancellationToken ct = default) => Task.FromResult(AccessTarget.From(entity));

    protected override async Task<Site> BuildAsync(AuditedTransaction transaction, SiteBody body, Site? held)
    {
        var check = new FormCheck().Text("/name", body.Name).TimeZone("/timeZone", body.TimeZone)
            .Unless(Identifiers.IsSafe(body.SiteId), "/siteId", "must be 1 to 128 of A-Z a-z 0-9 . _ : ~ -, beginning with a letter, digit or _, without '..'", ErrorClass.SemanticId)
            .Unless(held is null || held.SiteId == body.SiteId, "/siteId", "is fixed: what was published and enrolled is under the first one", ErrorClass.SemanticId)
            .Text("/address/line1", body.Address.Line1).Text("/address/city", body.Address.City).Text("/address/postcode", body.Address.Postcode, 20).Country("/address/country", body.Address.Country)
            .Unless(body.Geo is null or { Latitude: >= -90 and <= 90, Longitude: >= -180 and <= 180 }, "/geo", "must be latitude -90 to 90 and longitude -180 to 180", ErrorClass.SemanticNumber)
            .Watts("/connection/importMaxW", body.Connection.ImportMaxW).Watts("/connection/exportMaxW", body.Connection.ExportMaxW).Watts("/criticalLoadW", body.CriticalLoadW)
            .Unless(body.Connection.VoltageV is null or > 0 and <= 1_000_000, "/connection/voltageV", "must be volts above 0", ErrorClass.SemanticNumber)
            .Unless(body.Connection.RatingA is null or > 0 and <= 100_000, "/connection/ratingA", "must be amperes above 0", ErrorClass.SemanticNumber)
            .Unless(body.Tags.All(t => t.Length is > 0 and <= 64 && !t.Any(char.IsWhiteSpace)), "/tags", "must be words of 1 to 64 characters without spaces");
        if (await customers.FindAsync(transaction.Tx, transaction.Actor.Tenant, body.CustomerId) is null)
        {
            check.Fault("/customerId", "is no customer of this tenant", ErrorClass.UnknownId);
        }

        if (held is null && await Sites.FindBySiteIdAsync(transaction.Tx, transaction.Actor.Tenant, body.SiteId) is not null)
        {
            check.Fault("/siteId", "is the id of another site", ErrorClass.DuplicateId);
        }

        check.ThrowIfAny();
        var (id, tenant, stamp) = Own(transaction, held);
        return new Site
        {
            Id = id,
            Tenant = tenant,
            Created = stamp,
            Updated = stamp,
            Version = held?.Version ?? 1,
            SiteId = body.SiteId,
            CustomerId = body.CustomerId,
            Name = body.Name,
            Address = body.Address.ToAddress(),
            Geo = body.Geo,
            TimeZone = body.TimeZone,
            Connection = body.Connection,
            HeldConnection = ConnectionBasis.Compute(held?.HeldConnection ?? held?.Connection, body.Connection),
            CriticalLoadW = body.CriticalLoadW,
            Tags = body.Tags.ToValueList(),
            ExternalRefs = body.ExternalRefs.ToValueList(),
        };
    }

    protected override async Task<string?> UsedByAsync(AuditedTransaction transaction, Site entity) =>
        (await enrollments.ListBySiteAsync(transaction.Tx, entity.Tenant, entity.SiteId)).Count > 0 ? "The site has enrollments, which are kept as evidence."
        : (await meters.ListBySiteAsync(entity.Tenant, entity.SiteId)).Count > 0 ? "The site has meter points; delete them first."
        : null;

    /// <summary>Another site may get the id of one that is deleted, but not its notes, its controllers or its plans.</summary>
    protected override async Task AfterWriteAsync(AuditedTransaction transaction, Site? before, Site? after)
    {
        if (after is null && before is not null)
        {
            await FreeText.DeleteNotesAsync(transaction, before.SiteId);
            await KeptAnswers.EraseAsync(transaction, $"/v1/sites/{before.Id}");
        }

        if ((before is null ? after : after is null ? before : null) is { SiteId: var siteId })
        {
            // Also of a new one: earlier versions left them when a site was deleted.
            await tokens.RevokeAllAsync(transaction, siteId, jobs);
            await plans.DeleteAllAsync(transaction, siteId);
        }

        await limits.PublishAsync(transaction, before, after);
        if (before is not null && after is not null && IsOtherAtServices(before, after))
        {
            await work.FollowContentAsync(transaction, await enrollments.ListBySiteAsync(transaction.Tx, after.Tenant, after.SiteId));
        }
    }

    /// <summary>Tags of many sites are changed at once; at the services nothing comes of them.</summary>
    private static bool IsOtherAtServices(Site before, Site after) =>
        (before.Connection, before.HeldConnection, before.CriticalLoadW, before.Address.Country) != (after.Connection, after.HeldConnection, after.CriticalLoadW, after.Address.Country);
}
