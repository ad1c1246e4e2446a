using static GridServices.FrequencyResponse.Catalog.NumberNames;
using static GridServices.FrequencyResponse.Catalog.Row;

namespace GridServices.FrequencyResponse.Catalog;

/// <summary>ERCOT's responsive reserve and governor response, and PJM's regulation signal.</summary>
internal static class NorthAmerica
{
    private const string Study = "ERCOT Ancillary Services Study, September 2024; NPRR863";
    private const string Since = "the same study; 30 min since real-time co-optimisation (December 2025), not verified: state supportSeconds in the contract";
    private const string Tre = "BAL-001-TRE-2";
    private const string Pjm = "PJM Manual 12 4.5.6 and Manual 11 3.2.10, as quoted in open code";

    private const string Redesign = "PJM regulation market redesign, 1 October 2025, recalled: check against Manual 12";

    public static IEnumerable<ServiceDefinition> Services =>
    [
        Reserve("ERCOT-RRS-FFR", "ERCOT RRS Fast Frequency Response", 59.85, 0.25, sampleAge: 0.1, "15 cycles; held until recall or for 15 minutes."),
        Reserve("ERCOT-RRS-UFR", "ERCOT RRS load resource on under-frequency relay", 59.7, 0.5, sampleAge: 0.15, "About 0.42 to 0.5 s with the breaker."),
        .. ErcotReserves.Contingency,
        Governor("ERCOT-PFR", "ERCOT primary frequency response, BAL-001-TRE-2 (governors other than mechanical)", 0.017, 0.05),
        Governor("BAL-001-TRE-MECHANICAL", "BAL-001-TRE-2, mechanical governor", 0.034, 0.05),
        Governor("BAL-001-TRE-COMBINED-CYCLE", "BAL-001-TRE-2, combined cycle", 0.017, 0.04),
        new()
        {
            Id = "PJM-REGULATION",
            Name = "PJM regulation signal following",
            NominalHz = 60,
            Direction = ResponseDirection.Both,
            Kind = ServiceKind.Signal,
            Shape = new NoCurve("PJM regulation follows the operator's signal, not the frequency"),
            Settlement = SettlementRule.PjmRegulation,
            Numbers = Numbers(
                Secondary(ScoreMinimum, 0.75, Pjm), Secondary(ScoreForfeit, 0.25, Pjm), Recalled(SignalPeriodSeconds, 2, "PJM regulation signal period"),
                Recalled(AccuracyWeight, 0, Redesign), Recalled(DelayWeight, 0, Redesign), Recalled(PrecisionWeight, 1, Redesign),
                SampleAge(10)),
            Note = "One signal, scored by precision, since 1 October 2025 (recalled). Until then the mean of accuracy, delay and precision: weights of 1/3 each.",
        },
    ];

    private static ServiceDefinition Reserve(string id, string name, double trigger, double full, double sampleAge, string note) => new()
    {
        Id = id,
        Name = name,
        NominalHz = 60,
        Direction = ResponseDirection.Raise,
        Kind = ServiceKind.Switched,
        Shape = new TriggerShape(),
        Settlement = SettlementRule.StaticHold,
        Numbers = Numbers(
            Secondary(TriggerHz, trigger, Study), Secondary(FullActivationSeconds, full, Study), Recalled(NumberNames.DurationSeconds, 15 * 60, Since),
            SampleAge(sampleAge), Step(0.01)),
        Note = $"{note} At exactly the trigger it responds.",
    };

    private static ServiceDefinition Governor(string id, string name, double deadband, double droop) => new()
    {
        Id = id,
        Name = name,
        NominalHz = 60,
        Direction = ResponseDirection.Both,
        Kind = ServiceKind.Continuous,
        Shape = new DroopShape(DroopKind.LessDeadband),
        Settlement = SettlementRule.RollingDroop,
        Numbers = Numbers(
            Secondary(DeadbandHz, deadband, Tre), Secondary(Droop, droop, Tre), Secondary(ScoreMinimum, 0.75, Tre), SampleAge(1), Step(0.005)),
        Note = "The formula, deviation beyond the dead band ÷ (60 × droop − dead band), is recalled. Unclamped: headroom is the allocation's matter.",
    };
}
