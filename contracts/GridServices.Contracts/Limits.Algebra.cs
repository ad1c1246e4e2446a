namespace GridServices.Contracts;

/// <content>Intersection: pointwise minimum, AND for booleans, absent = no statement (architecture law 3).</content>
public sealed partial record Limits
{
    /// <summary>What both allow. Commutative, associative, idempotent; <see cref="None"/> is neutral; never looser than either.</summary>
    public Limits Intersect(Limits other) => new()
    {
        ImportLimitW = Least(ImportLimitW, other.ImportLimitW),
        ExportLimitW = Least(ExportLimitW, other.ExportLimitW),
        ChargeLimitW = Least(ChargeLimitW, other.ChargeLimitW),
        DischargeLimitW = Least(DischargeLimitW, other.DischargeLimitW),
        GenerationLimitW = Least(GenerationLimitW, other.GenerationLimitW),
        LoadLimitW = Least(LoadLimitW, other.LoadLimitW),
        PerPhase = Phases(Least(PerPhase?.L1, other.PerPhase?.L1), Least(PerPhase?.L2, other.PerPhase?.L2), Least(PerPhase?.L3, other.PerPhase?.L3)),
        Connect = Least(Connect, other.Connect),
        Energize = Least(Energize, other.Energize),
    };

    /// <summary>The same statement in its one form: no empty phase objects.</summary>
    public Limits Canonical() => PerPhase is null ? this : Intersect(None);

    /// <summary>True where every point that these limits allow is allowed by <paramref name="other"/> too.</summary>
    public bool IsWithin(Limits other) => Intersect(other) == Canonical();

    private static T? Least<T>(T? a, T? b)
        where T : struct, IComparable<T> => a is null ? b : b is null || a.Value.CompareTo(b.Value) <= 0 ? a : b;

    private static PhaseLimit? Least(PhaseLimit? a, PhaseLimit? b)
    {
        var import = Least(a?.ImportLimitA, b?.ImportLimitA);
        var export = Least(a?.ExportLimitA, b?.ExportLimitA);
        return import is null && export is null ? null : new PhaseLimit { ImportLimitA = import, ExportLimitA = export };
    }

    private static PhaseLimits? Phases(PhaseLimit? l1, PhaseLimit? l2, PhaseLimit? l3) =>
        l1 is null && l2 is null && l3 is null ? null : new PhaseLimits { L1 = l1, L2 = l2, L3 = l3 };
}
