namespace GridServices.Contracts;

/// <summary>The signed power that limits leave at a boundary: [<see cref="Lowest"/>, <see cref="Highest"/>], null = nothing stated on that side.</summary>
/// <remarks>
/// Interpretation: net power at a boundary is bounded by its import and export limits. Where the boundary encloses nothing but the thing that
/// another quantity is about, that quantity bounds it too: charge and discharge at storage and chargers, load at chargers, generation at PV.
/// At a site or a circuit those speak of a part behind it, and bound nothing of the net. A target to be disconnected or de-energized has room
/// for 0 W only. Currents per phase say nothing of watts without a voltage; the controller keeps to them itself.
/// </remarks>
internal readonly record struct Room(long? Highest, Binding? HighestBy, long? Lowest, Binding? LowestBy)
{
    public static Room From(TargetKind kind, EffectiveLimits limits)
    {
        var into = Least(limits.ImportLimitW, HasStorage(kind) ? limits.ChargeLimitW : null);
        into = Least(into, IsCharger(kind) ? limits.LoadLimitW : null);
        into = Least(into, Off(limits));
        var outOf = Least(limits.ExportLimitW, HasStorage(kind) ? limits.DischargeLimitW : null);
        outOf = Least(outOf, kind == TargetKind.Pv ? limits.GenerationLimitW : null);
        outOf = Least(outOf, Off(limits));
        return new Room(into?.Value, into?.BoundBy, outOf is null ? null : -outOf.Value, outOf?.BoundBy);
    }

    private static bool HasStorage(TargetKind kind) => kind == TargetKind.Ess || IsCharger(kind);

    private static bool IsCharger(TargetKind kind) => kind is TargetKind.Evse or TargetKind.EvseGroup;

    private static Bound<long>? Off(EffectiveLimits limits) =>
        limits.Connect is { Value: false } connect ? new Bound<long>(0, connect.BoundBy)
        : limits.Energize is { Value: false } energize ? new Bound<long>(0, energize.BoundBy)
        : null;

    private static Bound<long>? Least(Bound<long>? a, Bound<long>? b) => a is null ? b : b is null || a.Value <= b.Value ? a : b;
}
