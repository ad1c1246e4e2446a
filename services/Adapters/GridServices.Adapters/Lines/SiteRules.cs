namespace GridServices.Adapters.Lines;

/// <summary>What the adapter's user settles for a site.</summary>
public sealed record SiteRules
{
    /// <summary>Holds, W, where nobody knows what a draw from the grid may be.</summary>
    public required long FailsafeImportW { get; init; }

    /// <summary>The same for what is fed in.</summary>
    public required long FailsafeExportW { get; init; }

    /// <summary>Of all low-voltage nets the lowest voltage of a phase, V: 100 V less 10 %.</summary>
    public const decimal LowestPhaseVolts = 90;

    /// <summary>The lowest voltage of a phase, V (230 V less 10 %: 207; 120 V less 10 %: 108). Default <see cref="LowestPhaseVolts"/>: what nobody states must not read as more.</summary>
    public decimal PhaseVolts { get; init; } = LowestPhaseVolts;

    /// <summary>The lowest power factor of what draws or feeds in; with the lowest voltage, so much active power surely keeps a limit in amperes. Default 0.9.</summary>
    public decimal PowerFactor { get; init; } = 0.9m;

    /// <summary>So many phases the peer loads alike, 1 to 3: a limit in amperes holds for each of them. Default 1: all its power may lie on one.</summary>
    public int Phases { get; init; } = 1;

    /// <summary>The fail-safe limit of a quantity, W: drawing goes by import, giving by export.</summary>
    public long GetFailsafe(Quantity quantity) =>
        quantity is Quantity.ImportLimitW or Quantity.ChargeLimitW or Quantity.LoadLimitW or Quantity.ConsumptionW ? FailsafeImportW : FailsafeExportW;
}
