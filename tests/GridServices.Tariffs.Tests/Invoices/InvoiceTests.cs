using System.Text;
using GridServices.Contracts;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Invoices;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Tests.Invoices;

/// <summary>An invoice of a real bill, and what is refused.</summary>
public sealed class InvoiceTests
{
    private static readonly Tariff Depot = Sample.Empty("Europe/Berlin") with
    {
        Schedules = [Sample.OnOff(17, 21)],
        Energy = [new EnergyCharge { Id = "energy", Schedule = "tou", Rates = [Sample.Rate("on", 0.38m), Sample.Rate("off", 0.24m)] }],
        Demand = [new DemandCharge { Id = "demand", Rates = [Sample.PerKw("all", 9.5m)], Window = new DemandWindow { Minutes = 15 } }],
        Adjustments = [new Adjustment { Id = "vat", Percent = 19 }],
    };

    private static readonly VatTerms Nineteen = new() { Rules = [new VatRule { Category = VatCategory.S, Rate = 19 }], InBill = ["vat"] };

    [Fact]
    public void Lines_say_their_formula_the_peak_has_its_window_and_the_sum_is_the_bills()
    {
        var invoice = InvoiceDraft.Create(Basis()).OrThrow();
        var demand = invoice.Lines.Single(l => l.Charge == "demand");

        // 96 quarter-hours at 40 kW, one at 100: 4 h x 40 kW in the evening, 20 h besides, 15 kWh more.
        Assert.Equal([("energy, on", 175m, "KWH", 66.5m), ("energy, off", 800m, "KWH", 192m), ("demand, all", 100m, "KWT", 950m)], invoice.Lines.Select(l => (l.Name, l.Quantity, l.UnitCode, l.Net)));
        Assert.Equal("175 kWh x 0.38 EUR per kWh = 66.5 EUR", invoice.Lines[0].Formula);
        var start = Instant.FromUtc(2026, 1, 15, 17, 0);
        Assert.Equal([new PeakInterval(start, start + Duration.FromMinutes(15), 100)], demand.Peaks);
        Assert.Equal([new VatShare(VatCategory.S, 19, 1208.5m, 229.62m, null)], invoice.Vat);
        Assert.Equal(new InvoiceTotals(1208.5m, 229.62m, 1438.12m, 0, 1438.12m), invoice.Totals);
        Assert.Equal((15, 96, 100m), (invoice.Load!.Minutes, invoice.Load.Kw.Length, invoice.Load.Kw.Max()));
    }

