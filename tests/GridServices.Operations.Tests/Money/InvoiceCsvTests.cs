using GridServices.Operations.Bulk;
using GridServices.Operations.Money;

namespace GridServices.Operations.Tests.Money;

public sealed class InvoiceCsvTests
{
    [Theory]
    [InlineData("name,kind,quantity,unit,rate,amount\nEnergy on-peak,energy,\"1500\",kWh,0.2,300\n")]
    [InlineData("amount\tname\tkind\tquantity\tunit\trate\n300\tEnergy on-peak\tenergy\t1500\tkWh\t0.2\n")]
    [InlineData("#locale=de\nname;kind;quantity;unit;rate;amount\nEnergy on-peak;energy;1500;kWh;0,2;300,00\n")]
    public void Lines_are_read_from_commas_semicolons_and_what_a_spreadsheet_copies(string text)
    {
        var line = Assert.Single(Read(text, out var faults));
        Assert.Empty(faults);
        Assert.Equal(("Energy on-peak", "energy", 1500m, "kWh", 0.2m, 300m), (line.Name, line.Kind, line.Quantity, line.Unit, line.Rate, line.Amount));
    }

    [Fact]
    public void What_is_not_told_stays_unknown()
    {
        var line = Assert.Single(Read("name,amount,rate\nMeter fee,-5,\n", out _));
        Assert.Equal((null, null, null, -5m), (line.Quantity, line.Rate, line.Kind, line.Amount));
    }

    [Theory]
    [InlineData("name,amount\nEnergy,12x\n", "line 2, amount '12x'")]
    [InlineData("name,amount\nEnergy,\n", "line 2, amount ''")]
    [InlineData("name,amount\n,5\n", "line 2, name ''")]
    [InlineData("name,amount\nEnergy,5\nTotal due:,5\nTotal,5\n", "counts twice")]
    [InlineData("name,amount,kind\nEnergy,5,power\n", "line 2, kind 'power'")]
    [InlineData("name,amount\nEnergy,\"1,200.50\"\n", "decimal point")]
    [InlineData("name,amont\nEnergy,5\n", "did you mean amount?")]
    [InlineData("name,amount\nEnergy\n", "has 1 fields and the head 2")]
    [InlineData("name,amount\n", "no line below the head")]
    [InlineData("", "is missing in the head")]
    public void A_fault_names_its_place_and_refuses_the_invoice(string text, string says)
    {
        Assert.Empty(Read(text, out var faults));
        Assert.Contains(faults, f => f.ToString().Contains(says, StringComparison.Ordinal));
    }

    private static IReadOnlyList<InvoiceLine> Read(string text, out IReadOnlyList<BulkFault> faults)
    {
        using var reader = new StringReader(text);
        return InvoiceCsv.Read(reader, out faults);
    }
}
