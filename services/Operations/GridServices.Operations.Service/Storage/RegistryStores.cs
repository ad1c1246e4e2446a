using System.Data.Common;
using Dapper;
using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.Operations.Access;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Protection;
using GridServices.Wire;

namespace GridServices.Operations.Service.Storage;

/// <summary>Customers; tax ids and billing addresses are encrypted.</summary>
internal sealed class CustomerStore(Store store, ColumnProtector protector) : EntityStore<Customer>("customers", store, protector)
{
    internal override string Kind => "customer";

    protected override IReadOnlyList<Column<Customer>> Columns { get; } = [new("name", c => c.Name, ColumnFilter.Contains), new("country", c => c.Country)];

    protected override IReadOnlyList<SealedColumn<Customer>> Sealed { get; } = [new("tax_id_sealed", c => c.TaxId), new("billing_email_sealed", c => c.BillingEmail)];

    protected override string SitesSql => "id IN (SELECT customer_id FROM sites WHERE sites.tenant = @tenant AND site_id IN ({0}))";

    internal override Customer WithoutSealed(Customer entity) => entity with { TaxId = null, BillingEmail = null };

    protected override Customer WithSealed(Customer entity, Func<string, string?> opened) =>
        entity with { TaxId = opened("tax_id_sealed"), BillingEmail = opened("billing_email_sealed") };

    internal Task<IReadOnlyList<Customer>> ListByIdsAsync(string tenant, IEnumerable<string> ids, CancellationToken ct = default) => InAsync(tenant, "id", ids, ct);

    /// <summary>Those of exactly this name.</summary>
    internal Task<IReadOnlyList<Customer>> ListByNameAsync(string tenant, string name, CancellationToken ct = default) => WhereAsync(tenant, "name = @name ORDER BY id", new { name }, ct);

    internal Task<IReadOnlyList<Customer>> ListByNameAsync(DbTransaction tx, string tenant, string name) => WhereAsync(tx.Connection!, tx, tenant, "name = @name ORDER BY id", new { name });
}

/// <summary>Contacts; names, mail addresses and phone numbers are encrypted.</summary>
internal sealed class ContactStore(Store store, ColumnProtector protector) : EntityStore<Contact>("contacts", store, protector)
{
    internal override string Kind => "contact";

    protected override IReadOnlyList<Column<Contact>> Columns =>
    [
        new("customer_id", c => c.CustomerId), new("site_id", c => c.SiteId), new("role", c => EnumNames<ContactRole>.GetName(c.Role)),
        new("email_index", c => Protector.ComputeIndex(c.Tenant, c.Email), null),
    ];

    protected override IReadOnlyList<SealedColumn<Contact>> Sealed { get; } = [new("name_sealed", c => c.Name), new("email_sealed", c => c.Email), new("phone_sealed", c => c.Phone)];

    internal override string? FindSiteId(Contact entity) => entity.SiteId;

    internal override Contact WithoutSealed(Contact entity) => entity with { Name = string.Empty, Email = string.Empty, Phone = null };

    protected override Contact WithSealed(Contact entity, Func<string, string?> opened) =>
        entity with { Name = opened("name_sealed") ?? string.Empty, Email = opened("email_sealed") ?? string.Empty, Phone = opened("phone_sealed") };

    internal Task<IReadOnlyList<Contact>> ListByCustomerAsync(string tenant, string customerId, CancellationToken ct = default) =>
        WhereAsync(tenant, "customer_id = @customerId ORDER BY id", new { customerId }, ct);

    internal Task<IReadOnlyList<Contact>> ListByIdsAsync(string tenant, IEnumerable<string> ids, CancellationToken ct = default) => InAsync(tenant, "id", ids, ct);

    internal Task<IReadOnlyList<Contact>> ListByCustomersAsync(string tenant, IEnumerable<string> customerIds, CancellationToken ct = default) => InAsync(tenant, "customer_id", customerIds, ct);

    internal Task<IReadOnlyList<Contact>> ListByCustomerAsync(DbTransaction tx, string tenant, string customerId) =>
        WhereAsync(tx.Connection!, tx, tenant, "customer_id = @customerId ORDER BY id", new { customerId });
}

