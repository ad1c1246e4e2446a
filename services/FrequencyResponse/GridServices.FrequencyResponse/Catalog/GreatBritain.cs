using static GridServices.FrequencyResponse.Catalog.NumberNames;
using static GridServices.FrequencyResponse.Catalog.Row;

namespace GridServices.FrequencyResponse.Catalog;

/// <summary>NESO's Dynamic Containment, Moderation and Regulation, each bought low and high apart, Static FFR, and the reserves that are instructed.</summary>
/// <remarks>A stack is the sum of its curves (Response Service Terms, Schedule 2).</remarks>
internal static class GreatBritain
{
    private const string Page = "NESO, New Dynamic Services (DC/DM/DR)";
    private const string Terms = "NESO Response Service Terms, Table 1 and Schedule 2";
    private const string Procurement = "NESO Procurement Rules and Response Service Terms";
    private const string QuickReserve = "NESO Quick Reserve, as reported; terms not read";
    private const string SlowReserve = "NESO Slow Reserve, as reported; terms not read";
    private const string BalancingReserve = "NESO Balancing Reserve, recalled; terms not read";
    private const string Script = "NESO illustrative performance code, K factor thresholds";

    public static IEnumerable<ServiceDefinition> Services =>
    [
        Dynamic("GB-DCL", "NESO Dynamic Containment Low", ResponseDirection.Raise, Containment,
            Through(Certainty.Primary, "NESO, Dynamic Containment page and illustrative performance code", (49.5, 1), (49.8, 0.05), (49.985, 0), (50, 0))),
        Dynamic("GB-DCH", "NESO Dynamic Containment High", ResponseDirection.Lower, Containment,
            Through(Certainty.Primary, "NESO, Dynamic Containment page: the mirror of Low", (50, 0), (50.015, 0), (50.2, -0.05), (50.5, -1))),
        Dynamic("GB-DML", "NESO Dynamic Moderation Low", ResponseDirection.Raise, Moderation,
            Through(Certainty.Secondary, Terms, (49.8, 1), (49.9, 0.05), (49.985, 0), (50, 0))),
        Dynamic("GB-DMH", "NESO Dynamic Moderation High", ResponseDirection.Lower, Moderation,
            Through(Certainty.Secondary, Terms, (50, 0), (50.015, 0), (50.1, -0.05), (50.2, -1))),
        Dynamic("GB-DRL", "NESO Dynamic Regulation Low", ResponseDirection.Raise, Regulation,
            Through(Certainty.Secondary, Terms, (49.8, 1), (49.985, 0), (50, 0))),
        Dynamic("GB-DRH", "NESO Dynamic Regulation High", ResponseDirection.Lower, Regulation,
            Through(Certainty.Secondary, Terms, (50, 0), (50.015, 0), (50.2, -1))),
        StaticFfr,
        Quick("GB-PQR", "NESO Quick Reserve, positive", ResponseDirection.Raise), Quick("GB-NQR", "NESO Quick Reserve, negative", ResponseDirection.Lower),
        Slow("GB-PSR", "NESO Slow Reserve, positive", ResponseDirection.Raise), Slow("GB-NSR", "NESO Slow Reserve, negative", ResponseDirection.Lower),
        Balancing("GB-PBR", "NESO Balancing Reserve, positive", ResponseDirection.Raise), Balancing("GB-NBR", "NESO Balancing Reserve, negative", ResponseDirection.Lower),
    ];

    private static readonly ServiceValidity NonBm =
        new(NodaTime.Instant.FromUtc(2025, 9, 1, 23, 0), null, Certainty.Recalled, "NESO, Quick Reserve open to non-BM units since 2 September 2025, as reported");

    private static ServiceDefinition Quick(string id, string name, ResponseDirection direction) => Instructed(
        id, name, 50, direction, "The final Quick Reserve terms were not read: check every number. Co-optimised with DC, DM and DR.",
        Recalled(FullActivationSeconds, 60, QuickReserve), Recalled(WindowSeconds, 30 * 60, QuickReserve), Recalled(MinQuantityWatts, 1e6, QuickReserve),
        Recalled(MinInstructionWatts, 1e6, QuickReserve), Recalled(MinActivationSeconds, 60, QuickReserve), Recalled(MaxActivationSeconds, 15 * 60, QuickReserve),
        Recalled(RecoverySeconds, 3 * 60, QuickReserve)) with
    { Validity = NonBm };

