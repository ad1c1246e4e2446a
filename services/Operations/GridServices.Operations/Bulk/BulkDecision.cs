namespace GridServices.Operations.Bulk;

/// <summary>What a row would do.</summary>
public enum BulkEffect
{
    Create,
    Change,

    /// <summary>What it says was applied already.</summary>
    Nothing,

    Refused,
}

/// <summary>Decides about a row by what was applied under its key before.</summary>
public static class BulkDecision
{
    /// <param name="row">As read.</param>
    /// <param name="appliedHash">Of the row that was last applied under the same kind and key; null = none was.</param>
    /// <param name="exists">Whether the thing is there, by whatever way it came.</param>
    public static BulkEffect Decide(BulkRow row, string? appliedHash, bool exists) =>
        row.Record is null ? BulkEffect.Refused
        : exists && appliedHash == row.Hash ? BulkEffect.Nothing
        : exists ? BulkEffect.Change
        : BulkEffect.Create;
}
