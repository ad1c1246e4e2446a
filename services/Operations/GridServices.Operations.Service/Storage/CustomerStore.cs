using System.Data.Common;
using GridServices.Hosting.Storage;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Protection;

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

    /// <summary>The same without those that can't be read, whose ids are told.</summary>
    internal Task<IReadOnlyList<Customer>> ListReadableByIdsAsync(string tenant, IEnumerable<string> ids, Action<string, Exception> unread, CancellationToken ct) =>
        ReadableInAsync(tenant, "id", ids, unread, ct);

    /// <summary>Those of exactly this name.</summary>
    internal Task<IReadOnlyList<Customer>> ListByNameAsync(string tenant, string name, CancellationToken ct = default) => WhereAsync(tenant, "name = @name ORDER BY id", new { name }, ct);

    internal Task<IReadOnlyList<Customer>> ListByNameAsync(DbTransaction tx, string tenant, string name) => WhereAsync(tx.Connection!, tx, tenant, "name = @name ORDER BY id", new { name });
}
