namespace GridServices.Operations.Service.Audit;

/// <summary>The last entry that was removed after its retention: what is left of the chain is tied to it.</summary>
internal sealed record AuditCut
{
    /// <summary>What the entry that tells of it did to the audit.</summary>
    internal const string Removed = "removed";

    public long Sequence { get; init; }
    public string Hash { get; init; } = string.Empty;
}
