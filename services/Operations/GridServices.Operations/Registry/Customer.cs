namespace GridServices.Operations.Registry;

/// <summary>Who holds the account at the utility and is billed.</summary>
public sealed record Customer : Entity
{
    public required string Name { get; init; }

    /// <summary>As on the utility's bill.</summary>
    public required string LegalName { get; init; }

    /// <summary>ISO 3166 alpha-2.</summary>
    public required string Country { get; init; }

    /// <summary>BCP 47; null = the tenant's.</summary>
    public string? Language { get; init; }

    public string? TaxId { get; init; }
    public string? BillingEmail { get; init; }
    public string? Notes { get; init; }

    /// <summary>That its personal data was erased, and what stays; null = it was not.</summary>
    public Erasure? Erased { get; init; }
}
