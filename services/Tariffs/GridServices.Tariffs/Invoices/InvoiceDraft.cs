using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Readers;
using GridServices.Wire;
using NodaTime.Text;

namespace GridServices.Tariffs.Invoices;

/// <summary>What an invoice is made of: a bill that is held, the parties, and what is known of the meter.</summary>
public sealed record InvoiceBasis
{
    public required Bill Bill { get; init; }
    public required InvoiceParty Seller { get; init; }
    public required InvoiceParty Buyer { get; init; }
    public required VatTerms Vat { get; init; }
    public required string MeterId { get; init; }
    public string? BuyerReference { get; init; }

    /// <summary>What the meter recorded over the bill's days; null = it is no longer what was billed.</summary>
    public IntervalSeries? Load { get; init; }

    /// <summary>Minutes of the demand window by charge id.</summary>
    public ImmutableDictionary<string, int> WindowMinutes { get; init; } = ImmutableDictionary<string, int>.Empty;
}

/// <summary>Makes the invoice of a bill: a line for each of its lines, VAT by category and rate, and the bill's own total to pay.</summary>
public static class InvoiceDraft
{
    private const int DefaultPaymentDays = 30;

    /// <summary>
    /// The draft, or why there is none. To pay is what the bill says (and the VAT that it does not have): rounded lines and VAT may sum to a little
    /// else; that is <see cref="InvoiceTotals.Rounding"/>, and more than rounding can explain is refused.
    /// </summary>
    public static ReadResult<InvoiceDocument> Create(InvoiceBasis basis)
    {
        var refusals = Refusals(basis);
        if (!refusals.IsEmpty)
        {
            return ReadResult<InvoiceDocument>.Refused(refusals);
        }

        var bill = basis.Bill;
        var digits = Currencies.MinorDigits(bill.Currency);
        ImmutableArray<InvoiceLine> lines =
        [
            .. bill.Months.SelectMany(m => Lines(m).Where(l => !IsVat(basis.Vat, l.Line)).Select(l => LineWriter.Write(basis, m, l.Line, l.Key, digits))),
        ];
        var vat = InvoiceTotals.Breakdown(lines, digits);
        // A tax that comes to nothing has no line, but the bill is with it.
        var vatInBill = bill.Taxes.Any(t => basis.Vat.InBill.Contains(t, StringComparer.Ordinal)) || bill.Months.Any(m => m.LineItems.Any(l => IsVat(basis.Vat, l)));
        var totals = InvoiceTotals.Compute(lines, vat, Rounding.Apply(bill.Payable, digits, RoundingMode.HalfUp) + (vatInBill ? 0 : vat.Sum(v => v.Tax)));
        var vatOfBill = bill.Months.Sum(m => m.LineItems.Where(l => IsVat(basis.Vat, l)).Sum(l => l.Amount));
        if (Math.Abs(totals.Rounding) > RoundingBounds.ForTotal(bill, lines, digits) || (vatInBill && Math.Abs(vatOfBill - totals.Vat) > RoundingBounds.ForVat(bill, lines, digits)))
        {
            return ReadResult<InvoiceDocument>.Refused(new ReadError(
                ErrorClass.SemanticNumber, "/vat", $"the lines come to {Text(totals.Net)} and their VAT to {Text(totals.Vat)}, but the bill says {Text(totals.Payable)}{(vatInBill ? $" with {Text(Rounding.Apply(vatOfBill, digits, RoundingMode.HalfUp))} of VAT" : string.Empty)}: more than rounding explains. Give rules with the categories and rates that the tariff taxes with"));
        }

        return ReadResult<InvoiceDocument>.Read(Document(basis, lines, vat, totals));
    }

