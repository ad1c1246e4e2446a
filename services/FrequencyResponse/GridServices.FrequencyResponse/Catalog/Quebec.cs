using static GridServices.FrequencyResponse.Catalog.NumberNames;
using static GridServices.FrequencyResponse.Catalog.Row;

namespace GridServices.FrequencyResponse.Catalog;

/// <summary>Governor response and regulation in the interconnection of Hydro-Québec.</summary>
internal static class Quebec
{
    private const string Rules = "Hydro-Québec TransÉnergie, requirements for generating stations, recalled";

    public static IEnumerable<ServiceDefinition> Services =>
    [
        new()
        {
            Id = "HQ-GOVERNOR",
            Name = "Hydro-Québec primary frequency response",
            NominalHz = 60,
            Direction = ResponseDirection.Both,
            Kind = ServiceKind.Continuous,
            Shape = new DroopShape(DroopKind.Plain),
            Numbers = Numbers(Recalled(DeadbandHz, 0.036, Rules), Recalled(Droop, 0.05, Rules), SampleAge(1), Step(0.005)),
            Note = "Per unit of rated power, unclamped. Every number is recalled.",
        },
        Signalled("HQ-REGULATION", "Hydro-Québec regulation signal", 60, ResponseDirection.Both, 4, Rules, "Every number is recalled."),
    ];
}
