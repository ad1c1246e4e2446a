using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Tests.Scripts;

namespace GridServices.OpenAdr.Tests.Events;

/// <summary>OpenADR 2.0b rules 22, 111, 112: names are alternatives, and device classes narrow them.</summary>
public sealed class DeviceClassTests
{
    private static readonly VenConfig OneSite = Configs.Ven with { Targets = new TargetNames { EndDeviceAssets = ["EVSE"] } };

    private static readonly VenConfig TwoSites = Configs.Ven with
    {
        SiteId = null,
        Sites =
        [
            new SiteConfig { SiteId = "cars", Targets = new TargetNames { ResourceIds = ["r-cars"], EndDeviceAssets = ["EVSE"] } },
            new SiteConfig { SiteId = "rooms", Targets = new TargetNames { ResourceIds = ["r-rooms"], EndDeviceAssets = ["Thermostat"] } },
        ],
    };

    [Theory]
    [InlineData("ven", "Thermostat", 469)]
    [InlineData("ven", "EVSE", 200)]
    [InlineData("", "EVSE", 200)]
    [InlineData("", "Thermostat", 469)]
    [InlineData("other", "EVSE", 469)]
    public void A_signal_is_for_what_it_names_and_of_that_for_its_classes_alone(string named, string deviceClass, int code)
    {
        var signal = Vtn.Simple(("PT1H", 3)) with { Target = Target(named, deviceClass) };
        VenScript.Registered(OneSite).Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", signal)), code == 200 ? "e1/0 200 OptIn" : $"e1/0 {code} OptOut")
            .Publishes(code == 200 ? ["site-1 PROG7: 20:00-21:00 import 0"] : []);
    }

    [Theory]
    [InlineData("ven", "Thermostat", 462)]
    [InlineData("ven", "EVSE", 200)]
    [InlineData("", "EVSE", 200)]
    [InlineData("other", "EVSE", 462)]
    public void So_it_is_with_an_event(string named, string deviceClass, int code)
    {
        var received = Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 3))).Targeting(Target(named, deviceClass));
        VenScript.Registered(OneSite).Gets(Vtn.Distributes(received), code == 200 ? "e1/0 200 OptIn" : $"e1/0 {code} OptOut");
    }

    [Fact]
    public void Of_several_sites_those_are_meant_that_have_the_class()
    {
        var forAll = Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 3))).Targeting(Target("ven", "EVSE"));
        VenScript.Registered(TwoSites).Gets(Vtn.Distributes(forAll), "e1/0 200 OptIn").Publishes("cars PROG7: 20:00-21:00 import 0");

        // The named resource has no device of that class, and the one that has is not named.
        var crossed = forAll.Targeting(new EiTarget { ResourceIds = ["r-rooms"], EndDeviceAssets = ["EVSE"] });
        var ven = VenScript.Registered(TwoSites).Gets(Vtn.Distributes(crossed), "e1/0 462 OptOut").Publishes();
        Assert.Contains("device classes", Assert.Single(ven.State.Refused).Why, StringComparison.Ordinal);
    }

    private static EiTarget Target(string named, string deviceClass) => new()
    {
        VenIds = named switch { "ven" => [Vtn.VenId], "" => [], _ => [named] },
        EndDeviceAssets = [deviceClass],
    };
}
