using GridServices.Operations.Money;
using NodaTime;

namespace GridServices.Operations.Service.Money;

/// <summary>Why a session pays its share of a bill, line by line.</summary>
public sealed record SessionExplanation
{
    public required string AllocationId { get; init; }
    public required string MeterPointId { get; init; }
    public required string SiteId { get; init; }
    public required YearMonth Month { get; init; }

    /// <summary>How a peak is shared, in the words of the Tariffs service.</summary>
    public required string Method { get; init; }

    public required string Currency { get; init; }

    /// <summary>As it was split.</summary>
    public required SessionShare Session { get; init; }

    /// <summary>When its energy flowed, as told.</summary>
    public required IReadOnlyList<SessionPart> Parts { get; init; }

    /// <summary>The lines are those of the session's charge point, whose share falls on its sessions by energy: there were more sessions than one request holds.</summary>
    public required bool ByEvse { get; init; }

    /// <summary>Whether readings, tariff and share are still those of the split. False: the lines are of a split as it comes out now, and <see cref="Session"/> is what was split then.</summary>
    public required bool IsCurrent { get; init; }

    /// <summary>What the lines come to, to the cent.</summary>
    public required decimal PayableNow { get; init; }

    /// <summary>By sampled Shapley shares: the likely error of its demand part (95 %), in money; null = exact.</summary>
    public decimal? ErrorBound { get; init; }

    public required IReadOnlyList<ExplainedLine> Lines { get; init; }

    /// <summary>What the bill takes for granted or lacks.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>A part of one line of the site's bill.</summary>
public sealed record ExplainedLine
{
    /// <summary><c>energy</c>, <c>demand</c>, <c>fixed</c>, <c>tax</c> …</summary>
    public required string Kind { get; init; }

    public required string Charge { get; init; }
    public string? Period { get; init; }
    public string? Version { get; init; }
    public int? Tier { get; init; }

    /// <summary>What the site's line was charged for, in <see cref="Unit"/>.</summary>
    public decimal Quantity { get; init; }

    public string Unit { get; init; } = string.Empty;

    /// <summary>Price per unit.</summary>
    public decimal Rate { get; init; }

    /// <summary>The line on the site's bill.</summary>
    public required decimal LineAmount { get; init; }

    /// <summary>Its part of it, not rounded.</summary>
    public required decimal Amount { get; init; }

    /// <summary>What the line was shared by, in the words of the Tariffs service.</summary>
    public required string Rule { get; init; }

    public string? Note { get; init; }

    /// <summary>Starts of the windows that set the site's peak.</summary>
    public IReadOnlyList<Instant> PeakAt { get; init; } = [];

    /// <summary>Hours of the charge in which it drew energy.</summary>
    public IReadOnlyList<ExplainedHours> Hours { get; init; } = [];

    public int MoreHours { get; init; }

    /// <summary>Windows or calls in which it had load.</summary>
    public IReadOnlyList<ExplainedWindow> Windows { get; init; } = [];

    public int MoreWindows { get; init; }

    /// <summary>Charges whose lines this one is shared like.</summary>
    public IReadOnlyList<string> Of { get; init; } = [];
}

/// <summary>Energy in [From, Until): its own, and what the site drew.</summary>
public sealed record ExplainedHours(Instant From, Instant Until, decimal Kwh, decimal SiteKwh);

/// <summary>Mean power in a demand window [From, Until): its own, and the site's.</summary>
public sealed record ExplainedWindow(Instant From, Instant Until, decimal Kw, decimal SiteKw);
