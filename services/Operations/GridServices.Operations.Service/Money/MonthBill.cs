using System.Text.Json.Serialization;
using NodaTime;

namespace GridServices.Operations.Service.Money;

/// <summary>What is known of a meter's bill of a month.</summary>
public enum BillState
{
    /// <summary>There is a bill, and everything in it was measured.</summary>
    Made,

    /// <summary>There is a bill, and readings or prices are missing or estimated: it will change.</summary>
    Provisional,

    /// <summary>A billing run could not bill it.</summary>
    Failed,

    /// <summary>A billing run has not come to it yet.</summary>
    UnderWay,

    /// <summary>No billing run has billed it.</summary>
    NotMade,

    /// <summary>The meter point is not linked to a meter and a tariff: nothing can be billed.</summary>
    NoTariff,

    /// <summary>The Tariffs service can't be asked.</summary>
    Unknown,
}

/// <summary>A meter's bill of a month, or why there is none.</summary>
public sealed record BillAnswer
{
    public required string MeterPointId { get; init; }
    public required string SiteId { get; init; }

    /// <summary>In which the billing cycle begins.</summary>
    public required YearMonth Month { get; init; }

    public required BillState State { get; init; }

    /// <summary>Why there is no bill, or why it is provisional; null = nothing is to be said.</summary>
    public string? Problem { get; init; }

    /// <summary>The billing run at the Tariffs service.</summary>
    public string? RunId { get; init; }

    /// <summary>ISO 4217.</summary>
    public string? Currency { get; init; }

    /// <summary>Rounded as the tariff says; null = there is no bill, never 0.</summary>
    public decimal? Payable { get; init; }

    /// <summary>Still due against the run that this one resettles; negative = a credit.</summary>
    public decimal? Delta { get; init; }

    public Instant? MadeAt { get; init; }

    /// <summary>Absent in lists.</summary>
    public MonthBill? Bill { get; init; }
}

/// <summary>A month of a bill as the Tariffs service wrote it. Amounts are exact, in the bill's currency.</summary>
public sealed record MonthBill
{
    /// <summary>First day of the cycle.</summary>
    public required LocalDate From { get; init; }

    /// <summary>First day after it.</summary>
    public required LocalDate Until { get; init; }

    public required decimal Total { get; init; }
    public decimal? RoundedTotal { get; init; }
    public decimal ImportKwh { get; init; }
    public decimal ExportKwh { get; init; }

    /// <summary>Highest mean of an interval.</summary>
    public decimal PeakKw { get; init; }

    public bool Provisional { get; init; }
    public int MissingIntervals { get; init; }
    public int EstimatedIntervals { get; init; }
    public IReadOnlyList<MonthBillLine> LineItems { get; init; } = [];

    /// <summary>What the calculation has to say, of the bill as a whole.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>SHA-256 of the readings.</summary>
    public string? DataHash { get; init; }
}

/// <summary>A line of a bill, and how it comes to its amount.</summary>
public sealed record MonthBillLine
{
    /// <summary>energy, demand, fixed, export, adjustment, tax or minimum.</summary>
    public required string Kind { get; init; }

    /// <summary>The charge's id in the tariff.</summary>
    public required string Charge { get; init; }

    public string? Name { get; init; }
    public string? Period { get; init; }
    public int? Tier { get; init; }
    public required decimal Quantity { get; init; }
    public required string Unit { get; init; }
    public required decimal Rate { get; init; }
    public required decimal Amount { get; init; }

    /// <summary>Start of the interval or window that set the peak.</summary>
    public IReadOnlyList<Instant> PeakAt { get; init; } = [];

    /// <summary>The calculation in one line.</summary>
    public required string Formula { get; init; }

    public string? Note { get; init; }

    [JsonIgnore]
    internal string Title => Name ?? Charge;
}

/// <summary>A billing run at the Tariffs service.</summary>
public sealed record BillRun
{
    public required string RunId { get; init; }

    /// <summary>running, done or cancelled.</summary>
    public required string State { get; init; }

    public BillRunScope Request { get; init; } = new();
    public int Total { get; init; }
    public int Done { get; init; }
    public int Failed { get; init; }
    public int Waiting { get; init; }
    public int Cancelled { get; init; }
    public required Instant CreatedAt { get; init; }
    public Instant? FinishedAt { get; init; }

    internal bool Covers(YearMonth month) => Request.TariffId is null && Request.From < month.PlusMonths(1).OnDayOfMonth(1) && Request.Until > month.OnDayOfMonth(1);

    internal bool Names(string meter) => Request.Meters.Count == 0 || Request.Meters.Contains(meter);

    /// <summary>Whether its amounts are of this month alone.</summary>
    internal bool IsWithin(YearMonth month) => Request.Until <= month.PlusMonths(1).OnDayOfMonth(1) && Request.From >= month.OnDayOfMonth(1);
}

/// <summary>What a run was asked for.</summary>
public sealed record BillRunScope
{
    /// <summary>Meters at the Tariffs service; empty = all.</summary>
    public IReadOnlyList<string> Meters { get; init; } = [];

    public string? SiteId { get; init; }
    public LocalDate From { get; init; }
    public LocalDate Until { get; init; }

    /// <summary>Another tariff than the meters' own: what would be, and no bill of an account.</summary>
    public string? TariffId { get; init; }

    public string? Resettles { get; init; }
}

/// <summary>What a run made of a meter.</summary>
internal sealed record RunResult
{
    public required string MeterId { get; init; }
    public required string State { get; init; }
    public string? Currency { get; init; }
    public decimal? Payable { get; init; }
    public decimal? Delta { get; init; }
    public bool? Provisional { get; init; }
    public string? Problem { get; init; }
    public Instant? FinishedAt { get; init; }
}
