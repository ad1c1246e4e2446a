using System.Text.Json;
using System.Text.Json.Serialization;
using GridServices.Tariffs.Allocation;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Settlement;
using GridServices.Tariffs.Time;
using GridServices.Tariffs.Weather;
using NodaTime;

namespace GridServices.Tariffs.Requests;

// What requests look like. Every body is held against its record before it is read, so a member that does not stand here is refused, and the OpenAPI
// document, which is made of the same records, tells the truth. The values are read by the readers beside this file.

/// <summary>Intervals: numbers, or a file as text with what it does not say about itself.</summary>
public sealed record IntervalsRequestBody
{
    /// <summary>Instant, local time or date; absent = start of the request's year.</summary>
    public string? Start { get; init; }

    /// <summary>Length of an interval.</summary>
    public int? Minutes { get; init; }

    /// <summary>Mean kW per interval, export negative, null = no reading; or kWh.</summary>
    [JsonPropertyName("kW")]
    public IReadOnlyList<decimal?>? Kw { get; init; }

    /// <summary>kWh per interval.</summary>
    [JsonPropertyName("kWh")]
    public IReadOnlyList<decimal?>? Kwh { get; init; }

    /// <summary>Which of kW or kWh (and of what stands beside them) are estimates that nobody measured, in order and without overlap; absent or empty = all were measured.</summary>
    public IReadOnlyList<EstimatedRequestBody>? Estimated { get; init; }

    /// <summary>A separate export register.</summary>
    [JsonPropertyName("exportKW")]
    public IReadOnlyList<decimal?>? ExportKw { get; init; }

    public IReadOnlyList<decimal?>? ExportKwh { get; init; }

    /// <summary>A separate generation meter.</summary>
    [JsonPropertyName("generationKW")]
    public IReadOnlyList<decimal?>? GenerationKw { get; init; }

    public IReadOnlyList<decimal?>? GenerationKwh { get; init; }

    /// <summary>Reactive power, beside kW.</summary>
    public IReadOnlyList<decimal?>? Kvar { get; init; }

    /// <summary>Reactive energy, beside kWh.</summary>
    public IReadOnlyList<decimal?>? Kvarh { get; init; }

    /// <summary>An interval file as text.</summary>
    public string? Csv { get; init; }

    /// <summary>A Green Button (ESPI) feed as text.</summary>
    public string? GreenButton { get; init; }

    /// <summary>Which MeterReading of the feed; of NEM12 and NEM13 which NMI, or NMI/suffix.</summary>
    public string? Reading { get; init; }

    /// <summary>Zone of stamps without offset; absent = the tariff's.</summary>
    public string? Zone { get; init; }

    /// <summary>Where a CSV stamp stands in its interval.</summary>
    public StampPosition? Stamp { get; init; }

    /// <summary>kWh, Wh, MWh, kW, W; absent = the column's name says it.</summary>
    public string? Unit { get; init; }

    /// <summary>import (default), export, net.</summary>
    public MeterChannel? Channel { get; init; }

    /// <summary>What stands in for missing intervals.</summary>
    public GapPolicy? Gaps { get; init; }

    /// <summary>CSV: name (or 1-based number) of the column with the time.</summary>
    public string? TimeColumn { get; init; }

    /// <summary>CSV: the column with the date, where date and time stand apart.</summary>
    public string? DateColumn { get; init; }

    /// <summary>CSV: the column with the value.</summary>
    public string? ValueColumn { get; init; }

    /// <summary>CSV: the column of a separate export register; then the value is the import register.</summary>
    public string? ExportColumn { get; init; }

    /// <summary>CSV: the column that says whether a row was measured; absent = the one named quality.</summary>
    public string? QualityColumn { get; init; }

    /// <summary>CSV: qualities that say measured; all others but missingCodes are estimates. Absent = A, actual, measured, valid, validated, verified, ok, good.</summary>
    public IReadOnlyList<string>? MeasuredCodes { get; init; }

    /// <summary>CSV: qualities that say that there is no reading. Absent = N, missing, null.</summary>
    public IReadOnlyList<string>? MissingCodes { get; init; }

    /// <summary>CSV: what stands in the value column where there is no reading, e.g. NaN, -9999; <c>empty</c> = nothing.</summary>
    public IReadOnlyList<string>? MissingValues { get; init; }

    /// <summary>CSV: columns that are not wanted.</summary>
    public IReadOnlyList<string>? IgnoreColumns { get; init; }

    /// <summary>Files: true = the values are readings of a register, and their differences are billed; false = energy per interval; absent = refused where they could be either.</summary>
    public bool? Register { get; init; }

    /// <summary>CSV: how stamps are written, e.g. <c>dd.MM.yyyy HH:mm</c>, <c>MM/dd/yyyy hh:mm tt</c>, <c>epochSeconds</c>, <c>epochMilliseconds</c>.</summary>
    public string? StampFormat { get; init; }

    /// <summary>CSV: the rows stand in the order of time, so the two passes of the repeated hour in autumn can be told apart.</summary>
    public bool? RowsInOrder { get; init; }

