using GridServices.Operations.Money;
using GridServices.Operations.Service.Money;

namespace GridServices.Operations.Service.Tests.Money;

public sealed class BilledLinesTests
{
    private static readonly MadeBill First = new("m-1", "run-1", 1892.00m, "USD");

    [Fact]
    public void However_often_a_month_was_billed_its_lines_sum_to_the_last_bill()
    {
        var lines = CreateLines(First, First with { RunId = "run-2", Payable = 1896.50m }, First with { RunId = "run-3", Payable = 1890m });
        Assert.Equal([1892.00m, 4.50m, -6.50m], lines.Select(l => l.Amount));
        Assert.Equal(["bill", "difference to an earlier bill", "difference to an earlier bill"], lines.Select(l => l.Text));
        Assert.Equal(["run-1/m-1", "run-2/m-1", "run-3/m-1"], lines.Select(l => l.DocumentNo));
    }

    [Fact]
    public void Money_of_another_currency_is_taken_back_and_never_subtracted()
    {
        var lines = CreateLines(First, First with { RunId = "run-2", Payable = 1700m, Currency = "EUR" });
        Assert.Equal([(1892.00m, "USD"), (-1892.00m, "USD"), (1700m, "EUR")], lines.Select(l => (l.Amount, l.Currency)));
        Assert.StartsWith("customer,", LedgerLines.ToCsv(lines), StringComparison.Ordinal);
    }

    private static List<LedgerLine> CreateLines(params MadeBill[] made) => [.. BilledLines.Create(made, "ACME", "4711", "2027-07")];
}
