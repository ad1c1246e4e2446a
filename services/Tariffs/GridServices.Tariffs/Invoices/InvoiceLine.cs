using System.Collections.Immutable;
using GridServices.Tariffs.Bills;
using NodaTime;

namespace GridServices.Tariffs.Invoices;

/// <summary>One line (BG-25). <see cref="Net"/> = quantity x price / price base, rounded, within a cent.</summary>
public sealed record InvoiceLine
{
    /// <summary>Names the same line of a later bill: cycle, kind, charge, period, tier, version.</summary>
    public required string Key { get; init; }

    public required LineKind Kind { get; init; }
    public required string Charge { get; init; }

    /// <summary>BT-153.</summary>
    public required string Name { get; init; }

    public required LocalDate From { get; init; }

    /// <summary>First day that is no longer in it.</summary>
    public required LocalDate Until { get; init; }

    /// <summary>BT-129; negative where money goes back, so that the price never is (BR-27).</summary>
    public required decimal Quantity { get; init; }

    /// <summary>In the bill's words: kWh, kW, kVA, day …</summary>
    public required string Unit { get; init; }

    /// <summary>UN/ECE Recommendation 20 (BT-130).</summary>
    public required string UnitCode { get; init; }

    /// <summary>BT-146, at most four decimals, never negative.</summary>
    public required decimal Price { get; init; }

    /// <summary>BT-149: the price is for so many units.</summary>
    public decimal PriceBase { get; init; } = 1;

    /// <summary>BT-131, without VAT, in the currency's decimals.</summary>
    public required decimal Net { get; init; }

    public required VatCategory Category { get; init; }

    /// <summary>Percent.</summary>
    public decimal VatRate { get; init; }

    /// <summary>BT-120, of categories without VAT.</summary>
    public string? VatReason { get; init; }

    /// <summary>How the bill calculated it, in plain words (BT-154).</summary>
    public required string Formula { get; init; }

    /// <summary>The windows that set the quantity.</summary>
    public ImmutableArray<PeakInterval> Peaks { get; init; } = [];

    /// <summary>What the bill says about it.</summary>
    public string? Note { get; init; }
}

/// <summary>A window that set a billed demand.</summary>
/// <param name="Start">When it starts.</param>
/// <param name="End">When it ends; absent = the tariff no longer tells its length.</param>
/// <param name="Kw">Its mean power; absent = not all of it was measured.</param>
public sealed record PeakInterval(Instant Start, Instant? End, decimal? Kw);
