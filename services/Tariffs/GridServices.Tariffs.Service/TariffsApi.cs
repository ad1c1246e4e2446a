using GridServices.Hosting.OpenApi;
using GridServices.Tariffs.Readers;

namespace GridServices.Tariffs.Service;

/// <summary>What the service's OpenAPI document says beyond its endpoints.</summary>
internal static class TariffsApi
{
    internal static readonly ApiAbout About = new()
    {
        Description =
            "Exact bills, settlements and prices, and the live demand of meters, from which peak caps are published to the hub. Amounts and quantities are decimals that are never rounded on the way: "
            + "answers write them as texts, requests may give them as numbers or as texts. Energy is kWh, power kW (members that end in W are watts), import positive. "
            + "Instants are RFC 3339 in UTC, spans are half-open, local days are those of the tariff's zone. What is not measured is never paid and never free: the answer says provisional.",
        Tags = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Tariffs"] = "The registry of tariffs and their versions.",
            ["Calculations"] = "Bills, comparisons, baselines, settlements and allocations; nothing is stored.",
            ["Meters"] = "Registered meters, their records and their demand.",
            ["Prices"] = "Price series, day-ahead prices and the outlook of a site.",
            ["Weather"] = "Temperatures of stations, for baselines that look at the weather.",
            ["Carbon"] = "The carbon intensity of grid zones; grams of sites and sessions, and the match with renewables, hour by hour.",
            ["Billing runs"] = "Bills of many meters.",
            ["Invoices"] = "Invoices made of bills, their corrections and credit notes; parties and series of numbers.",
        },
        Parameters = Parameters(),
        Read = TariffJson.Options,
        Write = TariffJson.AnswerOptions,
    };

    private static Dictionary<string, string> Parameters() => new(StringComparer.Ordinal)
    {
        ["tariffId"] = "The tariff, 1 to 128 characters of A-Z a-z 0-9 . _ : ~ -.",
        ["version"] = "One of the tariff's versions; absent = the one put last.",
        ["format"] = "How the body is written: own (default), urdb or ocpi.",
        ["timeZone"] = "urdb: IANA zone of the rate, e.g. America/Los_Angeles; absent = Etc/UTC.",
        ["currency"] = "urdb: ISO 4217 code; absent = USD.",
        ["fixedDays"] = "urdb: day (default) or meanMonthDay, 365/12 days each month.",
        ["ratchets"] = "urdb: false = lookback fields do not become ratchets; absent = true.",
        ["meterId"] = "The meter, 1 to 128 characters of A-Z a-z 0-9 . _ : ~ -.",
        ["siteId"] = "The site, 1 to 128 characters of A-Z a-z 0-9 . _ : ~ -.",
        ["partyId"] = "The seller or buyer, 1 to 128 characters of A-Z a-z 0-9 . _ : ~ -.",
        ["seriesId"] = "The series of numbers, 1 to 128 characters of A-Z a-z 0-9 . _ : ~ -.",
        ["invoiceId"] = "The document, as answered when it was drafted.",
        ["chainId"] = "The id of a chain's first document: all its documents.",
        ["sellerId"] = "The party that sells.",
        ["buyerId"] = "The party that buys.",
        ["state"] = "draft, issued, credited or rebilled.",
        ["number"] = "The number of a document.",
        ["provisional"] = "true = those that a true-up follows; false = the others.",
        ["runId"] = "The billing run, as answered when it was started.",
        ["series"] = "The price series, 1 to 128 characters of A-Z a-z 0-9 . _ : ~ -.",
        ["gridZone"] = "The grid zone, 1 to 128 characters of A-Z a-z 0-9 . _ : ~ -.",
        ["station"] = "The weather station, 1 to 128 characters of A-Z a-z 0-9 . _ : ~ -.",
        ["zone"] = "IANA zone of stamps without an offset; absent = the tariff's.",
        ["day"] = "The market day, e.g. 2026-03-29.",
        ["from"] = "Start, inclusive: an instant in UTC such as 2026-01-15T00:00:00Z.",
        ["until"] = "End, exclusive: an instant in UTC such as 2026-01-16T00:00:00Z.",
        ["channel"] = "Which register: import (default), export, net or reactive, as the description says.",
        ["meter"] = "One of the site's meters; absent = the one that limits the site.",
        ["after"] = "The last item's id of the page before: the page goes on after it.",
        ["limit"] = "Most items of the page, 1 to 1000.",
        ["year"] = "A calendar year, billed month by month; instead of from and until.",
        ["stamp"] = "CSV: where a stamp is in its interval: start (default) or end.",
        ["unit"] = "kWh, Wh, MWh, kW or W; absent = the column's name says it.",
        ["gaps"] = "What is put in for missing intervals; absent = they are left out and told.",
        ["minutes"] = "Length of an interval; absent = told from the stamps.",
        ["sourceId"] = "The source of interval files, 1 to 128 characters of A-Z a-z 0-9 . _ : ~ -.",
        ["source"] = "The declared source that the file is of: it says how the file is written; what stands in the query beside it holds for this file.",
        ["qualityColumn"] = "CSV: the column that says whether a row was measured; absent = the one named quality.",
        ["measuredCodes"] = "CSV: qualities that say measured, separated by commas; all others but missingCodes are estimates.",
        ["missingCodes"] = "CSV: qualities that say that there is no reading, separated by commas.",
        ["missingValues"] = "CSV: what stands for no reading in the value column, separated by commas; empty = nothing.",
        ["multiplier"] = "Ratio of the current transformers times that of the voltage transformers, where the values are not yet multiplied by it; absent = 1.",
        ["spikes"] = "What is done with values far above the rest of their day, or above siteLimitKw: mark, leaveOut or refuse; absent = not looked for.",
        ["spikePercent"] = "So far above the third highest value of its day a value is a spike, percent; absent = 180.",
        ["registerFrom"] = "The register's reading at the start of the file, kWh of its display; the sum of the intervals is held against it.",
        ["registerUntil"] = "The register's reading at the end of the file, kWh of its display.",
        ["registerTolerance"] = "Most difference of the sums, kWh; absent = one kWh of the display times the multiplier.",
        ["timeColumn"] = "CSV: name or 1-based number of the column with the time.",
        ["dateColumn"] = "CSV: the column with the date, where date and time are apart.",
        ["valueColumn"] = "CSV: the column with the value.",
        ["exportColumn"] = "CSV: the column of a separate export register.",
        ["ignoreColumns"] = "CSV: columns that are not wanted, separated by commas.",
        ["stampFormat"] = "CSV: how stamps are written, e.g. dd.MM.yyyy HH:mm, epochSeconds.",
        ["register"] = "true = the numbers are a register's readings and their differences are the energy; false = they are energy although they never fall.",
        ["rowsInOrder"] = "CSV: true = rows are in the order of time, so that the repeated hour in autumn can be told apart.",
        ["delimiter"] = "CSV: comma, semicolon, tab or pipe; absent = told from the head.",
        ["decimal"] = "CSV: the decimal mark, point (default) or comma.",
        ["thousands"] = "CSV: the mark between thousands; absent = none.",
        ["skipRows"] = "CSV: rows before the head.",
        ["header"] = "CSV: false = there is no head; columns are numbers.",
        ["siteLimitKw"] = "Above this mean power, kW, an interval is implausible.",
        ["reading"] = "Green Button: which MeterReading of the feed; NEM12 and NEM13: which NMI, or NMI/suffix.",
    };
}
