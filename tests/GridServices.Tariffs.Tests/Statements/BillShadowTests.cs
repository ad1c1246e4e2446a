using System.Collections.Immutable;
using System.Text;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Requests;
using GridServices.Tariffs.Statements;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Tests.Statements;

/// <summary>The utility's bill held against ours: what is wrong with it is found, and what is not known is not made up.</summary>
public sealed class BillShadowTests
{
    private const string Tariff = """
        {"schemaVersion":1,"id":"depot","currency":"EUR","timeZone":"Etc/UTC",
         "energy":[{"id":"energy","name":"Energy","rates":[{"period":"all","tiers":[{"upTo":1000,"price":0.20},{"price":0.30}]}]}],
         "demand":[{"id":"demand","rates":[{"period":"all","tiers":[{"price":10}]}],"window":{"minutes":30}}],
         "fixed":[{"id":"service","amount":25,"per":"month"}],
         "riders":[{"id":"fuel","per":"kwh","price":0.01}],
         "adjustments":[{"id":"vat","kind":"tax","percent":20}]}
        """;

    private static readonly BillRequest Request = Made(new LocalDate(2026, 1, 1), new LocalDate(2026, 2, 1));
    private static readonly Bill Ours = Request.Bill();

    [Fact]
    public void A_statement_that_is_right_agrees_line_by_line()
    {
        var comparison = Compare(Lines(Ours));
        Assert.True(comparison.Agrees);
        Assert.Equal((6, 6, 1m, 0m), (comparison.Accuracy.Lines, comparison.Accuracy.AgreeingLines, comparison.Accuracy.AgreeingShare!.Value, comparison.Accuracy.Unexplained!.Value));
        Assert.Empty(comparison.Reasons);
    }

