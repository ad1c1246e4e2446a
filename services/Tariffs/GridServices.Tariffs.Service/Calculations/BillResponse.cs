using System.Collections.Immutable;
using GridServices.Tariffs.Bills;
using NodaTime;

namespace GridServices.Tariffs.Service.Calculations;

// What a bill looks like, for the OpenAPI document; it is written by the core.

/// <summary>Decimals are texts.</summary>
public sealed record BillResponse(
    string Currency, string Total, string Payable, ImmutableSortedDictionary<LineKind, string> Subtotals, string TariffId, IReadOnlyList<string> TariffHashes,
    string? DataHash, bool Provisional, string CreditCarried, Rounding Rounding, IReadOnlyList<string> Notes, IReadOnlyList<Warning>? Warnings, IReadOnlyList<BillMonth> Months);

/// <summary>One billing cycle.</summary>
public sealed record BillMonth(
    string Month, LocalDate From, LocalDate Until, string Total, string RoundedTotal, string ImportKwh, string ExportKwh, string PeakKw, string? BillingDemandKw,
    bool Provisional, int MissingIntervals, int EstimatedIntervals, IReadOnlyList<BillLine> LineItems);

/// <summary>One amount and how it came about.</summary>
public sealed record BillLine(
    LineKind Kind, string Charge, string? Name, string? Period, int? Tier, string Quantity, string Unit, string Rate, string Amount, string? Version,
    IReadOnlyList<Instant>? PeakAt, IReadOnlyList<BillTerm>? Terms, string Formula, string? Note);

/// <summary>One of several prices under a line.</summary>
public sealed record BillTerm(string Quantity, string Rate);
