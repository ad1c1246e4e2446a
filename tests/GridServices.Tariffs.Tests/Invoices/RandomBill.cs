using System.Collections.Immutable;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Invoices;
using NodaTime;

namespace GridServices.Tariffs.Tests.Invoices;

/// <summary>Bills, parties and VAT terms as odd as they come: many digits, negative prices, lines of one cent, taxes, several cycles. One seed, one case.</summary>
internal sealed class RandomBill(int seed)
{
    private static readonly string[] Currency = ["EUR", "EUR", "EUR", "USD", "JPY", "KWD"];
    private static readonly string[] Units = ["kWh", "kWh", "kW", "kVA", "kvarh", "day", "kW-month", "billing period", "month"];
    private readonly Random random = new(seed);

    public static readonly InvoiceParty Seller = new()
    {
        Name = "Strom & Sohn <GmbH>",
        Address = new PostalAddress { Street = "Am Deich 1", City = "Bremen", PostCode = "28195", Country = "DE" },
        VatId = "DE123456789",
        LegalId = "HRB 1234",
        TimeZone = "Europe/Berlin",
        PaymentDays = 14,
        Electronic = new ElectronicAddress("EM", "billing@strom.example"),
        Payment = new PaymentAccount { Account = "DE02120300000000202051", Means = "58" },
        Contact = new PartyContact { Name = "Billing", Email = "billing@strom.example" },
    };

    public static readonly InvoiceParty Buyer = new()
    {
        Name = "Depot B.V.",
        Address = new PostalAddress { City = "Utrecht", Country = "NL" },
        VatId = "NL123456789B01",
        Account = "K-77",
    };

    /// <summary>A basis whose VAT is on top or in the bill.</summary>
    public InvoiceBasis Basis()
    {
        var vat = Terms();
        return new InvoiceBasis { Bill = Bill(vat), Seller = Seller, Buyer = Buyer, Vat = vat, MeterId = "m-1" };
    }

    /// <summary>The same meter, days, currency and taxes with other readings: some lines change, some go, some come.</summary>
    public static InvoiceBasis Later(InvoiceBasis earlier, int seed)
    {
        var odd = new RandomBill(seed);
        var lines = earlier.Bill.Months[0].LineItems.Where(l => l.Kind != LineKind.Tax).Select(l => odd.random.Next(4) switch
        {
            0 => l,
            1 => Line(l.Kind, l.Charge, l.Unit, l.Quantity + odd.Digits(3), l.Rate),
            2 => Line(l.Kind, l.Charge, l.Unit, l.Quantity, l.Rate + odd.Digits(5) / 100),
            _ => null,
        }).OfType<LineItem>().ToList();
        lines.Add(Line(LineKind.Fixed, $"new{seed}", "month", 1, odd.Digits(2)));
        return earlier with { Bill = Sum(earlier.Bill, lines, earlier.Vat) };
    }

    private Bill Bill(VatTerms vat)
    {
        var lines = Enumerable.Range(0, random.Next(1, 9)).Select(i => Line(
            (LineKind)random.Next(0, 4), $"c{i}", Units[random.Next(Units.Length)], Digits(random.Next(0, 9)), (random.Next(4) == 0 ? -1 : 1) * Digits(random.Next(0, 15)) / (random.Next(2) == 0 ? 100 : 1)));
        var bill = new Bill
        {
            Currency = Currency[random.Next(Currency.Length)],
            TariffId = "t",
            TariffHashes = ["h"],
            Rounding = Rounding.Invoice,
            Months = [],
            Total = 0,
            Payable = 0,
        };
        return Sum(bill, [.. lines], vat);
    }

    /// <summary>The bill over lines, with the tax lines that its terms say.</summary>
    private static Bill Sum(Bill bill, List<LineItem> lines, VatTerms vat)
    {
        List<LineItem> all = [.. lines];
        if (!vat.InBill.IsEmpty)
        {
            foreach (var rule in lines.Select(l => vat.FindRule(l)!).Distinct())
            {
                all.Add(Line(LineKind.Tax, "vat", bill.Currency, lines.Where(l => vat.FindRule(l) == rule).Sum(l => l.Amount), rule.Rate / 100));
            }
        }

        var total = all.Sum(l => l.Amount);
        var month = new BillPeriod
        {
            From = new LocalDate(2026, 1, 1),
            Until = new LocalDate(2026, 2, 1),
            Total = total,
            RoundedTotal = total,
            ImportKwh = 0,
            ExportKwh = 0,
            PeakKw = 0,
            LineItems = [.. all],
        };
        return bill with { Months = [month], Total = total, Payable = bill.Rounding.Payable(total, bill.Currency) };
    }

    private VatTerms Terms()
    {
        ImmutableArray<VatRule> rules = random.Next(4) switch
        {
            0 => [new VatRule { Category = VatCategory.O, Reason = "outside the scope" }],
            1 => [new VatRule { Category = VatCategory.AE, Reason = "Reverse charge" }],
            2 => [Rule(VatCategory.S, 7.7m, LineKind.Fixed), new VatRule { Category = VatCategory.E, Reason = "exempt", Kinds = [LineKind.Export] }, new VatRule { Category = VatCategory.Z, Charges = ["c2"] }, Rule(VatCategory.S, 19)],
            _ => [Rule(VatCategory.S, 25)],
        };
        return new VatTerms { Rules = rules, InBill = random.Next(2) == 0 ? ["vat"] : [] };
    }

    private static VatRule Rule(VatCategory category, decimal rate, params ImmutableArray<LineKind> kinds) => new() { Category = category, Rate = rate, Kinds = kinds };

    private static LineItem Line(LineKind kind, string charge, string unit, decimal quantity, decimal rate) => new()
    {
        Kind = kind,
        Charge = charge,
        Quantity = quantity,
        Unit = unit,
        Rate = rate,
        Amount = LineItem.RoundAmount(quantity * rate),
    };

    private decimal Digits(int digits) => Math.Round(random.Next(0, 40_000) / 7m, digits);
}
