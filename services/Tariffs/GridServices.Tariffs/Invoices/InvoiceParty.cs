namespace GridServices.Tariffs.Invoices;

/// <summary>Who sells or buys, as invoices name it. BT and BG numbers are those of EN 16931-1.</summary>
public sealed record InvoiceParty
{
    /// <summary>Registered name (BT-27, BT-44).</summary>
    public required string Name { get; init; }

    public required PostalAddress Address { get; init; }

    /// <summary>VAT identifier with its country prefix, e.g. DE123456789 (BT-31, BT-48).</summary>
    public string? VatId { get; init; }

    /// <summary>Registration with a local tax office (BT-32); of sellers.</summary>
    public string? TaxId { get; init; }

    /// <summary>Number in the register of companies (BT-30, BT-47).</summary>
    public string? LegalId { get; init; }

    /// <summary>The account that the seller keeps for this buyer, as it calls it (BT-46).</summary>
    public string? Account { get; init; }

    /// <summary>Where electronic invoices are delivered (BT-34, BT-49).</summary>
    public ElectronicAddress? Electronic { get; init; }

    public PartyContact? Contact { get; init; }

    /// <summary>Days from the issue date to the due date. The buyer's hold before the seller's.</summary>
    public int? PaymentDays { get; init; }

    /// <summary>Where a seller is paid (BG-17).</summary>
    public PaymentAccount? Payment { get; init; }

    /// <summary>IANA zone in which a seller's days begin: issue date, due date and the year of a number.</summary>
    public string? TimeZone { get; init; }

    /// <summary>How a seller's lines are taxed, where a request does not say it.</summary>
    public VatTerms? Vat { get; init; }
}

/// <summary>A postal address (BG-5, BG-8).</summary>
public sealed record PostalAddress
{
    public string? Street { get; init; }
    public string? City { get; init; }
    public string? PostCode { get; init; }
    public string? Region { get; init; }

    /// <summary>ISO 3166-1 alpha-2.</summary>
    public required string Country { get; init; }
}

/// <summary>An address with the scheme that it belongs to.</summary>
/// <param name="Scheme">Code of the electronic address scheme list (EAS), e.g. 9930, 0088, EM.</param>
/// <param name="Id">The address in it.</param>
public sealed record ElectronicAddress(string Scheme, string Id);

/// <summary>Whom to ask (BG-6).</summary>
public sealed record PartyContact
{
    public string? Name { get; init; }
    public string? Phone { get; init; }
    public string? Email { get; init; }
}

/// <summary>An account that is paid by credit transfer.</summary>
public sealed record PaymentAccount
{
    /// <summary>IBAN or a national account number (BT-84).</summary>
    public required string Account { get; init; }

    /// <summary>Name of the account (BT-85).</summary>
    public string? Name { get; init; }

    /// <summary>BIC or a national bank code (BT-86).</summary>
    public string? Bank { get; init; }

    /// <summary>UNCL 4461: 30 credit transfer (default), 58 SEPA credit transfer.</summary>
    public string Means { get; init; } = "30";
}
