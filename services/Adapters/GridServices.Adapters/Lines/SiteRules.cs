namespace GridServices.Adapters.Lines;

/// <summary>What the adapter's user settles for a site.</summary>
public sealed record SiteRules
{
    /// <summary>Holds, W, where nobody knows what a draw from the grid may be.</summary>
    public required long FailsafeImportW { get; init; }

    /// <summary>The same for what is fed in.</summary>
    public required long FailsafeExportW { get; init; }

    /// <summary>The lowest voltage of a phase, V. Default 207 (230 V less 10 %).</summary>
    public decimal PhaseVolts { get; init; } = 207;

    /// <summary>The lowest power factor of what draws or feeds in; with the lowest voltage, so much active power surely keeps a limit in amperes. Default 0.9.</summary>
    public decimal PowerFactor { get; init; } = 0.9m;

    /// <summary>The fail-safe limit of a quantity, W: drawing goes by import, giving by export.</summary>
    public long FailsafeOf(Quantity quantity) =>
        quantity is Quantity.ImportLimitW or Quantity.ChargeLimitW or Quantity.LoadLimitW or Quantity.ConsumptionW ? FailsafeImportW : FailsafeExportW;
}
