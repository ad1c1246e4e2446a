using System.Data.Common;
using GridServices.Contracts;
using GridServices.Hosting.Storage;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Protection;

namespace GridServices.Operations.Service.Storage;

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

    /// <summary>The same without those that can't be read, whose ids are told.</summary>
    internal Task<IReadOnlyList<Contact>> ListReadableByCustomersAsync(string tenant, IEnumerable<string> customerIds, Action<string, Exception> unread, CancellationToken ct) =>
        ReadableInAsync(tenant, "customer_id", customerIds, unread, ct);

    internal Task<IReadOnlyList<Contact>> ListByCustomerAsync(DbTransaction tx, string tenant, string customerId) =>
        WhereAsync(tx.Connection!, tx, tenant, "customer_id = @customerId ORDER BY id", new { customerId });
}
