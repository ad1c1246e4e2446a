using System.Collections.Immutable;
using System.Text.Json;
using NodaTime;

namespace GridServices.Tariffs.Service.Calculations;

// What the requests look like, for the OpenAPI document; they are read by the core, which knows the pointer of every fault.

/// <summary>Intervals: numbers, or a file as text with what it does not say about itself.</summary>
/// <param name="Start">Instant, local time or date; absent = start of year.</param>
/// <param name="Minutes">Length of an interval.</param>
/// <param name="KW">Mean kW per interval, export negative, null = no reading; or kWh.</param>
/// <param name="KWh">kWh per interval.</param>
/// <param name="Csv">An interval file as text.</param>
/// <param name="GreenButton">A Green Button (ESPI) feed as text.</param>
/// <param name="Reading">Which MeterReading of the feed.</param>
/// <param name="Zone">Zone of stamps without offset; absent = the tariff's.</param>
/// <param name="Stamp">Where a CSV stamp stands in its interval.</param>
/// <param name="Unit">kWh, Wh, MWh, kW, W; absent = the column's name says it.</param>
/// <param name="Channel">import (default), export, net.</param>
/// <param name="Gaps">What stands in for missing intervals.</param>
/// <param name="TimeColumn">Name of the column with the time.</param>
/// <param name="ValueColumn">Name of the column with the value.</param>
public sealed record IntervalsQuestion(
    string? Start, int? Minutes, IReadOnlyList<decimal?>? KW, IReadOnlyList<decimal?>? KWh, string? Csv, string? GreenButton, string? Reading, string? Zone,
    StampPosition? Stamp, string? Unit, MeterChannel? Channel, GapPolicy? Gaps, string? TimeColumn, string? ValueColumn);

/// <summary>See docs/api/tariffs.md: tariff or tariffs, intervals, and what else the bill depends on.</summary>
public sealed record BillQuestion(
    string? TariffId, string? TariffFormat, JsonElement? Tariff, IReadOnlyList<JsonElement>? Tariffs, string? TimeZone, IntervalsQuestion Intervals, int? Year,
    IReadOnlyList<CycleQuestion>? Cycles, JsonElement? Account, IReadOnlyList<CalledEvent>? Events, IReadOnlyList<PriceCurve>? Prices, JsonElement? Options);

/// <summary>A billing cycle of local days, [from, until).</summary>
public sealed record CycleQuestion(LocalDate From, LocalDate Until);

/// <summary>A bill request with alternatives in place of the tariff.</summary>
public sealed record ComparisonQuestion(
    IReadOnlyList<JsonElement> Alternatives, IntervalsQuestion Intervals, IntervalsQuestion? ChangedIntervals, IReadOnlyList<ScenarioQuestion>? Scenarios, int? Year, IReadOnlyList<CycleQuestion>? Cycles);

/// <summary>A what-if: the whole changed load, or what is added to it on its own intervals (negative = less: an event, a battery).</summary>
public sealed record ScenarioQuestion(string Name, IntervalsQuestion? Intervals, ChangeQuestion? Change);

/// <summary>One number per interval of the load, in its unit.</summary>
public sealed record ChangeQuestion(IReadOnlyList<decimal?>? KW, IReadOnlyList<decimal?>? KWh);

/// <summary>A baseline by rule.</summary>
public sealed record BaselineQuestion(
    BaselineRule Rule, DemandResponseEvent Event, string TimeZone, IntervalsQuestion Intervals, IReadOnlyList<LocalDate>? EarlierEvents, IReadOnlyList<Holiday>? Holidays);

/// <summary>A baseline with the program's terms.</summary>
public sealed record SettlementQuestion(
    BaselineRule Rule, DemandResponseEvent Event, string TimeZone, IntervalsQuestion Intervals, IReadOnlyList<LocalDate>? EarlierEvents, IReadOnlyList<Holiday>? Holidays,
    DemandResponseTerms Terms, decimal? PreviousTotal);

/// <summary>Settlement blocks of a frequency service.</summary>
public sealed record FrequencyQuestion(string Currency, IReadOnlyList<AvailabilityBlock> Blocks, decimal? PreviousTotal);

/// <summary>A CDR and its tariff as OCPI has them.</summary>
public sealed record CdrCostQuestion(string? TariffId, JsonElement? Tariff, IReadOnlyList<JsonElement>? Tariffs, JsonElement Cdr, string TimeZone);

/// <summary>A bill request with the users of the site.</summary>
public sealed record AllocationQuestion(
    string? TariffId, JsonElement? Tariff, IntervalsQuestion Intervals, DemandAllocationMethod? Method, IReadOnlyList<UserQuestion> Users);

/// <summary>One user's intervals on the site's grid.</summary>
public sealed record UserQuestion(string Id, string? Station, IReadOnlyList<decimal?>? KW, IReadOnlyList<decimal?>? KWh, decimal? Paid);

/// <summary>Decimals are texts.</summary>
public sealed record BillAnswer(
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
