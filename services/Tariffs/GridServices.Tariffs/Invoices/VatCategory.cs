using System.Text.Json.Serialization;

namespace GridServices.Tariffs.Invoices;

/// <summary>VAT categories of EN 16931 (UNCL 5305) that this service invoices with; the names are the codes.</summary>
public enum VatCategory
{
    /// <summary>Standard or reduced rate, above 0.</summary>
    [JsonStringEnumMemberName("S")]
    S,

    /// <summary>Zero rated.</summary>
    [JsonStringEnumMemberName("Z")]
    Z,

    /// <summary>Exempt; the reason is stated.</summary>
    [JsonStringEnumMemberName("E")]
    E,

    /// <summary>Reverse charge: the buyer accounts for the VAT.</summary>
    [JsonStringEnumMemberName("AE")]
    AE,

    /// <summary>Outside the scope of VAT.</summary>
    [JsonStringEnumMemberName("O")]
    O,
}
