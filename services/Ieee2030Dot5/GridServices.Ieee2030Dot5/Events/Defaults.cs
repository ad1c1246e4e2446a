using GridServices.Contracts;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>What holds of a mode where no control does.</summary>
internal static class Defaults
{
    /// <summary>Behaviour rule 20: the default of the strongest program that defines the mode; without one the site's fallback.</summary>
    public static IEnumerable<ModePiece> GetPieces(EvaluationContext context, (ControlMode Mode, string? Alone) of, Instant from, Instant? until, Instant? lostSince)
    {
        var (mode, alone) = of;
        var fallback = alone is null ? FallbackSetting(context.Config.Fallback, mode) : null;
        var by = context.Programs.Where(p => string.Equals(Supersession.FindScope(p.Key, p.IsRanked, mode), alone, StringComparison.OrdinalIgnoreCase)).FirstOrDefault(p => p.Default?.Settings.Any(s => s.Mode == mode) == true);

        // Behaviour rule 21: after a loss of communication the schedule, then the default, then (where so configured) the site's own fallback.
        var giveWay = by is null ? from : fallback is not null && lostSince + context.Config.FallbackAfterLoss is { } lost ? Instant.Max(lost, from) : (Instant?)null;
        if (by is not null && (giveWay is null || giveWay > from))
        {
            yield return CreatePiece(by, mode) with { From = from, Until = Earlier(giveWay, until) };
        }

        if (fallback is not null && giveWay is { } own && (until is null || own < until))
        {
            yield return new ModePiece { From = own, Until = until, Setting = fallback, Source = PieceSource.Fallback };
        }
    }

    /// <summary>Modes that a default or the fallback speaks of.</summary>
    public static IEnumerable<ControlMode> Modes(EvaluationContext context) => context.Programs
        .SelectMany(p => p.Default?.Settings ?? []).Select(s => s.Mode)
        .Concat(Enum.GetValues<ControlMode>().Where(m => FallbackSetting(context.Config.Fallback, m) is not null));

    /// <summary>setGradW of the strongest program whose default states one. CSIP-AUS ALL-13, ALL-17: it is echoed in DERSettings.</summary>
    public static Gradient? FindGradient(ValueList<HeldProgram> programs) =>
        programs.FirstOrDefault(p => p.Default?.SetGradW is not null) is { Default: { SetGradW: { } grad } d } by
            ? new Gradient(grad, d.SetSoftGradW, by.Key)
            : null;

    private static ModePiece CreatePiece(HeldProgram by, ControlMode mode) => new()
    {
        From = Instant.MinValue,
        Until = null,
        Setting = by.Default!.Settings.First(s => s.Mode == mode),
        Source = PieceSource.Default,
        ProgramKey = by.Key,
        MRid = by.Default.MRid,
        Primacy = by.Primacy,
        RampTms = by.Default.RampTms,
    };

    private static ModeSetting? FallbackSetting(Limits? fallback, ControlMode mode)
    {
        var amount = mode switch
        {
            ControlMode.ImpLimW => fallback?.ImportLimitW,
            ControlMode.ExpLimW => fallback?.ExportLimitW,
            ControlMode.GenLimW => fallback?.GenerationLimitW,
            ControlMode.LoadLimW => fallback?.LoadLimitW,
            ControlMode.Connect => Flag(fallback?.Connect),
            ControlMode.Energize => Flag(fallback?.Energize),
            _ => null,
        };
        return amount is { } a ? new ModeSetting(mode, a) : null;
    }

    private static long? Flag(bool? flag) => flag is { } f ? (f ? 1 : 0) : null;

    private static Instant? Earlier(Instant? one, Instant? other) => one is null ? other : other is null || one < other ? one : other;
}
