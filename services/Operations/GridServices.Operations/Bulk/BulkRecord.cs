namespace GridServices.Operations.Bulk;

/// <summary>A row of a file, read and in order.</summary>
public abstract record BulkRecord
{
    /// <summary>What it is about: the same key is the same thing, and its hash tells whether anything changes.</summary>
    public abstract string Key { get; }

    /// <summary>A separator that no field can hold.</summary>
    protected static string JoinKey(params string?[] parts) => string.Join('\u001f', parts.Select(p => p ?? string.Empty));
}