    [Fact]
    public void Another_cycle_is_found_from_the_lines_and_from_the_total_alone()
    {
        var shifted = Made(new LocalDate(2025, 12, 30), new LocalDate(2026, 1, 31)).Bill();
        var energy = Line(Compare(Lines(shifted)), "fuel");
        Assert.Equal(StatementCause.OtherCycle, energy.Reasons[0].Cause);
        Assert.Contains("from 2025-12-30 until 2026-01-31", energy.Reasons[0].Text, StringComparison.Ordinal);
        var total = BillShadow.Compare(Request, Ours, new Statement { Total = shifted.Payable });
        Assert.Equal((false, StatementCause.OtherCycle), (total.Agrees, total.Reasons[0].Cause));
        Assert.Contains("from 2025-12-30 until 2026-01-31", total.Reasons[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_demand_of_shorter_windows_is_found()
    {
        var demand = Line(Compare(Changed("demand", l => l with { Quantity = 20, Amount = 200 })), "demand");
        Assert.Equal((StatementCause.OtherWindow, 50m), (demand.Reasons[0].Cause, demand.Difference));
        Assert.Contains("windows of 15 min is 20 kW", demand.Reasons[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Energy_at_the_price_of_another_tier_is_found()
    {
        var lines = Lines(Ours).Select(l => l is { Charge: "energy", Tier: 2 } ? l with { Rate = 0.20m, Amount = decimal.Round(l.Quantity!.Value * 0.20m, 2) } : l).ToImmutableArray();
        var tier = Compare(lines).Lines.Single(l => l is { Charge: "energy", Tier: 2 });
        Assert.Equal((StatementCause.WrongTier, false), (tier.Reasons[0].Cause, tier.Agrees));
    }

    [Fact]
    public void A_missing_rider_is_named_and_the_tax_follows_it()
    {
        var fuel = Ours.Months[0].LineItems.Single(i => i.Charge == "fuel").Amount;
        var lines = Lines(Ours).Where(l => l.Charge != "fuel").Select(l => l.Charge == "vat" ? l with { Amount = decimal.Round(l.Amount - fuel * 0.2m, 2), Quantity = null } : l).ToImmutableArray();
        var comparison = Compare(lines);
        Assert.Equal((StatementCause.NotOnStatement, -fuel), (Line(comparison, "fuel").Reasons[0].Cause, Line(comparison, "fuel").Difference));
        Assert.Equal(StatementCause.FollowsOthers, Line(comparison, "vat").Reasons[0].Cause);
        Assert.InRange(comparison.Accuracy.Unexplained!.Value, 0, 0.02m);

        var total = BillShadow.Compare(Request, Ours, new Statement { Total = decimal.Round(Ours.Total - fuel * 1.2m, 2) });
        Assert.Contains(total.Reasons, r => r.Cause == StatementCause.NotOnStatement && r.Text.Contains("'fuel'", StringComparison.Ordinal));
    }

    [Fact]
    public void A_line_that_our_tariff_has_not_is_told_with_what_it_would_be_per_kWh()
    {
        var lines = Lines(Ours).Add(new StatementLine { Text = "Storm recovery", Amount = 13.37m });
        var storm = Compare(lines).Lines.Single(l => l.Text == "Storm recovery");
        Assert.Equal((StatementCause.NotInTariff, 13.37m, null), (storm.Reasons[0].Cause, storm.Difference, storm.OurAmount));
        Assert.Contains("EUR/kWh", storm.Reasons[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_estimated_reading_explains_nothing_exactly_and_says_so()
    {
        var lines = Changed("fuel", l => l with { Quantity = 1999, Amount = 19.99m });
        var comparison = BillShadow.Compare(Request, Ours, new Statement { Lines = lines, Estimated = true });
        var fuel = Line(comparison, "fuel");
        Assert.Equal([StatementCause.EstimatedRead, StatementCause.OtherQuantity], fuel.Reasons.Select(r => r.Cause));
        Assert.Null(fuel.Reasons[0].Leaves);
        Assert.Null(comparison.Accuracy.Unexplained);
    }

    [Theory]
    [InlineData(40, StatementCause.Multiplier)]
    [InlineData(2, StatementCause.BilledTwice)]
    [InlineData(-1, StatementCause.SignTurned)]
    [InlineData(1.2, StatementCause.Taxes)]
    public void A_line_that_is_ours_times_something_says_what(double times, StatementCause cause) =>
        Assert.Equal(cause, Line(Compare(Changed("demand", l => l with { Quantity = null, Rate = null, Amount = l.Amount * (decimal)times })), "demand").Reasons[0].Cause);

    [Fact]
    public void A_number_that_nothing_gives_is_unexplained()
    {
        var demand = Line(Compare(Changed("demand", l => l with { Quantity = null, Rate = null, Amount = 171.23m })), "demand");
        Assert.Equal((StatementCause.Unexplained, 21.23m), (Assert.Single(demand.Reasons).Cause, demand.Reasons[0].Leaves!.Value));
        var total = BillShadow.Compare(Request, Ours, new Statement { Total = Ours.Payable + 777.77m });
        Assert.Equal(StatementCause.Unexplained, Assert.Single(total.Reasons).Cause);
    }

    [Fact]
    public void Lines_that_do_not_sum_to_the_total_are_told()
    {
        var comparison = BillShadow.Compare(Request, Ours, new Statement { Lines = Lines(Ours), Total = Ours.Payable + 5 });
        Assert.Equal((StatementCause.Arithmetic, false), (Assert.Single(comparison.Reasons).Cause, comparison.Agrees));
    }

    [Fact]
    public void Lines_without_charges_are_matched_by_what_is_printed_and_never_by_a_guess()
    {
        var printed = Lines(Ours).Select(l => new StatementLine { Text = l.Text, Quantity = l.Quantity, Unit = l.Unit, Rate = l.Rate, Amount = l.Amount }).ToImmutableArray();
        Assert.True(Compare(printed).Agrees);
        var strange = BillShadow.Compare(Request, Ours, new Statement { Lines = [new StatementLine { Text = "Miscellaneous", Amount = 3.21m }] });
        Assert.Equal(StatementCause.NotInTariff, strange.Lines[0].Reasons[0].Cause);
    }

    [Theory]
    [InlineData("""{"lines":[]}""", "/statement")]
    [InlineData("""{"total":10,"currency":"USD"}""", "/statement/currency")]
    [InlineData("""{"total":10,"from":"2026-01-01"}""", "/statement/until")]
    [InlineData("""{"lines":[{"amount":1,"period":"all"}]}""", "/statement/lines/0/charge")]
    public void A_statement_that_cannot_be_is_refused_at_its_place(string statement, string at)
    {
        var read = StatementRequest.Read(Encoding.UTF8.GetBytes($$"""{"tariff":{{Tariff}},"intervals":{"start":"2026-01-01","minutes":60,"kW":[1,2]},"statement":{{statement}}}"""));
        Assert.Equal(at, Assert.Single(read.Refusals).Path);
    }

    [Fact]
    public void The_statements_own_days_are_the_cycle_where_none_is_named()
    {
        var read = StatementRequest.Read(Encoding.UTF8.GetBytes(
            $$$"""{"tariff":{{{Tariff}}},"intervals":{"start":"2026-01-01","minutes":1440,"kWh":[10,20,30]},"statement":{"total":"1","from":"2026-01-02","until":"2026-01-04"}}"""));
        Assert.Equal([new BillingCycle(new LocalDate(2026, 1, 2), new LocalDate(2026, 1, 4))], read.OrThrow().Site.Cycles);
        Assert.Contains(read.Value!.Compare().Accuracy.Assumptions, a => a.Contains("rounds each of its lines to 0.01 EUR", StringComparison.Ordinal));
    }

    private static StatementComparison Compare(ImmutableArray<StatementLine> lines) => BillShadow.Compare(Request, Ours, new Statement { Lines = lines });

    private static StatementDifference Line(StatementComparison comparison, string charge) => comparison.Lines.Single(l => l.Charge == charge);

    private static ImmutableArray<StatementLine> Changed(string charge, Func<StatementLine, StatementLine> change) => [.. Lines(Ours).Select(l => l.Charge == charge ? change(l) : l)];

    /// <summary>A bill as a utility prints it: each line to the cent.</summary>
    private static ImmutableArray<StatementLine> Lines(Bill bill) =>
    [
        .. bill.Months[0].LineItems.Select(i => new StatementLine
        {
            Text = $"{i.Charge} {i.Tier}".Trim(), Charge = i.Charge, Tier = i.Tier, Quantity = decimal.Round(i.Quantity, 2), Unit = i.Unit, Rate = i.Rate, Amount = decimal.Round(i.Amount, 2, MidpointRounding.AwayFromZero),
        }),
    ];

    private static BillRequest Made(LocalDate from, LocalDate until)
    {
        var start = Instant.FromUtc(2025, 12, 27, 0, 0);
        var kw = Enumerable.Range(0, 40 * 96).Select(i => 2m + i / 96 * 0.07m).ToArray();
        var peak = (int)((Instant.FromUtc(2026, 1, 10, 10, 0) - start).TotalMinutes / 15);
        (kw[peak], kw[peak + 1]) = (20, 10);
        return new BillRequest
        {
            Tariffs = [CompiledTariff.Compile(TariffJson.Read(Encoding.UTF8.GetBytes(Tariff)).OrThrow())],
            Data = MeterData.From(IntervalSeries.Create(start, Duration.FromMinutes(15), IntervalUnit.Kw, kw)),
            Cycles = [new BillingCycle(from, until)],
        };
    }
}
