using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Tariffs.Readers;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Tariffs.Invoices;

/// <summary>
/// What becomes of an invoice:
/// <code>
///   draft ─issue▶ invoice ─▶ credit note      all is taken back: the chain comes to 0
///                        └─▶ correction …     what a later bill changes, line by line: the chain comes to that bill
/// </code>
/// Every document says what the chain comes to (<see cref="InvoiceDocument.Position"/>), so the next one needs the last and the sum paid only.
/// </summary>
public static class InvoiceChain
{
    /// <summary>A draft with its number and dates.</summary>
    /// <param name="draft">As it was drafted.</param>
    /// <param name="number">The next of its series.</param>
    /// <param name="issued">The day, in the seller's zone.</param>
    public static InvoiceDocument Issue(InvoiceDocument draft, string number, LocalDate issued) => draft with
    {
        Number = number,
        IssueDate = issued,
        DueDate = draft.Kind == InvoiceKind.CreditNote ? null : issued.PlusDays(draft.PaymentDays),
    };

    /// <summary>The day on which something happens, where the seller is.</summary>
    public static LocalDate GetDate(InvoiceParty seller, Instant now) => now.InZone(DateTimeZoneProviders.Tzdb[seller.TimeZone!]).Date;

    /// <summary>What the documents of a chain come to: credit notes take away.</summary>
    public static decimal Payable(IEnumerable<InvoiceDocument> chain) => chain.Sum(d => d.Kind == InvoiceKind.CreditNote ? -d.Totals.Payable : d.Totals.Payable);

    /// <summary>Takes back all that a chain has invoiced, or says why not.</summary>
    /// <param name="chain">All its issued documents, the latest last.</param>
    /// <param name="reason">In plain words, for the buyer.</param>
    public static ReadResult<InvoiceDocument> Credit(ImmutableArray<InvoiceDocument> chain, string? reason)
    {
        var last = chain[^1];
        if (last.Position.IsEmpty)
        {
            return Refused(ErrorClass.Conflict, "/", $"{last.Number} has taken back all of it already; there is nothing left to credit");
        }

        var vat = InvoiceTotals.Breakdown(last.Position, Currencies.MinorDigits(last.Currency));
        return ReadResult<InvoiceDocument>.Read(Next(chain, last) with
        {
            Kind = InvoiceKind.CreditNote,
            Lines = last.Position,
            Position = [],
            Vat = vat,
            Totals = InvoiceTotals.Compute(last.Position, vat, Payable(chain)),

            // Nothing is open any more: no true-up follows.
            Provisional = false,
            MissingIntervals = 0,
            EstimatedIntervals = 0,
            Notes = [$"Credit of all that was invoiced: {string.Join(", ", chain.Select(d => d.Number))}.", .. reason is null ? ImmutableArray<string>.Empty : [reason]],
        });
    }

    /// <summary>What a later bill of the same meter and days changes, or why that cannot be.</summary>
    /// <param name="chain">All its issued documents, the latest last.</param>
    /// <param name="later">The draft of the later bill.</param>
    /// <param name="reason">In plain words, for the buyer.</param>
    public static ReadResult<InvoiceDocument> Rebill(ImmutableArray<InvoiceDocument> chain, InvoiceDocument later, string? reason)
    {
        var last = chain[^1];
        if ((last.MeterId, last.From, last.Until) != (later.MeterId, later.From, later.Until) || last.Currency != later.Currency)
        {
            return Refused(ErrorClass.SemanticReference, "/runId",
                $"{last.Number} is of meter '{last.MeterId}' from {last.From:uuuu-MM-dd} until {last.Until:uuuu-MM-dd} in {last.Currency}; the later bill must be of the same");
        }

        var isNew = last.Position.IsEmpty;
        var lines = isNew ? later.Lines : LineDelta.Compute(last.Position, later.Position);
        var due = later.Totals.Payable - Payable(chain);
        if (lines.IsEmpty)
        {
            return Refused(ErrorClass.Conflict, "/runId", $"this bill is what {last.Number} says already; there is nothing to correct");
        }

        // What is taken back has the VAT that it was invoiced with, maybe another than the later bill's.
        var unfit = PartyRules.Check(later.Seller, later.Buyer, lines.Select(l => l.Category).ToHashSet());
        if (!unfit.IsEmpty)
        {
            return ReadResult<InvoiceDocument>.Refused([.. unfit.Select(
                u => u with { Detail = $"{u.Detail}. This would take back lines of {last.Number} beside new ones; credit that one first, then rebill" })]);
        }

        var vat = InvoiceTotals.Breakdown(lines, Currencies.MinorDigits(last.Currency));
        var what = last.Provisional ? "True-up of what was provisional" : isNew ? "New invoice after the credit" : "Correction";
        return ReadResult<InvoiceDocument>.Read(later with
        {
            Kind = isNew ? InvoiceKind.Invoice : InvoiceKind.Correction,
            Lines = lines,
            Vat = vat,
            Totals = InvoiceTotals.Compute(lines, vat, due),
            Preceding = Preceding(chain),
            Notes = [isNew ? $"{what}: {last.Number}." : $"{what}: what has changed against {string.Join(", ", chain.Select(d => d.Number))}.",
                .. reason is null ? ImmutableArray<string>.Empty : [reason], .. later.Notes],
        });
    }

    private static InvoiceDocument Next(ImmutableArray<InvoiceDocument> chain, InvoiceDocument last) => last with { Number = null, IssueDate = null, DueDate = null, Preceding = Preceding(chain) };

    private static ImmutableArray<PrecedingInvoice> Preceding(ImmutableArray<InvoiceDocument> chain) => [.. chain.Select(d => new PrecedingInvoice(d.Number!, d.IssueDate!.Value))];

    private static ReadResult<InvoiceDocument> Refused(ErrorClass error, string at, string detail) => ReadResult<InvoiceDocument>.Refused(new ReadError(error, at, detail));
}
