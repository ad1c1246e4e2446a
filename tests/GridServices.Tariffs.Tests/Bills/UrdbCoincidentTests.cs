using System.Text;
using GridServices.Tariffs.Urdb;

namespace GridServices.Tariffs.Tests.Bills;

public sealed class UrdbCoincidentTests
{
    [Theory]
    [InlineData("[[{\"rate\":5}]]", "coincident-peak:coincident:5")]
    [InlineData("[[{\"rate\":0}],[{\"rate\":5}]]", "coincident-peak:coincident:5")]
    [InlineData("[[{\"rate\":3}],[{\"rate\":5,\"adj\":1}]]", "coincident-peak-0:coincident-0:3 coincident-peak-1:coincident-1:6")]
    [InlineData("[[{\"rate\":0}]]", "")]
    public void Every_period_of_a_coincident_structure_that_has_a_price_becomes_a_charge(string structure, string charges)
    {
        var tariff = UrdbImport.Read(Encoding.UTF8.GetBytes($$"""{"label":"r","name":"n","energyratestructure":[[{"rate":0.1}]],"coincidentratestructure":{{structure}} }""")).OrThrow();
        Assert.Equal(charges, string.Join(' ', tariff.Demand.Select(d => $"{d.Id}:{d.Coincident!.Event}:{d.Rates[0].Tiers[0].Price + d.Rates[0].Tiers[0].Adjustment}")));
    }
}
