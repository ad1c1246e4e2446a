using static GridServices.FrequencyResponse.Catalog.NumberNames;
using static GridServices.FrequencyResponse.Catalog.Row;

namespace GridServices.FrequencyResponse.Catalog;

/// <summary>AEMO's contingency services R (raise) and L (lower) of 1, 6 and 60 s and 5 min, delivered by a variable or a switching controller.</summary>
internal static class Australia
{
    private const string Mass = "AEMO Market Ancillary Service Specification v8";
    private const string Guide = "AEMO, BESS guide to contingency FCAS registration";

    private const string Ramp = "AEMO MASS v8 6.3 as quoted in an open script, not checked against the MASS";
    private const string Unclamped = "Per unit of rated power, unclamped: headroom is the allocation's matter.";
    private const string Doubt = "The factor 2 of the score's averages is recalled.";

    public static IEnumerable<ServiceDefinition> Services =>
    [
        Variable("AEMO-R1-VARIABLE", "very fast raise", ResponseDirection.Raise, 1, 0.2), Variable("AEMO-L1-VARIABLE", "very fast lower", ResponseDirection.Lower, 1, 0.2),
        Variable("AEMO-R6-VARIABLE", "fast raise", ResponseDirection.Both, 6, 1) with
        {
            ContractDirection = ResponseDirection.Raise,
            Note = $"{Unclamped} The curve is the controller's, both ways; a contract raises only. {Doubt}",
        },
        Variable("AEMO-L6-VARIABLE", "fast lower", ResponseDirection.Lower, 6, 1) with { Note = $"{Unclamped} {Doubt}" },
        Variable("AEMO-R60-VARIABLE", "slow raise", ResponseDirection.Raise, 60, 2), Variable("AEMO-L60-VARIABLE", "slow lower", ResponseDirection.Lower, 60, 2),
        Switched("AEMO-R1-SWITCHED", "very fast raise", ResponseDirection.Raise, 49.65, 1, 0.2), Switched("AEMO-L1-SWITCHED", "very fast lower", ResponseDirection.Lower, 50.35, 1, 0.2),
        Switched("AEMO-R6-SWITCHED", "fast raise", ResponseDirection.Raise, 49.65, 6, 1), Switched("AEMO-L6-SWITCHED", "fast lower", ResponseDirection.Lower, 50.35, 6, 1),
        Switched("AEMO-R5-SWITCHED", "delayed raise", ResponseDirection.Raise, 49.65, 300, 2, Delayed), Switched("AEMO-L5-SWITCHED", "delayed lower", ResponseDirection.Lower, 50.35, 300, 2, Delayed),
    ];

    /// <summary>R5 and L5 are held for five minutes after they are there in full.</summary>
    private static KeyValuePair<string, SourcedNumber>[] Delayed => [Recalled(NumberNames.DurationSeconds, 600, "AEMO Market Ancillary Service Specification, delayed services, recalled")];

    private static ServiceDefinition Variable(string id, string what, ResponseDirection direction, double full, double sampleAge) => new()
    {
        Id = id,
        Name = $"NEM contingency FCAS {what}, variable controller",
        NominalHz = 50,
        Direction = direction,
        Kind = ServiceKind.Continuous,
        Shape = new DroopShape(DroopKind.Plain),
        Settlement = SettlementRule.AemoContingency,
        Numbers = Numbers(
            Secondary(DeadbandHz, 0.15, Mass), Recalled(Droop, 0.017, Guide), Secondary(FullActivationSeconds, full, Mass),
            Secondary(AssessHz, direction == ResponseDirection.Lower ? 50.5 : 49.5, Mass), Recalled(StandardRampHzPerSecond, 0.125, Ramp),
            SampleAge(sampleAge), Step(0.01)),
        Note = Unclamped,
    };

    private static ServiceDefinition Switched(string id, string what, ResponseDirection direction, double trigger, double full, double sampleAge,
        params KeyValuePair<string, SourcedNumber>[] more) => new()
        {
            Id = id,
            Name = $"NEM contingency FCAS {what}, switching controller",
            NominalHz = 50,
            Direction = direction,
            Kind = ServiceKind.Switched,
            Shape = new TriggerShape(),
            Settlement = SettlementRule.AemoContingency,
            Numbers = Numbers([
            Recalled(TriggerHz, trigger, "AEMO assigns each switching controller its own trigger"), Secondary(FullActivationSeconds, full, Mass),
            SampleAge(sampleAge), Step(0.01), .. more]),
            Note = "AEMO assigns the trigger: put the assigned one in the configuration.",
        };
}
