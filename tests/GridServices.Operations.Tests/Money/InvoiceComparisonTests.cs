using FsCheck;
using FsCheck.Fluent;
using GridServices.Operations.Money;

namespace GridServices.Operations.Tests.Money;

public sealed class InvoiceComparisonTests
{
    [Fact]
    public void A_bill_and_its_invoice_are_compared_line_by_line()
    {
        InvoiceLine[] ours =
        [
            Line("energy", "Energy", 1000, 0.20m, "on-peak"), Line("energy", "Energy", 3000, 0.10m, "off-peak"), Line("demand", "Demand charge", 120, 15), Line("fixed", "Customer charge", 1, 50), Line("tax", "Utility tax", null, null, amount: 120),
        ];
        InvoiceLine[] theirs =
        [
            Line("energy", "ENERGY", 1000, 0.20m, "On Peak"), Line("energy", "Energy", 3100, 0.10m, "Off-Peak"), Line("demand", "Demand Charge", 120, 16), Line("fixed", "Customer charge", 1, 50.01m), Line("tax", "Utility tax", null, null, amount: 125), Line("adjustment", "Wildfire fund", null, null, amount: 3.5m),
        ];
        var compared = InvoiceComparison.Compare(ours, theirs);
        Assert.Equal(
            [
                (0m, DifferenceReason.Same), (10m, DifferenceReason.Quantity), (120m, DifferenceReason.Rate), (0.01m, DifferenceReason.Rounding), (5m, DifferenceReason.FollowsOthers), (3.5m, DifferenceReason.OnlyTheirs),
            ],
            compared.Lines.Select(l => (l.Difference, l.Reason)));
        Assert.Equal("another quantity: 3100 instead of 3000 kWh; compare the meter's readings", compared.Lines[1].Explanation);
        Assert.Equal("another price: rate 16 instead of 15; compare the tariff's version", compared.Lines[2].Explanation);
        Assert.Equal(138.51m, compared.Difference);
    }

    [Fact]
    public void Quantity_and_rate_are_told_apart_and_sum_to_the_difference()
    {
        var line = Assert.Single(InvoiceComparison.Compare([Line("demand", "Demand", 100, 10)], [Line("demand", "Demand", 110, 12)]).Lines);
        Assert.Equal((DifferenceReason.QuantityAndRate, 100m, 220m, 320m), (line.Reason, line.ByQuantity!.Value, line.ByRate!.Value, line.Difference));
    }

    [Theory]
    [InlineData("Demand charge", "Demnd charge")]
    [InlineData("Delivery demand", "Demand (max)")]
    [InlineData("Basic fee", "Grundpreis")]
    public void Other_names_for_the_same_are_found(string ours, string theirs) =>
        Assert.Equal(DifferenceReason.Same, Assert.Single(InvoiceComparison.Compare([Line("demand", ours, null, null, amount: 100)], [Line("demand", theirs, null, null, amount: 100)]).Lines).Reason);

    [Fact]
    public void Where_two_could_be_meant_none_is_guessed()
    {
        var lines = InvoiceComparison.Compare([Line("energy", "Delivery energy", null, null, amount: 10), Line("energy", "Generation energy", null, null, amount: 20)], [Line("energy", "Energy", null, null, amount: 31)]).Lines;
        Assert.Equal([DifferenceReason.OnlyOurs, DifferenceReason.OnlyOurs, DifferenceReason.OnlyTheirs], lines.Select(l => l.Reason));
    }

    [Fact]
    public void Lines_of_one_name_are_one_and_another_unit_is_no_quantity()
    {
        var lines = InvoiceComparison.Compare([Line("energy", "Energy", 100, 0.2m), Line("energy", "Energy", 50, 0.3m)], [Line("energy", "Energy", 0.15m, 250, unit: "MWh")]).Lines;
        Assert.Equal((35m, 150m, null), (lines[0].Ours!.Amount, lines[0].Ours!.Quantity!.Value, lines[0].Ours!.Rate));
        Assert.Equal(DifferenceReason.Amount, lines[0].Reason);
        var other = InvoiceComparison.Compare([Line("energy", "Energy", 150, 0.2m)], [Line("energy", "Energy", 0.15m, 250, unit: "MWh")]).Lines.Single();
        Assert.Equal((DifferenceReason.Amount, "in MWh instead of kWh"), (other.Reason, other.Explanation));
    }

    [Fact]
    public void Every_line_is_told_once_and_the_differences_sum_to_the_whole() => Prop.ForAll(ArbMap.Default.ArbFor<((byte, byte, short)[], (byte, byte, short)[])>(), drawn =>
    {
        var (ours, theirs) = (Lines(drawn.Item1), Lines(drawn.Item2));
        var compared = InvoiceComparison.Compare(ours, theirs);
        return compared.Lines.Sum(l => l.Difference) == compared.Difference
            && compared.Lines.Sum(l => l.Ours?.Amount ?? 0) == ours.Sum(l => l.Amount) && compared.Lines.Sum(l => l.Theirs?.Amount ?? 0) == theirs.Sum(l => l.Amount)
            && compared.Lines.All(l => l.ByQuantity is null || Math.Abs(l.ByQuantity.Value + l.ByRate!.Value - l.Difference) < 0.001m);
    }).QuickCheckThrowOnFailure();

    private static InvoiceLine[] Lines((byte, byte, short)[] drawn) =>
        [.. drawn.Select(d => Line(new[] { "energy", "demand", "tax", null }[d.Item1 % 4], new[] { "Energy", "Demand", "Enrgy", "Base demand", "Tax" }[d.Item2 % 5], d.Item3, d.Item1 / 100m))];

    private static InvoiceLine Line(string? kind, string name, decimal? quantity, decimal? rate, string? period = null, decimal? amount = null, string unit = "kWh") =>
        new() { Kind = kind, Name = name, Quantity = quantity, Rate = rate, Unit = quantity is null ? null : unit, Period = period, Amount = amount ?? quantity!.Value * rate!.Value };
}
