namespace GridServices.Contracts;

/// <summary>Architecture law 1: non-negative whole watts, absent = no statement; an unknown quantity refuses.</summary>
internal static class LimitRules
{
    private static readonly string[] Quantities =
    [
        "importLimitW", "exportLimitW", "chargeLimitW", "dischargeLimitW", "generationLimitW", "loadLimitW", "perPhase", "connect", "energize",
    ];

    private static readonly string[] Phases = ["L1", "L2", "L3"];
    private static readonly string[] PhaseQuantities = ["importLimitA", "exportLimitA"];

    public static Limits Limits(ObjectReader o)
    {
        o.RefuseUnknown(Quantities);
        return new Limits
        {
            ImportLimitW = Watts(o, "importLimitW"),
            ExportLimitW = Watts(o, "exportLimitW"),
            ChargeLimitW = Watts(o, "chargeLimitW"),
            DischargeLimitW = Watts(o, "dischargeLimitW"),
            GenerationLimitW = Watts(o, "generationLimitW"),
            LoadLimitW = Watts(o, "loadLimitW"),
            PerPhase = o.OptionalObject("perPhase", PerPhase),
            Connect = o.OptionalBoolean("connect"),
            Energize = o.OptionalBoolean("energize"),
        };
    }

    private static long? Watts(ObjectReader o, string quantity) => o.OptionalInteger(quantity, 0, ObjectReader.MaxInteger);

    private static PhaseLimits PerPhase(ObjectReader o)
    {
        o.RefuseUnknown(Phases);
        return new PhaseLimits { L1 = o.OptionalObject("L1", Phase), L2 = o.OptionalObject("L2", Phase), L3 = o.OptionalObject("L3", Phase) };
    }

    private static PhaseLimit Phase(ObjectReader o)
    {
        o.RefuseUnknown(PhaseQuantities);
        return new PhaseLimit { ImportLimitA = o.OptionalDecimal("importLimitA", 0, EnvelopeBounds.MaxAmperes, 3), ExportLimitA = o.OptionalDecimal("exportLimitA", 0, EnvelopeBounds.MaxAmperes, 3) };
    }
}
