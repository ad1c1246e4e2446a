using NodaTime;
using static GridServices.FrequencyResponse.Catalog.NumberNames;
using static GridServices.FrequencyResponse.Catalog.Row;

namespace GridServices.FrequencyResponse.Catalog;

/// <summary>ERCOT's reserves before and after real-time co-optimisation with batteries (RTC+B), which changed how long they must last (NPRR1282).</summary>
internal static class ErcotReserves
{
    private const string Nprr1282 = "ERCOT NPRR1282, as reported; not read";
    private const string Before = "ERCOT protocols before RTC+B, recalled";
    private const string Tre = "BAL-001-TRE-2";

    /// <summary>5 December 2025, 0:00 in Texas.</summary>
    private static readonly Instant CoOptimised = Instant.FromUtc(2025, 12, 5, 6, 0);
    private static readonly ServiceValidity Since = new(CoOptimised, null, Certainty.Recalled, "go-live of RTC+B on 5 December 2025");
    private static readonly ServiceValidity Up = new(null, CoOptimised, Certainty.Recalled, "go-live of RTC+B on 5 December 2025");

    public static IEnumerable<ServiceDefinition> Contingency =>
    [
        Contingent("ERCOT-ECRS", 3600, Nprr1282, Since), Contingent("ERCOT-ECRS-2H", 2 * 3600, Before, Up),
        Responsive("ERCOT-RRS-PFR", 30 * 60, Nprr1282, Since), Responsive("ERCOT-RRS-PFR-1H", 3600, Before, Up),
    ];

    public static IEnumerable<ServiceDefinition> Regulation =>
    [
        Regulating("ERCOT-REG-UP", ResponseDirection.Raise, 30 * 60, Nprr1282, Since), Regulating("ERCOT-REG-UP-1H", ResponseDirection.Raise, 3600, Before, Up),
        Regulating("ERCOT-REG-DOWN", ResponseDirection.Lower, 30 * 60, Nprr1282, Since), Regulating("ERCOT-REG-DOWN-1H", ResponseDirection.Lower, 3600, Before, Up),
    ];

    private static ServiceDefinition Contingent(string id, double duration, string source, ServiceValidity validity) => Instructed(
        id, "ERCOT contingency reserve service (ECRS)", 60, ResponseDirection.Raise, "Deployed by instruction, in full within ten minutes, until recalled. A relay at 59.7 Hz is a custom service.",
        Recalled(FullActivationSeconds, 10 * 60, Before), Recalled(NumberNames.DurationSeconds, duration, source), Recalled(MaxActivationSeconds, duration, source),
        Recalled(MinQuantityWatts, 100e3, Before)) with
    { Validity = validity, Product = "ERCOT-ECRS" };

    private static ServiceDefinition Responsive(string id, double duration, string source, ServiceValidity validity) => new()
    {
        Id = id,
        Name = "ERCOT responsive reserve by primary frequency response",
        NominalHz = 60,
        Direction = ResponseDirection.Raise,
        Kind = ServiceKind.Continuous,
        Shape = new DroopShape(DroopKind.LessDeadband),
        Settlement = SettlementRule.RollingDroop,
        Numbers = Numbers(
            Secondary(DeadbandHz, 0.017, Tre), Secondary(Droop, 0.05, Tre), Secondary(ScoreMinimum, 0.75, Tre),
            Recalled(NumberNames.DurationSeconds, duration, source), SampleAge(1), Step(0.005)),
        Note = "A store must hold the quantity for the duration: 1 MW with 0.4 MWh offers 0.8 MW at half an hour. Unclamped: headroom is the allocation's matter.",
        Validity = validity,
        Product = "ERCOT-RRS-PFR",
    };

    private static ServiceDefinition Regulating(string id, ResponseDirection direction, double duration, string source, ServiceValidity validity) => Signalled(
        id, direction == ResponseDirection.Raise ? "ERCOT regulation up" : "ERCOT regulation down", 60, direction, 4, Before, "Its market's own score is not computed: what was due and delivered is.",
        Recalled(NumberNames.DurationSeconds, duration, source), Recalled(MinQuantityWatts, 100e3, Before)) with
    { Validity = validity, Product = direction == ResponseDirection.Raise ? "ERCOT-REG-UP" : "ERCOT-REG-DOWN" };
}