/// <summary>Sites.</summary>
internal sealed class SiteStore(Store store, ColumnProtector protector) : EntityStore<Site>("sites", store, protector)
{
    internal override string Kind => "site";

    protected override IReadOnlyList<Column<Site>> Columns { get; } =
    [
        new("site_id", s => s.SiteId), new("customer_id", s => s.CustomerId), new("name", s => s.Name, ColumnFilter.Contains),
        new("country", s => s.Address.Country), new("time_zone", s => s.TimeZone), new("tags", s => $" {string.Join(' ', s.Tags)} ", ColumnFilter.Word),
    ];

    internal override string? FindSiteId(Site entity) => entity.SiteId;

    /// <summary>The site with this id at the hub.</summary>
    internal async Task<Site?> FindBySiteIdAsync(string tenant, string siteId, CancellationToken ct = default) =>
        (await WhereAsync(tenant, "site_id = @siteId", new { siteId }, ct)).SingleOrDefault();

    internal async Task<Site?> FindBySiteIdAsync(DbTransaction tx, string tenant, string siteId) =>
        (await WhereAsync(tx.Connection!, tx, tenant, "site_id = @siteId", new { siteId })).SingleOrDefault();

    internal Task<IReadOnlyList<Site>> ListAsync(DbTransaction tx, string tenant) => WhereAsync(tx.Connection!, tx, tenant, "1 = 1", null);

    /// <summary>The hub ids of the sites that a filter shows; null = all.</summary>
    internal async Task<IReadOnlySet<string>?> ShownAsync(string tenant, SiteFilter filter, CancellationToken ct = default) => filter.Everything ? null
        : filter.IsNothing ? new HashSet<string>(StringComparer.Ordinal)
        : (await PlacesAsync(tenant, "1 = 1", new DynamicParameters(), ct)).Where(s => filter.Shows(s.Target)).Select(s => s.SiteId).ToHashSet(StringComparer.Ordinal);

    /// <summary>Where sites are and whose, by their ids at the hub; what is no site here is left out.</summary>
    internal async Task<IReadOnlyDictionary<string, SitePlace>> PlacesAsync(string tenant, IEnumerable<string> siteIds, CancellationToken ct = default)
    {
        var found = new Dictionary<string, SitePlace>(StringComparer.Ordinal);
        foreach (var some in siteIds.Distinct(StringComparer.Ordinal).Chunk(SqlNames.AtOnce))
        {
            var parameters = new DynamicParameters();
            foreach (var place in await PlacesAsync(tenant, $"site_id IN ({SqlNames.Add(parameters, "v", some)})", parameters, ct))
            {
                found[place.SiteId] = place;
            }
        }

        return found;
    }

    /// <summary>The names of the customers of all sites, by the sites' ids at the hub.</summary>
    internal async Task<IReadOnlyDictionary<string, string>> CustomerNamesAsync(string tenant, CancellationToken ct = default) => (await Store.ReadAsync(
        db => db.QueryAsync<(string SiteId, string Name)>(
            "SELECT sites.site_id, customers.name FROM sites JOIN customers ON customers.tenant = sites.tenant AND customers.id = sites.customer_id WHERE sites.tenant = @tenant", new { tenant }),
        ct)).ToDictionary(s => s.SiteId, s => s.Name, StringComparer.Ordinal);

    /// <summary>From the columns alone: ten thousand bodies would be read for three members of each.</summary>
    private Task<IReadOnlyList<SitePlace>> PlacesAsync(string tenant, string where, DynamicParameters parameters, CancellationToken ct)
    {
        parameters.Add("tenant", tenant);
        return Store.ReadAsync<IReadOnlyList<SitePlace>>(
            async db => [.. (await db.QueryAsync<(string SiteId, string CustomerId, string Tags, string TimeZone)>($"SELECT site_id, customer_id, tags, time_zone FROM sites WHERE tenant = @tenant AND {where}", parameters))
                .Select(s => new SitePlace(s.SiteId, s.CustomerId, s.Tags.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToValueList(), s.TimeZone))],
            ct);
    }
}

