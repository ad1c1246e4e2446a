using static GridServices.FrequencyResponse.Catalog.NumberNames;
using static GridServices.FrequencyResponse.Catalog.Row;

namespace GridServices.FrequencyResponse.Catalog;

/// <summary>Frequency containment reserve of Continental Europe, with what German rules let a battery choose, and the restoration reserves by signal (aFRR) and by instruction (mFRR).</summary>
internal static class ContinentalEurope
{
    private const string Annex = "Regulation (EU) 2017/1485, Annex V";
    private const string Article154 = "Regulation (EU) 2017/1485, Article 154(7)";
    private const string Article156 = "Regulation (EU) 2017/1485, Article 156(9)";
    private const string Article18 = "Regulation (EU) 2017/1485, Article 18(2)";
    private const string Annex3 = "Regulation (EU) 2017/1485, Annex III";
    private const string Afrr = "aFRR implementation framework and the operators' terms, recalled";
    private const string Mfrr = "mFRR implementation framework and the operators' terms, recalled";
    private const string Freedom = "German degrees of freedom, as implemented by openSimSES";

    public static IEnumerable<ServiceDefinition> Services =>
    [
        new()
        {
            Id = "CE-FCR",
            Name = "Continental Europe FCR (SO GL)",
            NominalHz = 50,
            Direction = ResponseDirection.Both,
            Kind = ServiceKind.Continuous,
            Shape = Through(Certainty.Primary, Annex, (49.8, 1), (50, 0), (50.2, -1)),
            Settlement = SettlementRule.FcrBand,
            Numbers = Numbers(
                Primary(FullActivationSeconds, 30, Annex),
                Recalled(HalfActivationSeconds, 15, Article154),
                Recalled(InitiationSeconds, 2, Article154),
                Recalled(LerMinimumSeconds, 15 * 60, Article156),
                Recalled(LerMaximumSeconds, 30 * 60, Article156),
                Recalled(LerRecoverySeconds, 2 * 3600, Article156),
                Recalled(StandardRangeHz, 0.05, Annex3), Recalled(StandardRangeSeconds, 15 * 60, Annex3), Recalled(SteadyDeviationHz, 0.2, Annex3),
                Recalled(HalfDeviationSeconds, 5 * 60, Article18),
                Secondary(OverFulfilment, 1.2, Freedom),
                Secondary(DeadbandUseHz, 0.01, Freedom),
                Design(ResolutionHz, 0.005, "Annex V asks for an accuracy of 10 mHz or better; steps of 10 mHz alone would use it up"),
                SampleAge(2)),
            Note = "Full response is kept beyond 200 mHz. The degrees of freedom may be used only in the direction that restores the state of charge.",
        },
        Automatic("CE-AFRR-UP", "aFRR upward (PICASSO)", ResponseDirection.Raise), Automatic("CE-AFRR-DOWN", "aFRR downward (PICASSO)", ResponseDirection.Lower),
        Manual("CE-MFRR-UP", "mFRR upward (MARI)", ResponseDirection.Raise), Manual("CE-MFRR-DOWN", "mFRR downward (MARI)", ResponseDirection.Lower),
    ];

    internal static ServiceDefinition Automatic(string id, string name, ResponseDirection direction, string source = Afrr) => Signalled(
        id, name, 50, direction, 4, source, "The operator's set-point as a share of the contracted quantity. Periods differ by operator: put yours in the configuration.",
        Recalled(FullActivationSeconds, 5 * 60, source), Recalled(MinQuantityWatts, 1e6, source));

    internal static ServiceDefinition Manual(string id, string name, ResponseDirection direction, string source = Mfrr) => Instructed(
        id, name, 50, direction, "Scheduled or direct activation. Every number is recalled: operators differ, put yours in the configuration.",
        Recalled(FullActivationSeconds, 12.5 * 60, source), Recalled(MinQuantityWatts, 1e6, source), Recalled(MinInstructionWatts, 1e6, source),
        Recalled(MinActivationSeconds, 5 * 60, source), Recalled(MaxActivationSeconds, 4 * 3600, source));
}
