using System.Collections.Immutable;
using NodaTime;

namespace GridServices.Tariffs.Invoices;

/// <summary>What an invoice document is.</summary>
public enum InvoiceKind
{
    /// <summary>UNCL 1001: 380.</summary>
    Invoice,

    /// <summary>384: only what has changed against what was invoiced before.</summary>
    Correction,

    /// <summary>381: takes back all that was invoiced; its amounts are positive where the buyer gets money.</summary>
    CreditNote,
}

/// <summary>
/// A document as it is (or, as a draft, would be) sent: complete in itself, never changed once it has a number. Amounts are in <see cref="Currency"/>,
/// rounded to its decimals; positive = the buyer pays, but for credit notes, where positive = the buyer gets back.
/// </summary>
public sealed record InvoiceDocument
{
    public required InvoiceKind Kind { get; init; }

    /// <summary>BT-1; absent = a draft.</summary>
    public string? Number { get; init; }

    /// <summary>BT-2, in the seller's zone; absent = a draft.</summary>
    public LocalDate? IssueDate { get; init; }

    /// <summary>BT-9, in the seller's zone; absent = a draft or a credit note.</summary>
    public LocalDate? DueDate { get; init; }

    public required string Currency { get; init; }
    public required InvoiceParty Seller { get; init; }
    public required InvoiceParty Buyer { get; init; }

    /// <summary>Days from issue to due date.</summary>
    public required int PaymentDays { get; init; }

    /// <summary>BT-10: what the buyer wants to find on it.</summary>
    public string? BuyerReference { get; init; }

    /// <summary>BT-18.</summary>
    public required string MeterId { get; init; }

    public required string TariffId { get; init; }

    /// <summary>First day (BT-73).</summary>
    public required LocalDate From { get; init; }

    /// <summary>First day that is no longer invoiced; BT-74 is the day before.</summary>
    public required LocalDate Until { get; init; }

    /// <summary>The lines of this document.</summary>
    public required ImmutableArray<InvoiceLine> Lines { get; init; }

    /// <summary>What the chain comes to with this document: the lines of the bill that holds now; empty = all is credited.</summary>
    public ImmutableArray<InvoiceLine> Position { get; init; } = [];

    /// <summary>By category and rate (BG-23).</summary>
    public required ImmutableArray<VatShare> Vat { get; init; }

    public required InvoiceTotals Totals { get; init; }

    /// <summary>Documents that this one corrects or takes back (BG-3), the latest last.</summary>
    public ImmutableArray<PrecedingInvoice> Preceding { get; init; } = [];

    /// <summary>Intervals or prices were missing or estimated: a true-up follows.</summary>
    public bool Provisional { get; init; }

    public int MissingIntervals { get; init; }
    public int EstimatedIntervals { get; init; }

    /// <summary>What a reader should know (BG-1).</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>The load of the period; absent = the meter's records are no longer those that were billed.</summary>
    public LoadPlot? Load { get; init; }
}

/// <summary>A document that came before.</summary>
/// <param name="Number">BT-25.</param>
/// <param name="IssueDate">BT-26.</param>
public sealed record PrecedingInvoice(string Number, LocalDate IssueDate);