    /// <summary>CSV: comma, semicolon, tab or pipe; absent = told from the head.</summary>
    public CsvDelimiter? Delimiter { get; init; }

    /// <summary>CSV: the decimal mark; absent = point, and a number with a comma is refused.</summary>
    public DecimalMark? Decimal { get; init; }

    /// <summary>CSV: the mark between thousands; absent = none.</summary>
    public ThousandsMark? Thousands { get; init; }

    /// <summary>CSV: rows before the head.</summary>
    public int? SkipRows { get; init; }

    /// <summary>CSV: false = there is no head; columns are numbers.</summary>
    public bool? Header { get; init; }

    /// <summary>Above this mean power an interval is implausible.</summary>
    public decimal? SiteLimitKw { get; init; }

    /// <summary>Files: ratio of the current transformers times that of the voltage transformers, where values are not yet multiplied by it; absent = 1.</summary>
    public decimal? Multiplier { get; init; }

    /// <summary>Files: what is done with values far above the rest of their day, or above siteLimitKw; absent = spikes are not looked for.</summary>
    public SpikePolicy? Spikes { get; init; }

    /// <summary>Files: so far above the third highest value of its day a value is a spike, percent; absent = 180.</summary>
    public decimal? SpikePercent { get; init; }

    /// <summary>Files: the register's reading at the start, kWh of its display; the sum of the intervals is held against it.</summary>
    public decimal? RegisterFrom { get; init; }

    /// <summary>Files: the register's reading at the end, kWh of its display.</summary>
    public decimal? RegisterUntil { get; init; }

    /// <summary>Files: most difference of the sums, kWh; absent = one kWh of the display times the multiplier.</summary>
    public decimal? RegisterTolerance { get; init; }
}

/// <summary>Intervals by index from 0.</summary>
public sealed record EstimatedRequestBody
{
    /// <summary>The first.</summary>
    public required int From { get; init; }

    /// <summary>The one after the last.</summary>
    public required int Until { get; init; }
}

/// <summary>How to bill, and how to read a URDB rate.</summary>
public sealed record OptionsRequestBody
{
    public TierFill? EnergyTierFill { get; init; }

    /// <summary>Instead of the tariff's policy.</summary>
    public Rounding? Rounding { get; init; }

    /// <summary>URDB: day, or meanMonthDay (365/12 each month).</summary>
    public FixedPer? FixedDays { get; init; }

    /// <summary>URDB: false = lookback fields do not become ratchets.</summary>
    public bool? Ratchets { get; init; }
}

/// <summary>See docs/api/tariffs.md: tariff or tariffs, intervals, and what else the bill depends on.</summary>
public sealed record BillRequestBody(
    string? TariffId = null, string? TariffFormat = null, JsonElement? Tariff = null, IReadOnlyList<JsonElement>? Tariffs = null, string? TimeZone = null,
        IntervalsRequestBody? Intervals = null, int? Year = null,
    IReadOnlyList<CycleRequestBody>? Cycles = null, Account? Account = null, IReadOnlyList<CalledEvent>? Events = null, IReadOnlyList<PriceCurve>? Prices = null, OptionsRequestBody? Options = null);

/// <summary>A billing cycle of local days, [from, until).</summary>
public sealed record CycleRequestBody(LocalDate From, LocalDate Until);

/// <summary>A bill request with alternatives in place of the tariff.</summary>
public sealed record ComparisonRequestBody(
    IReadOnlyList<AlternativeRequestBody>? Alternatives = null, string? TariffFormat = null, string? TimeZone = null, IntervalsRequestBody? Intervals = null,
        IntervalsRequestBody? ChangedIntervals = null,
    IReadOnlyList<ScenarioRequestBody>? Scenarios = null, int? Year = null, IReadOnlyList<CycleRequestBody>? Cycles = null, Account? Account = null, IReadOnlyList<CalledEvent>? Events = null,
    IReadOnlyList<PriceCurve>? Prices = null, OptionsRequestBody? Options = null);

/// <summary>One tariff to compare: inline or stored.</summary>
public sealed record AlternativeRequestBody(
    string? TariffId = null, string? TariffFormat = null, JsonElement? Tariff = null, IReadOnlyList<JsonElement>? Tariffs = null, string? TimeZone = null, OptionsRequestBody? Options = null);

/// <summary>A what-if: the whole changed load, or what is added to it on its own intervals (negative = less: an event, a battery).</summary>
public sealed record ScenarioRequestBody(string? Name = null, IntervalsRequestBody? Intervals = null, ChangeRequestBody? Change = null);

/// <summary>One number per interval of the load, in its unit.</summary>
public sealed record ChangeRequestBody
{
    [JsonPropertyName("kW")]
    public IReadOnlyList<decimal?>? Kw { get; init; }

    [JsonPropertyName("kWh")]
    public IReadOnlyList<decimal?>? Kwh { get; init; }
}

/// <summary>A baseline by rule.</summary>
public sealed record BaselineRequestBody(
    BaselineRule? Rule = null, DemandResponseEvent? Event = null, string? TimeZone = null, IntervalsRequestBody? Intervals = null, int? Year = null,
        IReadOnlyList<LocalDate>? EarlierEvents = null, IReadOnlyList<Holiday>? Holidays = null,
    IReadOnlyList<BaselineRule>? Fallbacks = null, WeatherRequestBody? Weather = null);

