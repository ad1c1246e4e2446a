using GridServices.Contracts;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Registry;

/// <summary>An asset as it is written.</summary>
public sealed record AssetBody
{
    /// <summary>The site's id at the hub.</summary>
    public required string SiteId { get; init; }

    /// <summary>The asset at the FrequencyResponse service.</summary>
    public string? AssetId { get; init; }

    public required AssetKind Kind { get; init; }
    public required string Name { get; init; }
    public required long RatedW { get; init; }

    /// <summary>Storage only.</summary>
    public long? EnergyWh { get; init; }

    public bool Controllable { get; init; }

    /// <summary>W that can be shed in summer; absent = not known.</summary>
    public long? CurtailableSummerW { get; init; }

    /// <summary>W that can be shed in winter; absent = not known.</summary>
    public long? CurtailableWinterW { get; init; }

    public Duration? MinRuntime { get; init; }
    public Duration? Notice { get; init; }
    public Duration? RampTime { get; init; }

    /// <summary>Generators only.</summary>
    public string? Fuel { get; init; }

    public string? PermitNo { get; init; }

    /// <summary>Last day of the permit.</summary>
    public LocalDate? PermitUntil { get; init; }
}

/// <summary>Assets.</summary>
internal sealed class AssetHandler(AssetStore store, SiteStore sites, EnrollmentStore enrollments, EnrollmentWork work) : EntityHandler<Asset, AssetBody>(store, sites)
{
    internal override AssetBody ToBody(Asset entity) => new()
    {
        SiteId = entity.SiteId,
        AssetId = entity.AssetId,
        Kind = entity.Kind,
        Name = entity.Name,
        RatedW = entity.RatedW,
        EnergyWh = entity.EnergyWh,
        Controllable = entity.Controllable,
        CurtailableSummerW = entity.CurtailableSummerW,
        CurtailableWinterW = entity.CurtailableWinterW,
        MinRuntime = entity.MinRuntime,
        Notice = entity.Notice,
        RampTime = entity.RampTime,
        Fuel = entity.Fuel,
        PermitNo = entity.PermitNo,
        PermitUntil = entity.PermitUntil,
    };

    protected override async Task<Asset> BuildAsync(AuditedTransaction transaction, AssetBody body, Asset? held)
    {
        var check = new FormCheck().Text("/name", body.Name).Watts("/ratedW", body.RatedW).Watts("/energyWh", body.EnergyWh)
            .Watts("/curtailableSummerW", body.CurtailableSummerW, body.RatedW).Watts("/curtailableWinterW", body.CurtailableWinterW, body.RatedW)
            .Unless(body.EnergyWh is null || body.Kind == AssetKind.Ess, "/energyWh", "is for storage only; leave it out")
            .Unless((body.Fuel ?? body.PermitNo) is null || body.Kind == AssetKind.Generator, "/fuel", "fuel and permit are for generators only; leave them out");
        if (await Sites.FindBySiteIdAsync(transaction.Tx, transaction.Actor.Tenant, body.SiteId) is null)
        {
            check.Fault("/siteId", "is no site of this tenant", ErrorClass.UnknownId);
        }

        check.ThrowIfAny();
        var (id, tenant, stamp) = Own(transaction, held);
        return new Asset
        {
            Id = id,
            Tenant = tenant,
            Created = stamp,
            Updated = stamp,
            Version = held?.Version ?? 1,
            SiteId = body.SiteId,
            AssetId = body.AssetId,
            Kind = body.Kind,
            Name = body.Name,
            RatedW = body.RatedW,
            EnergyWh = body.EnergyWh,
            Controllable = body.Controllable,
            CurtailableSummerW = body.CurtailableSummerW,
            CurtailableWinterW = body.CurtailableWinterW,
            MinRuntime = body.MinRuntime,
            Notice = body.Notice,
            RampTime = body.RampTime,
            Fuel = body.Fuel,
            PermitNo = body.PermitNo,
            PermitUntil = body.PermitUntil,
        };
    }

    protected override async Task<string?> UsedByAsync(AuditedTransaction transaction, Asset entity) =>
        (await enrollments.ListBySiteAsync(transaction.Tx, entity.Tenant, entity.SiteId)).Any(e => e.AssetIds.Contains(entity.Id)) ? "An enrollment of the site names this asset." : null;

    /// <summary>What the services hold of an enrollment is made of it too; one that went to another site is missed at the first.</summary>
    protected override async Task AfterWriteAsync(AuditedTransaction transaction, Asset? before, Asset? after)
    {
        if (before is not null && after is not null)
        {
            var ofSites = await enrollments.ListBySitesAsync(transaction.Tx, after.Tenant, before.SiteId, after.SiteId);
            await work.FollowContentAsync(transaction, ofSites.Where(e => e.AssetIds.Contains(after.Id)));
        }
    }
}