    private static ServiceDefinition Slow(string id, string name, ResponseDirection direction) => Instructed(
        id, name, 50, direction, "Replaces STOR. The final terms were not read: check every number.",
        Recalled(FullActivationSeconds, 15 * 60, SlowReserve), Recalled(WindowSeconds, 30 * 60, SlowReserve), Recalled(MinQuantityWatts, 1e6, SlowReserve),
        Recalled(MinInstructionWatts, 1e6, SlowReserve), Recalled(MinActivationSeconds, 15 * 60, SlowReserve), Recalled(MaxActivationSeconds, 2 * 3600, SlowReserve),
        Recalled(RecoverySeconds, 30 * 60, SlowReserve));

    private static ServiceDefinition Balancing(string id, string name, ResponseDirection direction) => Instructed(
        id, name, 50, direction, "Bought day ahead, instructed through the Balancing Mechanism. Every number is recalled.",
        Recalled(FullActivationSeconds, 10 * 60, BalancingReserve), Recalled(WindowSeconds, 30 * 60, BalancingReserve), Recalled(MinQuantityWatts, 1e6, BalancingReserve),
        Recalled(MinInstructionWatts, 1e6, BalancingReserve), Recalled(MaxActivationSeconds, 30 * 60, BalancingReserve));

    private static KeyValuePair<string, SourcedNumber>[] Containment => Times(0.5, 1, 15 * 60, 0.1, sampleAge: 0.5);

    private static KeyValuePair<string, SourcedNumber>[] Moderation => Times(0.5, 1, 30 * 60, 0.2, sampleAge: 0.5);

    private static KeyValuePair<string, SourcedNumber>[] Regulation => Times(2, 10, 60 * 60, 0.4, sampleAge: 2);

    private static ServiceDefinition StaticFfr => new()
    {
        Id = "GB-STATIC-FFR",
        Name = "GB Static FFR (secondary)",
        NominalHz = 50,
        Direction = ResponseDirection.Raise,
        Kind = ServiceKind.Switched,
        Shape = new TriggerShape(),
        Settlement = SettlementRule.StaticHold,
        Numbers = Numbers(
            Recalled(TriggerHz, 49.7, "NESO Static FFR service terms"),
            Recalled(FullActivationSeconds, 30, "NESO Static FFR service terms"),
            Recalled(NumberNames.DurationSeconds, 30 * 60, "NESO Static FFR service terms"),
            SampleAge(2), Step(0.01)),
        Note = "Every number is recalled: check it against the service terms before use.",
    };

    private static ServiceDefinition Dynamic(
        string id, string name, ResponseDirection direction, KeyValuePair<string, SourcedNumber>[] times, KnotShape curve) => new()
        {
            Id = id,
            Name = name,
            NominalHz = 50,
            Direction = direction,
            Kind = ServiceKind.Continuous,
            Shape = curve,
            Settlement = SettlementRule.GbDynamic,
            Numbers = Numbers([
            .. times,
            Secondary(RecoverySharePerPeriod, 0.2, "NESO Response Service Terms 6.11"),
            Secondary(MaxQuantityWatts, 100e6, Procurement),
            Primary(MonitorHz, 20, "NESO performance data at 20 Hz, as reported by Cornwall Insight"),
            Recalled(FullFactorError, 0.03, Script), Recalled(ZeroFactorError, 0.07, Script),
            Step(0.005)]),
        };

    private static KeyValuePair<string, SourcedNumber>[] Times(double initiation, double full, double duration, double reserved, double sampleAge) =>
    [
        Primary(InitiationSeconds, initiation, Page), Primary(FullActivationSeconds, full, Page), Primary(NumberNames.DurationSeconds, duration, Page),
        Secondary(ReservedCapacity, reserved, Procurement), SampleAge(sampleAge),
    ];
}
