using GridServices.Tariffs.Invoices;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Tariffs.Service.Invoices;

/// <summary>How far a document is.</summary>
public enum InvoiceState
{
    /// <summary>Has no number and can be deleted.</summary>
    Draft,

    /// <summary>Has its number and holds.</summary>
    Issued,

    /// <summary>A credit note took it back.</summary>
    Credited,

    /// <summary>A later document says what has changed.</summary>
    Rebilled,
}

/// <summary>A document and where it belongs.</summary>
public sealed record InvoiceAnswer
{
    public required string InvoiceId { get; init; }

    /// <summary>The id of the chain's first document.</summary>
    public required string ChainId { get; init; }

    public required InvoiceState State { get; init; }
    public required string SellerId { get; init; }
    public required string BuyerId { get; init; }
    public required string SeriesId { get; init; }
    public required string SiteId { get; init; }

    /// <summary>The billing run that holds its bill.</summary>
    public required string RunId { get; init; }

    public required Instant CreatedAt { get; init; }
    public required InvoiceDocument Document { get; init; }

    internal static InvoiceAnswer Create(InvoiceRow row) => new()
    {
        InvoiceId = row.InvoiceId,
        ChainId = row.ChainId,
        State = row.State,
        SellerId = row.SellerId,
        BuyerId = row.BuyerId,
        SeriesId = row.SeriesId,
        SiteId = row.SiteId,
        RunId = row.RunId,
        CreatedAt = row.CreatedAt,
        Document = row.Document,
    };
}

/// <summary>A document in a list.</summary>
public sealed record InvoiceItem
{
    public required string InvoiceId { get; init; }

    /// <summary>The id of the chain's first document.</summary>
    public required string ChainId { get; init; }

    public required InvoiceKind Kind { get; init; }
    public required InvoiceState State { get; init; }

    /// <summary>Absent = a draft.</summary>
    public string? Number { get; init; }

    public LocalDate? IssueDate { get; init; }
    public LocalDate? DueDate { get; init; }
    public required string SellerId { get; init; }
    public required string BuyerId { get; init; }
    public required string MeterId { get; init; }
    public required string SiteId { get; init; }

    /// <summary>First day.</summary>
    public required LocalDate From { get; init; }

    /// <summary>First day that is no longer invoiced.</summary>
    public required LocalDate Until { get; init; }

    public required string Currency { get; init; }

    /// <summary>Positive = the buyer pays; of a credit note: the buyer gets back.</summary>
    public required string Payable { get; init; }

    /// <summary>A true-up follows.</summary>
    public required bool Provisional { get; init; }

    internal static InvoiceItem Create(InvoiceRow row) => new()
    {
        InvoiceId = row.InvoiceId,
        ChainId = row.ChainId,
        Kind = Enum.Parse<InvoiceKind>(row.Kind),
        State = row.State,
        Number = row.Number,
        IssueDate = row.IssueDate is { } issued ? Day(issued) : null,
        DueDate = row.DueDate is { } due ? Day(due) : null,
        SellerId = row.SellerId,
        BuyerId = row.BuyerId,
        MeterId = row.MeterId,
        SiteId = row.SiteId,
        From = Day(row.PeriodFrom),
        Until = Day(row.PeriodUntil),
        Currency = row.Currency,
        Payable = row.Payable,
        Provisional = row.Provisional != 0,
    };

    private static LocalDate Day(string text) => LocalDatePattern.Iso.Parse(text).Value;
}

/// <summary>A seller or buyer.</summary>
/// <param name="PartyId">Its id.</param>
/// <param name="Party">As it was put.</param>
/// <param name="UpdatedAt">When.</param>
public sealed record PartyItem(string PartyId, InvoiceParty Party, Instant UpdatedAt);

/// <summary>A series of numbers.</summary>
/// <param name="SeriesId">Its id.</param>
/// <param name="Series">As it was put.</param>
/// <param name="UpdatedAt">When.</param>
public sealed record SeriesItem(string SeriesId, NumberSeries Series, Instant UpdatedAt);