/// <summary>Meter points; identifiers and account numbers are encrypted, and found by a keyed hash.</summary>
internal sealed class MeterPointStore(Store store, ColumnProtector protector) : EntityStore<MeterPoint>("meter_points", store, protector)
{
    internal override string Kind => "meterPoint";

    protected override IReadOnlyList<Column<MeterPoint>> Columns =>
    [
        new("site_id", m => m.SiteId), new("kind", m => EnumNames<MeterKind>.GetName(m.Kind)), new("scheme", m => EnumNames<IdentifierScheme>.GetName(m.Scheme)),
        new("identifier_index", m => Protector.ComputeIndex(m.Tenant, m.Identifier), null), new("meter_no", m => m.MeterNo),
    ];

    protected override IReadOnlyList<SealedColumn<MeterPoint>> Sealed { get; } = [new("identifier_sealed", m => m.Identifier), new("account_no_sealed", m => m.AccountNo)];

    internal override string? FindSiteId(MeterPoint entity) => entity.SiteId;

    internal override MeterPoint WithoutSealed(MeterPoint entity) => entity with { Identifier = string.Empty, AccountNo = null };

    protected override MeterPoint WithSealed(MeterPoint entity, Func<string, string?> opened) =>
        entity with { Identifier = opened("identifier_sealed") ?? string.Empty, AccountNo = opened("account_no_sealed") };

    internal Task<IReadOnlyList<MeterPoint>> ListBySiteAsync(string tenant, string siteId, CancellationToken ct = default) =>
        WhereAsync(tenant, "site_id = @siteId ORDER BY id", new { siteId }, ct);

    internal Task<IReadOnlyList<MeterPoint>> ListBySiteAsync(DbTransaction tx, string tenant, string siteId) =>
        WhereAsync(tx.Connection!, tx, tenant, "site_id = @siteId ORDER BY id", new { siteId });

    internal Task<IReadOnlyList<MeterPoint>> ListBySitesAsync(string tenant, IEnumerable<string> siteIds, CancellationToken ct = default) => InAsync(tenant, "site_id", siteIds, ct);

    internal Task<MeterPoint?> FindByIdentifierAsync(string tenant, IdentifierScheme scheme, string identifier, CancellationToken ct = default) =>
        Store.ReadAsync(db => FindByIdentifierAsync(db, null, tenant, scheme, identifier), ct);

    internal Task<MeterPoint?> FindByIdentifierAsync(DbTransaction tx, string tenant, IdentifierScheme scheme, string identifier) =>
        FindByIdentifierAsync(tx.Connection!, tx, tenant, scheme, identifier);

    private async Task<MeterPoint?> FindByIdentifierAsync(DbConnection db, DbTransaction? tx, string tenant, IdentifierScheme scheme, string identifier) => (await WhereAsync(
        db, tx, tenant, "scheme = @scheme AND identifier_index = @index", new { scheme = EnumNames<IdentifierScheme>.GetName(scheme), index = Protector.ComputeIndex(tenant, identifier) })).SingleOrDefault();
}

/// <summary>Assets.</summary>
internal sealed class AssetStore(Store store, ColumnProtector protector) : EntityStore<Asset>("assets", store, protector)
{
    internal override string Kind => "asset";

    protected override IReadOnlyList<Column<Asset>> Columns { get; } = [new("site_id", a => a.SiteId), new("kind", a => EnumNames<AssetKind>.GetName(a.Kind))];

    internal override string? FindSiteId(Asset entity) => entity.SiteId;

    internal Task<IReadOnlyList<Asset>> ListBySiteAsync(string tenant, string siteId, CancellationToken ct = default) =>
        WhereAsync(tenant, "site_id = @siteId ORDER BY id", new { siteId }, ct);

    internal Task<IReadOnlyList<Asset>> ListBySiteAsync(DbTransaction tx, string tenant, string siteId) =>
        WhereAsync(tx.Connection!, tx, tenant, "site_id = @siteId ORDER BY id", new { siteId });
}
