using GridServices.OpenAdr.Configuration;

namespace GridServices.OpenAdr.Service.Api;

/// <summary>VENs to make, change and remove.</summary>
public sealed record VenBulkBody
{
    /// <summary>VENs to make or change, at most 5,000, each key once.</summary>
    public required IReadOnlyList<VenBulkEntry> Vens { get; init; }

    /// <summary>Keys of VENs to remove; one that isn't there is no fault.</summary>
    public IReadOnlyList<string>? Remove { get; init; }
}

/// <summary>A VEN to make or change.</summary>
public sealed record VenBulkEntry
{
    /// <summary>Our own name of the VEN.</summary>
    public required string VenKey { get; init; }

    /// <summary>As for PUT of one VEN.</summary>
    public required VenConfig Config { get; init; }
}

/// <summary>What was done, or with dryRun would be.</summary>
public sealed record VenBulkResult
{
    public required bool DryRun { get; init; }
    public required int Created { get; init; }
    public required int Changed { get; init; }
    public required int Unchanged { get; init; }
    public required int Removed { get; init; }
    public required int Refused { get; init; }

    /// <summary>Those that may have been stored, and may not.</summary>
    public required int Unconfirmed { get; init; }

    /// <summary>By key.</summary>
    public required IReadOnlyList<VenBulkItem> Items { get; init; }

    internal static VenBulkResult Create(bool dryRun, IReadOnlyCollection<VenBulkItem> items)
    {
        var count = items.CountBy(i => i.Status).ToDictionary();
        return new VenBulkResult
        {
            DryRun = dryRun,
            Created = count.GetValueOrDefault(VenBulkStatus.Created),
            Changed = count.GetValueOrDefault(VenBulkStatus.Changed),
            Unchanged = count.GetValueOrDefault(VenBulkStatus.Unchanged),
            Removed = count.GetValueOrDefault(VenBulkStatus.Removed),
            Refused = count.GetValueOrDefault(VenBulkStatus.Refused),
            Unconfirmed = count.GetValueOrDefault(VenBulkStatus.Unconfirmed),
            Items = [.. items.OrderBy(i => i.VenKey, StringComparer.Ordinal)],
        };
    }
}

/// <summary>What became of one VEN.</summary>
/// <param name="VenKey">Its key.</param>
/// <param name="Status">What was done.</param>
/// <param name="Warnings">What was accepted though it looks doubtful.</param>
/// <param name="Problem">Why it was refused, or is unconfirmed; absent: it is neither.</param>
public sealed record VenBulkItem(string VenKey, VenBulkStatus Status, IReadOnlyList<string> Warnings, string? Problem);

/// <summary>absent: to be removed, and not there. refused: see problem. unconfirmed: it may have been done, or may still be; GET the VEN before you repeat it.</summary>
public enum VenBulkStatus
{
    Created,
    Changed,
    Unchanged,
    Removed,
    Absent,
    Refused,
    Unconfirmed,
}