    private static InvoiceDocument Document(InvoiceBasis basis, ImmutableArray<InvoiceLine> lines, ImmutableArray<VatShare> vat, InvoiceTotals totals)
    {
        var bill = basis.Bill;
        return new InvoiceDocument
        {
            Kind = InvoiceKind.Invoice,
            Currency = bill.Currency,
            Seller = basis.Seller with { Vat = null },
            Buyer = basis.Buyer with { Vat = null },
            PaymentDays = basis.Buyer.PaymentDays ?? basis.Seller.PaymentDays ?? DefaultPaymentDays,
            BuyerReference = basis.BuyerReference,
            MeterId = basis.MeterId,
            TariffId = bill.TariffId,
            From = bill.Months[0].From,
            Until = bill.Months[^1].Until,
            Lines = lines,
            Position = lines,
            Vat = vat,
            Totals = totals,
            Provisional = bill.Provisional,
            MissingIntervals = bill.Months.Sum(m => m.MissingIntervals),
            EstimatedIntervals = bill.Months.Sum(m => m.EstimatedIntervals),
            Notes = [.. Notes(basis)],
            Load = basis.Load is { } load ? LoadPlot.From(load) : null,
        };
    }

    private static IEnumerable<string> Notes(InvoiceBasis basis)
    {
        var bill = basis.Bill;
        if (bill.Provisional)
        {
            yield return $"Provisional: {bill.Months.Sum(m => m.MissingIntervals)} intervals are missing, {bill.Months.Sum(m => m.EstimatedIntervals)} are estimated. What was not measured is not charged beyond the lines; a true-up follows once the meter data are complete.";
        }

        if (bill.CreditCarried != 0)
        {
            yield return $"{Text(bill.CreditCarried)} {bill.Currency} of credit are carried to the next bill.";
        }

        if (basis.Load is null)
        {
            yield return "The meter's records have changed since this bill was calculated, so its load is not shown.";
        }

        foreach (var note in bill.Notes)
        {
            yield return note;
        }
    }

    /// <summary>The lines of a cycle with names that a later bill's lines have too; those that are alike are counted.</summary>
    private static IEnumerable<(LineItem Line, string Key)> Lines(BillPeriod month)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var line in month.LineItems)
        {
            var key = $"{LocalDatePattern.Iso.Format(month.From)}|{line.Kind}|{line.Charge}|{line.Period}|{line.Tier}|{line.Version}";
            var again = seen[key] = seen.GetValueOrDefault(key) + 1;
            yield return (line, again == 1 ? key : $"{key}|{again}");
        }
    }

    internal static bool IsVat(VatTerms vat, LineItem line) => line.Kind == LineKind.Tax && vat.InBill.Contains(line.Charge, StringComparer.Ordinal);

    private static ImmutableArray<ReadError> Refusals(InvoiceBasis basis)
    {
        var refusals = ImmutableArray.CreateBuilder<ReadError>();
        if (basis.Bill.Months.IsEmpty)
        {
            refusals.Add(new ReadError(ErrorClass.SemanticEmpty, "/runId", "the bill has no billing cycle"));
        }

        var items = basis.Bill.Months.SelectMany(m => m.LineItems).ToArray();
        foreach (var tax in items.Where(l => l.Kind == LineKind.Tax).Select(l => l.Charge).Distinct(StringComparer.Ordinal))
        {
            if (!basis.Vat.InBill.Concat(basis.Vat.OtherTaxes).Contains(tax, StringComparer.Ordinal))
            {
                refusals.Add(new ReadError(ErrorClass.SchemaInvalid, "/vat",
                    $"the bill has a tax '{SafeText.Short(tax)}': name it in inBill if it is the VAT, or in otherTaxes if it is invoiced as a line"));
            }
        }

        var lines = items.Where(l => !IsVat(basis.Vat, l)).ToArray();
        if (lines.Length == 0)
        {
            // BR-16: an invoice has at least one line.
            refusals.Add(new ReadError(ErrorClass.SemanticEmpty, "/runId", "the bill has no line to invoice; where these days are invoiced, credit takes that back"));
        }

        var categories = new HashSet<VatCategory>();
        foreach (var line in lines)
        {
            if (basis.Vat.FindRule(line) is { } rule)
            {
                categories.Add(rule.Category);
            }
            else
            {
                refusals.Add(new ReadError(ErrorClass.SchemaInvalid, "/vat/rules", $"no rule says how '{SafeText.Short(line.Charge)}' is taxed; add one for it, or one without kinds and charges"));
            }
        }

        refusals.AddRange(PartyRules.Check(basis.Seller, basis.Buyer, categories));
        return [.. refusals.Distinct()];
    }

    private static string Text(decimal amount) => Contracts.Json.ExactDecimal.Text(amount);
}
