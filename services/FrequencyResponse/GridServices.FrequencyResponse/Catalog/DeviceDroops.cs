using static GridServices.FrequencyResponse.Catalog.NumberNames;
using static GridServices.FrequencyResponse.Catalog.Row;

namespace GridServices.FrequencyResponse.Catalog;

/// <summary>The droops of inverters: IEEE 1547, and IEEE 2030.5 opModFreqDroop with the same law and a program's own parameters.</summary>
internal static class DeviceDroops
{
    private const string Table = "IEEE 1547-2018 Tables 23 and 24, as cited by two open implementations";
    private const string Characteristic2 = "IEEE 1547.1-2020 5.15 characteristic 2, as in the UL 1741 SB test tool";

    public static IEnumerable<ServiceDefinition> Services =>
    [
        Ieee1547("IEEE1547-CAT-DEFAULT", "IEEE 1547-2018 frequency-droop, default (category I, II, III)", 60, 0.036, 0.05, 5, Table),
        Ieee1547("IEEE1547-CAT12-AGGRESSIVE", "IEEE 1547.1 characteristic 2, category I and II", 60, 0.017, 0.03, 1, Characteristic2),
        Ieee1547("IEEE1547-CAT3-AGGRESSIVE", "IEEE 1547.1 characteristic 2, category III", 60, 0.017, 0.02, 0.2, Characteristic2),
        Ieee1547("IEEE2030.5-FREQ-DROOP", "IEEE 2030.5 opModFreqDroop with the defaults of IEEE 1547", 60, 0.036, 0.05, 5, Table) with
        {
            Note = "A program states its own dBOF, dBUF, kOF, kUF and openLoopTms: give them as a custom service with droop kind ieee1547. opModFreqWatt is a custom curve.",
        },
    ];

    private static ServiceDefinition Ieee1547(string id, string name, double nominal, double deadband, double droop, double openLoop, string source) => new()
    {
        Id = id,
        Name = name,
        NominalHz = nominal,
        Direction = ResponseDirection.Both,
        Kind = ServiceKind.Continuous,
        Shape = new DroopShape(DroopKind.Ieee1547),
        Numbers = Numbers(
            Secondary(DeadbandUnderHz, deadband, source), Secondary(DeadbandOverHz, deadband, source),
            Secondary(DroopUnder, droop, source), Secondary(DroopOver, droop, source), Secondary(OpenLoopSeconds, openLoop, source),
            SampleAge(1), Step(0.01)),
        Note = "Changes around the power before the disturbance: evaluate it with prePu, availablePu and minPu.",
    };
}
