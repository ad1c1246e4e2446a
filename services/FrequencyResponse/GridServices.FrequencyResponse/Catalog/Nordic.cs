using static GridServices.FrequencyResponse.Catalog.NumberNames;
using static GridServices.FrequencyResponse.Catalog.Row;

namespace GridServices.FrequencyResponse.Catalog;

/// <summary>FCR-N, FCR-D (dynamic and static) and FFR of the Nordic synchronous area.</summary>
internal static class Nordic
{
    private const string Fcr = "Nordic TSOs, Technical Requirements for FCR Provision, 26 May 2023";
    private const string StaticD = "Nordic TSOs, static FCR-D, recalled";
    private const string Ffr = "Fingrid, Fast Frequency Reserve page";

    public static IEnumerable<ServiceDefinition> Services =>
    [
        new()
        {
            Id = "NORDIC-FCR-N",
            Name = "Nordic FCR-N",
            NominalHz = 50,
            Direction = ResponseDirection.Both,
            Kind = ServiceKind.Continuous,
            Shape = Through(Certainty.Primary, Fcr, (49.9, 1), (50, 0), (50.1, -1)),
            Settlement = SettlementRule.NordicFcr,
            Numbers = Numbers(
                Primary(SteadyUnder, 0.05, Fcr), Primary(SteadyOver, 0.2, Fcr), Primary(LinearityUnder, 0.05, Fcr), Primary(LinearityOver, 0.1, Fcr),
                Primary(MinSteps, 14, Fcr), Primary(EnduranceSeconds, 3600, Fcr), Primary(PowerFactor, 1.34, Fcr), Primary(NemFactor, 0.34, Fcr),
                Primary(ResolutionHz, 0.005, Fcr), SampleAge(1)),
        },
        Disturbance("NORDIC-FCR-D-UP", "Nordic FCR-D upwards", ResponseDirection.Raise, Through(Certainty.Primary, Fcr, (49.5, 1), (49.9, 0), (50, 0))),
        Disturbance("NORDIC-FCR-D-DN", "Nordic FCR-D downwards", ResponseDirection.Lower, Through(Certainty.Primary, Fcr, (50, 0), (50.1, 0), (50.5, -1))),
        Static("NORDIC-SFCR-D-UP", "Nordic static FCR-D upwards", ResponseDirection.Raise, 49.7), Static("NORDIC-SFCR-D-DN", "Nordic static FCR-D downwards", ResponseDirection.Lower, 50.3),
        Fast("NORDIC-FFR-49.7", 49.7, 1.3), Fast("NORDIC-FFR-49.6", 49.6, 1), Fast("NORDIC-FFR-49.5", 49.5, 0.7),
    ];

    private static ServiceDefinition Disturbance(string id, string name, ResponseDirection direction, ResponseShape curve) => new()
    {
        Id = id,
        Name = name,
        NominalHz = 50,
        Direction = direction,
        Kind = ServiceKind.Continuous,
        Shape = curve,
        Settlement = SettlementRule.NordicFcr,
        Numbers = Numbers(
            Primary(ShareAtSevenAndHalfSeconds, 0.86, Fcr), Primary(EnergyAtSevenAndHalfSeconds, 3.2, Fcr),
            Primary(SteadyUnder, 0.05, Fcr), Primary(SteadyOver, 0.2, Fcr), Primary(LinearityUnder, 0.05, Fcr), Primary(LinearityOver, 0.1, Fcr),
            Primary(MinSteps, 7, Fcr), Primary(EnduranceSeconds, 1200, Fcr), Primary(NemFactor, 0.2, Fcr),
            Primary(ResolutionHz, 0.005, Fcr), SampleAge(0.5)),
        Note = "The rule lets the line continue beyond 500 mHz; this product holds the full response there.",
    };

    private static ServiceDefinition Static(string id, string name, ResponseDirection direction, double trigger) => new()
    {
        Id = id,
        Name = name,
        NominalHz = 50,
        Direction = direction,
        Kind = ServiceKind.Switched,
        Shape = new TriggerShape(),
        Settlement = SettlementRule.StaticHold,
        Numbers = Numbers(
            Design(TriggerHz, trigger, "each unit's trigger is agreed with its operator, between 0.1 and 0.5 Hz from nominal"),
            Recalled(FullActivationSeconds, 7.5, StaticD), Recalled(NumberNames.DurationSeconds, 20 * 60, StaticD), Recalled(RearmSeconds, 15 * 60, StaticD),
            Recalled(MinQuantityWatts, 100e3, StaticD), SampleAge(0.5), Step(0.01)),
        Note = "Gives all or nothing and is not let go by frequency alone. Put the agreed trigger in the configuration or the contract.",
    };

    private static ServiceDefinition Fast(string id, double trigger, double full) => new()
    {
        Id = id,
        Name = $"Nordic FFR {trigger} Hz",
        NominalHz = 50,
        Direction = ResponseDirection.Raise,
        Kind = ServiceKind.Switched,
        Shape = new TriggerShape(),
        Settlement = SettlementRule.FastReserve,
        Numbers = Numbers(
            Primary(TriggerHz, trigger, Ffr), Primary(FullActivationSeconds, full, Ffr), Primary(ShortSupportSeconds, 5, Ffr), Primary(LongSupportSeconds, 30, Ffr),
            Primary(MaxReleasePerSecond, 0.2, Ffr), Primary(RearmSeconds, 15 * 60, Ffr),
            Recalled(OverFulfilment, 1.35, "Nordic FFR technical requirements, over-delivery limit"),
            SampleAge(0.4), Step(0.01)),
        Note = "At exactly the trigger it responds.",
    };
}
