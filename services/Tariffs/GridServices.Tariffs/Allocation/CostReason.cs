using System.Collections.Immutable;
using GridServices.Tariffs.Bills;
using NodaTime;

namespace GridServices.Tariffs.Allocation;

/// <summary>Why a user (or session) pays what it pays: the lines that it has a part of, in the bill's order.</summary>
/// <param name="Id">The user.</param>
/// <param name="Lines">Their amounts sum to what it pays, not rounded.</param>
public sealed record CostReason(string Id, ImmutableArray<SharedLine> Lines);

/// <summary>A user's part of one line of the site's bill.</summary>
/// <param name="Cycle">Number of the billing cycle, from 0.</param>
/// <param name="Kind">Kind of the line.</param>
/// <param name="Charge">Id of the charge.</param>
/// <param name="LineAmount">The line on the site's bill.</param>
/// <param name="Amount">The user's part, not rounded.</param>
/// <param name="Rule">What the line was shared by.</param>
public sealed record SharedLine(int Cycle, LineKind Kind, string Charge, decimal LineAmount, decimal Amount, SharingRule Rule)
{
    public string? Period { get; init; }

    public string? Version { get; init; }

    /// <summary>1 = the first block; absent where there is only one.</summary>
    public int? Tier { get; init; }

    /// <summary>What the site's line was charged for, in <see cref="Unit"/>.</summary>
    public decimal Quantity { get; init; }

    /// <summary>kWh, kW, kVA, month … or the currency, for percentages.</summary>
    public string Unit { get; init; } = string.Empty;

    /// <summary>Price per unit; of a line with several prices (real-time prices) their mean.</summary>
    public decimal Rate { get; init; }

    /// <summary>Starts of the windows that set the quantity: the site's peaks.</summary>
    public ImmutableArray<Instant> PeakAt { get; init; } = [];

    /// <summary>Why the line's quantity is what it is, where that is not plain.</summary>
    public string? Note { get; init; }

    /// <summary>The hours of the charge in which the user was there, with what it used in them; those of most use where there are many.</summary>
    public ImmutableArray<SharedHours> Hours { get; init; } = [];

    /// <summary>How many more hours there are that are not listed.</summary>
    public int MoreHours { get; init; }

    /// <summary>The windows or calls of the charge in which the user had load; the highest own ones where there are many.</summary>
    public ImmutableArray<SharedWindow> Windows { get; init; } = [];

    /// <summary>How many more windows there are that are not listed.</summary>
    public int MoreWindows { get; init; }

    /// <summary>Charges whose lines this one is shared like.</summary>
    public ImmutableArray<string> Of { get; init; } = [];
}

/// <summary>Energy of a user in [From, Until).</summary>
/// <param name="From">Start.</param>
/// <param name="Until">End.</param>
/// <param name="Kwh">Its own.</param>
/// <param name="SiteKwh">What the site's meter drew meanwhile.</param>
public sealed record SharedHours(Instant From, Instant Until, decimal Kwh, decimal SiteKwh);

/// <summary>Mean power in a demand window or called peak [From, Until).</summary>
/// <param name="From">Start.</param>
/// <param name="Until">End.</param>
/// <param name="Kw">The user's.</param>
/// <param name="SiteKw">The site's, by its meter.</param>
public sealed record SharedWindow(Instant From, Instant Until, decimal Kw, decimal SiteKw);
