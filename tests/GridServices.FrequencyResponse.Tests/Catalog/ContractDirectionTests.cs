using GridServices.FrequencyResponse.Catalog;

namespace GridServices.FrequencyResponse.Tests.Catalog;

public sealed class ContractDirectionTests
{
    [Fact]
    public void A_contract_for_R6_raises_only_whatever_its_controllers_curve_says()
    {
        var service = ServiceCatalog.BuiltIn.Find("AEMO-R6-VARIABLE")!;
        var contracted = service.AsContracted();
        Assert.Equal(-0.5 / (50 * 0.017) * 0.7, service.Curve!.Evaluate(50.5), 1e-6);
        Assert.Equal(ResponseDirection.Raise, contracted.Direction);
        Assert.Equal(0, contracted.Curve!.Evaluate(50.5));
        Assert.Equal(service.Curve.Evaluate(49.5), contracted.Curve.Evaluate(49.5));
    }

    [Fact]
    public void Other_services_are_contracted_as_listed() =>
        Assert.All(ServiceCatalog.BuiltIn.Services.Where(s => s.Id != "AEMO-R6-VARIABLE"), s => Assert.Same(s, s.AsContracted()));

    [Fact]
    public void Numbers_in_doubt_are_marked_as_recalled()
    {
        Assert.Equal(Certainty.Recalled, ServiceCatalog.BuiltIn.Find("AEMO-R6-VARIABLE")!.Numbers[NumberNames.StandardRampHzPerSecond].Certainty);
        Assert.Equal(Certainty.Recalled, ServiceCatalog.BuiltIn.Find("ERCOT-RRS-FFR")!.Numbers[NumberNames.DurationSeconds].Certainty);
    }
}