    [Fact]
    public void A_page_marks_the_peak_in_the_plot_and_escapes_what_parties_are_called()
    {
        var html = InvoiceHtml.Write(InvoiceChain.Issue(InvoiceDraft.Create(Basis()).OrThrow(), "A-1", new LocalDate(2026, 2, 3)));
        Assert.Contains("<circle class=\"peak\"", html, StringComparison.Ordinal);
        Assert.Contains("2026-01-15 18:00 to 2026-01-15 18:15", html, StringComparison.Ordinal);
        Assert.Contains("Strom &amp; Sohn &lt;GmbH&gt;", html, StringComparison.Ordinal);
        Assert.Contains("2026-02-17", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_not_measured_makes_it_provisional_and_is_not_charged()
    {
        var whole = InvoiceDraft.Create(Basis()).OrThrow();
        var part = InvoiceDraft.Create(Basis(missing: 4)).OrThrow();
        Assert.Equal((true, 4), (part.Provisional, part.MissingIntervals));
        Assert.StartsWith("Provisional: 4 intervals are missing", part.Notes[0], StringComparison.Ordinal);
        Assert.Null(part.Load!.Kw[0]);
        Assert.Equal(whole.Totals.Net - 40 * 0.24m, part.Totals.Net);
        Assert.Contains("true-up", InvoiceHtml.Write(part), StringComparison.Ordinal);
    }

    [Fact]
    public void A_true_up_invoices_the_difference_and_names_what_it_corrects()
    {
        var first = InvoiceChain.Issue(InvoiceDraft.Create(Basis(missing: 4)).OrThrow(), "A-1", new LocalDate(2026, 2, 3));
        var trueUp = InvoiceChain.Rebill([first], InvoiceDraft.Create(Basis()).OrThrow(), null).OrThrow();
        var line = Assert.Single(trueUp.Lines);

        // 9.6 and 1.82 of VAT are 11.42; the two bills differ by 1438.12 - 1426.69.
        Assert.Equal(("energy, off: difference", 40m, 9.6m, 11.43m), (line.Name, line.Quantity, line.Net, trueUp.Totals.Payable));
        Assert.Equal([new PrecedingInvoice("A-1", new LocalDate(2026, 2, 3))], trueUp.Preceding);
        Assert.StartsWith("True-up", trueUp.Notes[0], StringComparison.Ordinal);
        var again = InvoiceChain.Rebill([first, InvoiceChain.Issue(trueUp, "A-2", new LocalDate(2026, 2, 4))], InvoiceDraft.Create(Basis()).OrThrow(), null);
        Assert.Equal(ErrorClass.Conflict, Assert.Single(again.Refusals).Class);
    }

    [Fact]
    public void Vat_from_which_the_tariff_exempts_is_not_put_on_top()
    {
        var basis = Basis();
        var exempt = basis.Bill with
        {
            Months = [.. basis.Bill.Months.Select(m => m with { LineItems = [.. m.LineItems.Where(l => l.Kind != LineKind.Tax)], Total = 1208.5m, RoundedTotal = 1208.5m })],
            Total = 1208.5m,
            Payable = 1208.5m,
        };
        Assert.Equal(["vat"], exempt.Taxes);
        Assert.Equal("/vat", Assert.Single(InvoiceDraft.Create(basis with { Bill = exempt }).Refusals).Path);
        var free = Nineteen with { Rules = [new VatRule { Category = VatCategory.E, Reason = "exempt" }] };
        Assert.Equal(1208.5m, InvoiceDraft.Create(basis with { Bill = exempt, Vat = free }).OrThrow().Totals.Payable);
    }

    [Fact]
    public void A_rate_that_is_not_the_bills_is_refused_for_it_is_more_than_rounding()
    {
        var refused = InvoiceDraft.Create(Basis() with { Vat = Nineteen with { Rules = [new VatRule { Category = VatCategory.S, Rate = 7 }] } });
        Assert.Equal(("/vat", ErrorClass.SemanticNumber), (Assert.Single(refused.Refusals).Path, refused.Refusals[0].Class));
    }

    [Theory]
    [InlineData(null, "5", RoundingLevel.Bill)]
    [InlineData(0, null, RoundingLevel.Bill)]
    [InlineData(0, null, RoundingLevel.Period)]
    public void What_a_bill_rounds_coarsely_hides_no_other_rate(int? scale, string? cashStep, RoundingLevel level)
    {
        var basis = Basis(rounding: new Rounding { Scale = scale, Level = level, CashStep = cashStep is null ? null : decimal.Parse(cashStep, System.Globalization.CultureInfo.InvariantCulture) });
        Assert.Equal(basis.Bill.Payable, InvoiceDraft.Create(basis).OrThrow().Totals.Payable);
        var refused = InvoiceDraft.Create(basis with { Vat = Nineteen with { Rules = [new VatRule { Category = VatCategory.S, Rate = 18.9m }] } });
        Assert.Equal(("/vat", ErrorClass.SemanticNumber), (Assert.Single(refused.Refusals).Path, refused.Refusals[0].Class));
    }

    [Fact]
    public void A_price_that_four_decimals_do_not_hold_to_the_third_decimal_of_a_dinar_becomes_one_piece()
    {
        // 200,000,000 kWh x 0.007123456785: at 7123.4568 per 10^6 kWh it would be off by 0.003.
        var line = new LineItem { Kind = LineKind.Energy, Charge = "e", Quantity = 200_000_000, Unit = "kWh", Rate = 0.007123456785m, Amount = 1_424_691.357m };
        Assert.Equal((1m, "C62", 1_424_691.357m, 1m), LineWriter.Priced(line, 3));
        Assert.Equal("KWH", LineWriter.Priced(line, 2).Unit);
    }

    [Fact]
    public void A_credit_note_waits_for_nothing_and_what_follows_is_a_new_invoice()
    {
        var first = InvoiceChain.Issue(InvoiceDraft.Create(Basis(missing: 4)).OrThrow(), "A-1", new LocalDate(2026, 2, 3));
        var credit = InvoiceChain.Issue(InvoiceChain.Credit([first], null).OrThrow(), "A-2", new LocalDate(2026, 2, 4));
        Assert.Equal((false, 0, 0), (credit.Provisional, credit.MissingIntervals, credit.EstimatedIntervals));
        Assert.StartsWith("New invoice after the credit", InvoiceChain.Rebill([first, credit], InvoiceDraft.Create(Basis()).OrThrow(), null).OrThrow().Notes[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_out_of_the_scope_of_VAT_are_not_invoiced_beside_the_taking_back_of_taxed_ones()
    {
        var first = InvoiceChain.Issue(InvoiceDraft.Create(Basis()).OrThrow(), "A-1", new LocalDate(2026, 2, 3));
        var outside = Basis() with { Vat = new VatTerms { Rules = [new VatRule { Category = VatCategory.O, Reason = "outside" }], OtherTaxes = ["vat"] } };
        var later = InvoiceDraft.Create(outside).OrThrow();
        Assert.Contains("credit that one first", InvoiceChain.Rebill([first], later, null).Refusals[0].Detail, StringComparison.Ordinal);
        var credit = InvoiceChain.Issue(InvoiceChain.Credit([first], null).OrThrow(), "A-2", new LocalDate(2026, 2, 4));
        Assert.Equal([VatCategory.O], InvoiceChain.Rebill([first, credit], later, null).OrThrow().Vat.Select(v => v.Category));
    }

    [Fact]
    public void A_contact_that_says_nothing_is_no_element()
    {
        var document = InvoiceChain.Issue(InvoiceDraft.Create(Basis() with { Seller = RandomBill.Seller with { Contact = new PartyContact() } }).OrThrow(), "A-1", new LocalDate(2026, 2, 3));
        Assert.DoesNotContain("Contact", UblXml.Write(document), StringComparison.Ordinal);
    }

    [Fact]
    public void Nobody_sells_to_oneself() =>
        Assert.Equal("/buyerId", Assert.Single(InvoiceRequest.Read("""{"runId":"r","meterId":"m","sellerId":"cpo","buyerId":"cpo","seriesId":"s"}"""u8.ToArray()).Refusals).Path);

    [Fact]
    public void A_tax_of_the_bill_is_never_taken_for_VAT_or_for_a_line_by_guess()
    {
        var refused = InvoiceDraft.Create(Basis() with { Vat = Nineteen with { InBill = [] } });
        Assert.Contains("a tax 'vat'", Assert.Single(refused.Refusals).Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"rules":[{"category":"AE","reason":"Reverse charge"}],"otherTaxes":["vat"]}""", "/buyerId")]
    [InlineData("""{"rules":[{"category":"O","reason":"outside","charges":["energy"]},{"category":"S","rate":19}],"otherTaxes":["vat"]}""", "/vat/rules")]
    [InlineData("""{"rules":[{"category":"S","rate":19,"charges":["energy"]}],"otherTaxes":["vat"]}""", "/vat/rules")]
    public void Categories_that_the_parties_or_each_other_do_not_allow_are_refused(string vat, string at)
    {
        var terms = PartyJson.Read(Encoding.UTF8.GetBytes($$"""{"name":"n","address":{"country":"DE"},"vat":{{vat}}}""")).OrThrow().Vat!;
        var refused = InvoiceDraft.Create(Basis() with { Vat = terms, Buyer = RandomBill.Buyer with { VatId = null } });
        Assert.Contains(refused.Refusals, r => r.Path == at);
    }

    [Theory]
    [InlineData("""{"name":"n","address":{"country":"XX"}}""", "/address/country")]
    [InlineData("""{"name":"n","address":{"country":"DE"},"vatId":"123456789"}""", "/vatId")]
    [InlineData("""{"name":"n","address":{"country":"DE"},"timeZone":"Mars"}""", "/timeZone")]
    [InlineData("""{"name":"n","address":{"country":"DE"},"paymentDays":-1}""", "/paymentDays")]
    [InlineData("""{"name":"n","address":{"country":"DE"},"vat":{"rules":[{"category":"S","rate":0}]}}""", "/vat/rules/0/rate")]
    [InlineData("""{"name":"n","address":{"country":"DE"},"vat":{"rules":[{"category":"E"}]}}""", "/vat/rules/0/reason")]
    [InlineData("""{"name":" ","address":{"country":"DE"}}""", "/name")]
    [InlineData("""{"name":"n","address":{"country":"DE"},"vatid":"DE1"}""", "/vatid")]
    public void A_party_that_no_invoice_can_name_is_refused_where_it_is_wrong(string party, string at) =>
        Assert.Contains(PartyJson.Read(Encoding.UTF8.GetBytes(party)).Refusals, r => r.Path == at);

    [Theory]
    [InlineData("CPO-{year}-{number:5}", "CPO-2026-00042")]
    [InlineData("{year}{number}", "202642")]
    [InlineData("{number}/{year}", "42/2026")]
    public void Numbers_follow_the_format_of_their_series(string format, string number)
    {
        Assert.Null(NumberSeries.Fault(format));
        Assert.Equal(number, new NumberSeries { SellerId = "s", Format = format }.Number(2026, 42));
    }

    [Theory]
    [InlineData("INV-{number}")]
    [InlineData("INV-{year}")]
    [InlineData("{number}{year}")]
    [InlineData("{year}-{number}-{number}")]
    [InlineData("{year}-{number}<")]
    [InlineData(" {year}-{number}")]
    public void A_format_under_which_two_numbers_could_be_alike_is_refused(string format) => Assert.NotNull(NumberSeries.Fault(format));

    [Theory]
    [InlineData("CPO-{year}-{number:5}", "CPO-{year}-{number:5}", true)]
    [InlineData("CPO-{year}-{number:5}", "CPO-{year}-{number}", true)]
    [InlineData("A{year}-{number}", "A{year}-1{number}", true)]
    [InlineData("A{number}/{year}", "A1{number:3}/{year}", true)]
    [InlineData("A{year}{number}", "A2{year}{number}", true)]
    [InlineData("A{year}-{number}", "B{year}-{number}", false)]
    [InlineData("A{year}-{number}", "A{year}/{number}", false)]
    [InlineData("A{year}-{number}", "A{year}-{number}C", false)]
    [InlineData("A{year}-{number}", "A{year}-C{number}", false)]
    public void Series_whose_numbers_could_read_alike_are_known(string one, string other, bool alike)
    {
        var (a, b) = (new NumberSeries { SellerId = "s", Format = one }, new NumberSeries { SellerId = "s", Format = other });
        Assert.Equal((alike, alike), (a.CanReadLike(b), b.CanReadLike(a)));
    }

    private static InvoiceBasis Basis(int missing = 0, Rounding? rounding = null)
    {
        var start = Instant.FromUtc(2026, 1, 14, 23, 0);
        var kw = Enumerable.Repeat(40m, 96).ToArray();
        kw[72] = 100;
        Array.Fill(kw, 0, 0, missing);
        var series = IntervalSeries.Create(start, Duration.FromMinutes(15), IntervalUnit.Kw, kw).Marked(missing == 0 ? [] : [new IndexRange(0, missing)], []);
        return new InvoiceBasis
        {
            Bill = Sample.Bill(rounding is null ? Depot : Depot with { Rounding = rounding }, series, new BillingCycle(new LocalDate(2026, 1, 15), new LocalDate(2026, 1, 16))),
            Seller = RandomBill.Seller,
            Buyer = RandomBill.Buyer,
            Vat = Nineteen,
            MeterId = "main",
            Load = series,
            WindowMinutes = System.Collections.Immutable.ImmutableDictionary<string, int>.Empty.Add("demand", 15),
        };
    }
}
