using System.Security.Cryptography;
using System.Text;
using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Tariffs.Invoices;
using NodaTime;

namespace GridServices.Tariffs.Service.Invoices;

/// <summary>A document as it is stored, and the kind of the one that follows it.</summary>
internal sealed class InvoiceRow
{
    private InvoiceDocument? document;

    public string Tenant { get; set; } = string.Empty;
    public string InvoiceId { get; set; } = string.Empty;
    public string ChainId { get; set; } = string.Empty;

    /// <summary>0 = the chain's first.</summary>
    public long Place { get; set; }

    public string Kind { get; set; } = string.Empty;
    public string? Number { get; set; }
    public string SellerId { get; set; } = string.Empty;
    public string BuyerId { get; set; } = string.Empty;
    public string SeriesId { get; set; } = string.Empty;
    public string RunId { get; set; } = string.Empty;
    public string MeterId { get; set; } = string.Empty;
    public string SiteId { get; set; } = string.Empty;
    public string PeriodFrom { get; set; } = string.Empty;
    public string PeriodUntil { get; set; } = string.Empty;
    public string? IssueDate { get; set; }
    public string? DueDate { get; set; }
    public string Currency { get; set; } = string.Empty;
    public string Payable { get; set; } = string.Empty;
    public long Provisional { get; set; }
    public string Content { get; set; } = string.Empty;
    public string Hash { get; set; } = string.Empty;
    public Instant CreatedAt { get; set; }

    /// <summary>Kind of the document that corrects or credits this one; null = none does.</summary>
    public string? NextKind { get; set; }

    public InvoiceState State => Number is null ? InvoiceState.Draft : NextKind is null ? InvoiceState.Issued : NextKind == nameof(InvoiceKind.CreditNote)
        ? InvoiceState.Credited : InvoiceState.Rebilled;

    /// <summary>The content, if it is what was stored: a digit that changed on the disk must not be sent or credited.</summary>
    /// <exception cref="ProblemException">UNAVAILABLE: it is not.</exception>
    public InvoiceDocument Document => document ??= ComputeHash(Content) == Hash
        ? InvoiceJson.Read<InvoiceDocument>(Content)
        : throw new ProblemException(ErrorClass.Unavailable, $"The stored content of invoice '{InvoiceId}' does not fit its hash: it was damaged in the store. Restore the store from a copy.");

    public static string ComputeHash(string content) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)));
}
