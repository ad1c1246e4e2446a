namespace GridServices.Adapters.Lines;

/// <summary>What the adapter's user settles for a site.</summary>
public sealed record SiteRules
{
    /// <summary>Holds, W, where nobody knows what a draw from the grid may be.</summary>
    public required long FailsafeImportW { get; init; }

    /// <summary>The same for what is fed in.</summary>
    public required long FailsafeExportW { get; init; }

    /// <summary>The lowest voltage of a phase, V: so much power, and no more, surely keeps a limit in amperes. Default 207 (230 V less 10 %).</summary>
    public decimal PhaseVolts { get; init; } = 207;

    /// <summary>The fail-safe limit of a quantity, W: drawing goes by import, giving by export.</summary>
    public long FailsafeOf(Quantity quantity) =>
        quantity is Quantity.ImportLimitW or Quantity.ChargeLimitW or Quantity.LoadLimitW or Quantity.ConsumptionW ? FailsafeImportW : FailsafeExportW;
}
