using Dapper;
using GridServices.Hosting;
using GridServices.Hosting.Storage;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Protection;
using NodaTime;

namespace GridServices.Operations.Service.Storage;

/// <summary>A token for one site's controller: its hash, never the token.</summary>
public sealed record ControllerToken : Entity
{
    /// <summary>The hub's id of the site.</summary>
    public required string SiteId { get; init; }

    /// <summary>What people call it, such as the controller's place.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 of the token, hex.</summary>
    public required string Sha256 { get; init; }

    /// <summary>From then on the hub refuses it.</summary>
    public Instant? RevokedAt { get; init; }

    /// <summary>What the hub calls it.</summary>
    internal string HubId => $"{SiteId}/{Id}";
}

/// <summary>Tokens of controllers.</summary>
internal sealed class ControllerTokenStore(Store store, ColumnProtector protector) : EntityStore<ControllerToken>("controller_tokens", store, protector)
{
    /// <summary>The job that writes the hub's file.</summary>
    internal const string FileJob = "controller-tokens";

    internal override string Kind => "controllerToken";

    protected override IReadOnlyList<Column<ControllerToken>> Columns { get; } = [new("site_id", t => t.SiteId), new("name", t => t.Name, ColumnFilter.Contains)];

    internal override string? FindSiteId(ControllerToken entity) => entity.SiteId;

    internal Task<IReadOnlyList<ControllerToken>> ListBySiteAsync(string tenant, string siteId, CancellationToken ct) => WhereAsync(tenant, "site_id = @siteId ORDER BY id", new { siteId }, ct);

    /// <summary>Of a site that is no more: its controllers must not speak for one that gets its id.</summary>
    internal async Task RevokeAllAsync(AuditedTransaction transaction, string siteId, JobTrigger jobs)
    {
        var all = await WhereAsync(transaction.Tx.Connection!, transaction.Tx, transaction.Actor.Tenant, "site_id = @siteId ORDER BY id", new { siteId });
        var inForce = all.Where(t => t.RevokedAt is null).ToList();
        foreach (var token in inForce)
        {
            await transaction.UpdateAsync(this, token, token with { RevokedAt = transaction.Now }, "revoked", "the site was deleted");
        }

        if (inForce.Count > 0)
        {
            transaction.AfterCommit(() => jobs.Run(FileJob));
        }
    }

    /// <summary>The tenants that ever issued one: the file is of all.</summary>
    internal Task<IReadOnlyList<string>> TenantsAsync(CancellationToken ct) => Store.ReadAsync<IReadOnlyList<string>>(
        async db => [.. await db.QueryAsync<string>("SELECT DISTINCT tenant FROM controller_tokens ORDER BY tenant")], ct);

    internal async Task<IReadOnlyList<ControllerToken>> InForceAsync(string tenant, CancellationToken ct) =>
        [.. (await WhereAsync(tenant, "1 = 1 ORDER BY id", null, ct)).Where(t => t.RevokedAt is null)];
}