/// <summary>Temperatures for rules that look at the weather: a stored station, or the points themselves.</summary>
/// <param name="Station">A stored station.</param>
/// <param name="Points">Instead of a station; in any order, not overlapping.</param>
public sealed record WeatherRequestBody(string? Station = null, IReadOnlyList<TemperaturePoint>? Points = null);

/// <summary>A baseline with the program's terms.</summary>
public sealed record SettlementRequestBody(
    BaselineRule? Rule = null, DemandResponseEvent? Event = null, string? TimeZone = null, IntervalsRequestBody? Intervals = null, int? Year = null,
        IReadOnlyList<LocalDate>? EarlierEvents = null, IReadOnlyList<Holiday>? Holidays = null,
    DemandResponseTerms? Terms = null, decimal? PreviousTotal = null, IReadOnlyList<BaselineRule>? Fallbacks = null, WeatherRequestBody? Weather = null);

/// <summary>Settlement blocks of a frequency service.</summary>
public sealed record FrequencyRequestBody(string? Currency = null, IReadOnlyList<AvailabilityBlock>? Blocks = null, decimal? PreviousTotal = null);

/// <summary>A CDR and its tariff as OCPI has them.</summary>
public sealed record CdrCostRequestBody(string? TariffId = null, JsonElement? Tariff = null, IReadOnlyList<JsonElement>? Tariffs = null, JsonElement? Cdr = null, string? TimeZone = null);

/// <summary>A bill request with the users of the site, or the sessions at it, or both.</summary>
/// <param name="TariffId">A stored tariff.</param>
/// <param name="TariffFormat">own or urdb.</param>
/// <param name="Tariff">The tariff.</param>
/// <param name="Tariffs">Its versions.</param>
/// <param name="TimeZone">For rates that name no zone.</param>
/// <param name="Intervals">What the site's meter recorded.</param>
/// <param name="Year">A calendar year.</param>
/// <param name="Cycles">Billing cycles.</param>
/// <param name="Account">What the bill needs beside intervals.</param>
/// <param name="Events">Called events.</param>
/// <param name="Prices">Prices of real-time charges.</param>
/// <param name="Options">How the bill is made.</param>
/// <param name="Method">How demand is shared.</param>
/// <param name="Users">Who shares it, with an interval for each of the site's.</param>
/// <param name="Sessions">Charging sessions that share it, up to 200,000.</param>
/// <param name="AsOf">When sessions without an end were last read, for which it must be given.</param>
/// <param name="Explain">Up to 100 ids of users or sessions whose shares are explained line by line in reasons.</param>
public sealed record AllocationRequestBody(
    string? TariffId = null, string? TariffFormat = null, JsonElement? Tariff = null, IReadOnlyList<JsonElement>? Tariffs = null, string? TimeZone = null,
        IntervalsRequestBody? Intervals = null, int? Year = null,
    IReadOnlyList<CycleRequestBody>? Cycles = null, Account? Account = null, IReadOnlyList<CalledEvent>? Events = null, IReadOnlyList<PriceCurve>? Prices = null, OptionsRequestBody? Options = null,
    DemandAllocationMethod? Method = null, IReadOnlyList<UserRequestBody>? Users = null, AllocatedSessionsRequestBody? Sessions = null, Instant? AsOf = null, IReadOnlyList<string>? Explain = null);

/// <summary>One user's intervals on the site's grid.</summary>
public sealed record UserRequestBody
{
    public string? Id { get; init; }
    public string? Station { get; init; }

    [JsonPropertyName("kW")]
    public IReadOnlyList<decimal?>? Kw { get; init; }

    [JsonPropertyName("kWh")]
    public IReadOnlyList<decimal?>? Kwh { get; init; }

    /// <summary>What it paid, for its margin.</summary>
    public decimal? Paid { get; init; }
}

/// <summary>A billing run asked for.</summary>
/// <param name="Meters"><c>"all"</c> or a list of ids.</param>
/// <param name="SiteId">Only meters of this site.</param>
/// <param name="From">First day; with until instead of year.</param>
/// <param name="Until">First day that is no longer billed.</param>
/// <param name="Year">A calendar year.</param>
/// <param name="TariffId">Instead of each meter's own.</param>
/// <param name="Options">energyTierFill, rounding.</param>
/// <param name="Resettles">An earlier run.</param>
public sealed record RunRequestBody(
    JsonElement? Meters = null, string? SiteId = null, LocalDate? From = null, LocalDate? Until = null, int? Year = null, string? TariffId = null,
        RunOptionsRequestBody? Options = null, string? Resettles = null);

/// <summary>How the bills of a run are made.</summary>
public sealed record RunOptionsRequestBody(TierFill? EnergyTierFill = null, Rounding? Rounding = null);

/// <summary>Prices per kWh to store.</summary>
public sealed record PricesRequestBody(string? Currency = null, IReadOnlyList<PricePoint>? Points = null);
