using GridServices.Operations.Access;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Registry;

/// <summary>A customer as it is written.</summary>
public sealed record CustomerBody
{
    public required string Name { get; init; }

    /// <summary>As on the utility's bill; absent = the name.</summary>
    public string? LegalName { get; init; }

    /// <summary>ISO 3166 alpha-2.</summary>
    public required string Country { get; init; }

    /// <summary>BCP 47; absent = the tenant's.</summary>
    public string? Language { get; init; }

    public string? TaxId { get; init; }
    public string? BillingEmail { get; init; }
    public string? Notes { get; init; }
}

/// <summary>Customers.</summary>
internal sealed class CustomerHandler(CustomerStore store, SiteStore sites, ContactStore contacts) : EntityHandler<Customer, CustomerBody>(store, sites)
{
    internal override CustomerBody ToBody(Customer entity) => new()
    {
        Name = entity.Name,
        LegalName = entity.LegalName,
        Country = entity.Country,
        Language = entity.Language,
        TaxId = entity.TaxId,
        BillingEmail = entity.BillingEmail,
        Notes = entity.Notes,
    };

    internal override Customer Mask(Customer entity) => entity with { TaxId = Masking.Tail(entity.TaxId), BillingEmail = Masking.Email(entity.BillingEmail), Notes = null };

    internal override Task<AccessTarget> TargetAsync(Customer entity, CancellationToken ct = default) => Task.FromResult(new AccessTarget { CustomerId = entity.Id });

    protected override Task<Customer> BuildAsync(AuditedTransaction transaction, CustomerBody body, Customer? held)
    {
        new FormCheck().Text("/name", body.Name).Text("/legalName", body.LegalName, required: false).Country("/country", body.Country).Language("/language", body.Language)
            .Text("/taxId", body.TaxId, 64, required: false).Email("/billingEmail", body.BillingEmail)
            .Unless(body.Notes is null or { Length: <= 10_000 }, "/notes", "must be at most 10000 characters").ThrowIfAny();
        var (id, tenant, stamp) = Own(transaction, held);
        return Task.FromResult(new Customer
        {
            Id = id,
            Tenant = tenant,
            Created = stamp,
            Updated = stamp,
            Version = held?.Version ?? 1,
            Name = body.Name,
            LegalName = body.LegalName ?? body.Name,
            Country = body.Country,
            Language = body.Language,
            TaxId = body.TaxId,
            BillingEmail = body.BillingEmail,
            Notes = body.Notes,
            Erased = held?.Erased,
        });
    }

    protected override async Task<string?> UsedByAsync(AuditedTransaction transaction, Customer entity)
    {
        var query = new ListQuery(1, Filter: [("customerId", entity.Id)]);
        return (await Sites.PageAsync(entity.Tenant, query)).Items.Count > 0 ? "The customer has sites; delete them first, or give them to another customer."
            : (await contacts.PageAsync(entity.Tenant, query)).Items.Count > 0 ? "The customer has contacts; delete them first, or erase the customer's personal data."
            : null;
    }

    /// <summary>There is nobody left whose data could be erased.</summary>
    protected override Task AfterWriteAsync(AuditedTransaction transaction, Customer? before, Customer? after) =>
        before is not null && after is null ? KeptAnswers.EraseAsync(transaction, $"/v1/customers/{before.Id}") : Task.CompletedTask;
}
