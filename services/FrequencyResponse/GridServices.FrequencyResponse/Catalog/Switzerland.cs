using static GridServices.FrequencyResponse.Catalog.NumberNames;
using static GridServices.FrequencyResponse.Catalog.Row;

namespace GridServices.FrequencyResponse.Catalog;

/// <summary>What Swissgrid buys: primary, secondary and tertiary control.</summary>
internal static class Switzerland
{
    private const string Swissgrid = "Swissgrid, products of ancillary services, recalled";

    public static IEnumerable<ServiceDefinition> Services =>
    [
        new()
        {
            Id = "CH-FCR",
            Name = "Swissgrid primary control (FCR)",
            NominalHz = 50,
            Direction = ResponseDirection.Both,
            Kind = ServiceKind.Continuous,
            Shape = Through(Certainty.Recalled, Swissgrid, (49.8, 1), (50, 0), (50.2, -1)),
            Settlement = SettlementRule.FcrBand,
            Numbers = Numbers(Recalled(FullActivationSeconds, 30, Swissgrid), Recalled(MinQuantityWatts, 1e6, Swissgrid), SampleAge(2), Step(0.005)),
            Note = "As continental FCR, bought in one auction with it; Swiss terms were not read.",
        },
        ContinentalEurope.Automatic("CH-AFRR-UP", "Swissgrid secondary control, upward", ResponseDirection.Raise, Swissgrid),
        ContinentalEurope.Automatic("CH-AFRR-DOWN", "Swissgrid secondary control, downward", ResponseDirection.Lower, Swissgrid),
        ContinentalEurope.Manual("CH-MFRR-UP", "Swissgrid tertiary control, upward", ResponseDirection.Raise, Swissgrid),
        ContinentalEurope.Manual("CH-MFRR-DOWN", "Swissgrid tertiary control, downward", ResponseDirection.Lower, Swissgrid),
    ];
}
