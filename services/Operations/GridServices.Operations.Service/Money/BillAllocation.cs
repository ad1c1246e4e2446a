using GridServices.Operations.Bulk;
using GridServices.Operations.Money;
using NodaTime;

namespace GridServices.Operations.Service.Money;

/// <summary>A month's bill split among charging sessions. The users' shares and the site's sum to <see cref="Payable"/>, to the cent.</summary>
public sealed record BillAllocation
{
    public string Id { get; init; } = string.Empty;
    public required string MeterPointId { get; init; }
    public required string SiteId { get; init; }
    public required YearMonth Month { get; init; }
    public Instant MadeAt { get; init; }
    public string MadeBy { get; init; } = string.Empty;

    /// <summary>How a peak is shared, in the words of the Tariffs service.</summary>
    public required string Method { get; init; }

    public required string Currency { get; init; }

    /// <summary>What was split.</summary>
    public required decimal Payable { get; init; }

    /// <summary>The bill of the month as a billing run made it; null = there is none.</summary>
    public decimal? BillPayable { get; init; }

    /// <summary>The bill or a reading is missing or estimated: the shares will change.</summary>
    public required bool Provisional { get; init; }

    /// <summary>Whether peaks were shared among charge points, each of which then falls on its sessions by energy.</summary>
    public required bool ByEvse { get; init; }

    /// <summary>Of sessions outside the billing cycle: it is on another bill.</summary>
    public required decimal OutsideKwh { get; init; }

    /// <summary>What no session accounts for.</summary>
    public required decimal SitePayable { get; init; }

    public required decimal SiteKwh { get; init; }

    /// <summary>Rows that were refused and left out; their energy is the site's.</summary>
    public required int RefusedRows { get; init; }

    public required IReadOnlyList<UserTotal> Users { get; init; }

    /// <summary>Absent in lists.</summary>
    public IReadOnlyList<SessionShare> Sessions { get; init; } = [];

    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>SHA-256 of the readings that were split, as the Tariffs service names them; null = split before it was kept.</summary>
    public string? DataHash { get; init; }

    /// <summary>Of the tariff's versions.</summary>
    public IReadOnlyList<string> TariffHashes { get; init; } = [];

    /// <summary>The sessions as they were told; kept in a column of their own.</summary>
    internal IReadOnlyList<ChargingSession> Told { get; init; } = [];
}

/// <summary>The sessions that a bill was split among, as they were told.</summary>
/// <param name="AllocationId">Of the split.</param>
/// <param name="Sessions">Whose card, at which charge point, when and how much.</param>
public sealed record ToldSessions(string AllocationId, IReadOnlyList<ChargingSession> Sessions);

/// <summary>A file of sessions as it was read.</summary>
/// <param name="Sessions">Those that can be used.</param>
/// <param name="Rows">Rows in all.</param>
/// <param name="Refused">Faults of rows that can't be used.</param>
/// <param name="Warnings">What was odd but usable.</param>
internal sealed record SessionFile(IReadOnlyList<ChargingSession> Sessions, int Rows, IReadOnlyList<BulkFault> Refused, IReadOnlyList<BulkFault> Warnings)
{
    internal int RefusedRows => Rows - Sessions.Count;
}
