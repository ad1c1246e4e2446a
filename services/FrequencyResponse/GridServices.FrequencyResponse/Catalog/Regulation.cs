using static GridServices.FrequencyResponse.Catalog.Row;

namespace GridServices.FrequencyResponse.Catalog;

/// <summary>Regulation by signal (AGC): AEMO, ERCOT, CAISO, NYISO, ISO-NE, MISO. Every number is recalled.</summary>
internal static class Regulation
{
    private const string Aemo = "AEMO Market Ancillary Service Specification, recalled";
    private const string Caiso = "CAISO tariff, regulation energy management, recalled";
    private const string Nyiso = "NYISO Ancillary Services Manual, recalled";
    private const string IsoNe = "ISO-NE Manual M-REG, recalled";
    private const string Miso = "MISO BPM-002, recalled";

    public static IEnumerable<ServiceDefinition> Services =>
    [
        Create("AEMO-REG-RAISE", "NEM regulation FCAS raise", 50, ResponseDirection.Raise, 4, Aemo), Create("AEMO-REG-LOWER", "NEM regulation FCAS lower", 50, ResponseDirection.Lower, 4, Aemo),
        .. ErcotReserves.Regulation,
        Create("CAISO-REG-UP", "CAISO regulation up", 60, ResponseDirection.Raise, 4, Caiso), Create("CAISO-REG-DOWN", "CAISO regulation down", 60, ResponseDirection.Lower, 4, Caiso),
        Create("NYISO-REGULATION", "NYISO regulation service", 60, ResponseDirection.Both, 6, Nyiso),
        Create("ISONE-REGULATION", "ISO-NE regulation", 60, ResponseDirection.Both, 4, IsoNe),
        Create("MISO-REGULATION", "MISO regulating reserve", 60, ResponseDirection.Both, 4, Miso),
    ];

    private static ServiceDefinition Create(string id, string name, double nominal, ResponseDirection direction, double period, string source) => Signalled(
        id, name, nominal, direction, period, source, "Its market's own score is not computed: what was due and delivered is.");
}
