using System.Collections.Immutable;
using System.Globalization;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Tariffs.Readers;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Tariffs.Midas;

/// <summary>
/// Reads MIDAS 2.0: <c>{"RateID":…,"ValueInformation":[{"DateStart","TimeStart","DateEnd","TimeEnd","Unit","Value"}]}</c>. Stamps are UTC and ends inclusive
/// (07:04:59 ends at 07:05). What version 1 wrote (<c>value</c>, kg/kWh, some stamps in Pacific time) is refused.
/// </summary>
public static class MidasReader
{
    private static readonly string[] Lists = ["Rates", "GHGEmissions", "FlexAlerts", "All"];
    private static readonly string[] ImportUnits = ["$/kWh", "¢/kWh"];
    private const string ExportUnit = "export $/kWh";
    private const int MostValues = 100_000;
    private static readonly Duration LongestValue = Duration.FromDays(1);
    private static readonly JsonBounds Bounds = TariffJson.Bounds with { MaxBytes = 16 * 1024 * 1024, MaxTokens = 4_000_000 };
    private static readonly LocalTimePattern Clock = LocalTimePattern.CreateWithInvariantCulture("HH:mm:ss");

    /// <param name="json">The answer of MIDAS.</param>
    /// <param name="unit">The one unit that can be taken.</param>
    public static ReadResult<MidasDocument> Read(ReadOnlyMemory<byte> json, string unit) => ReadProblems.Read(json, Bounds, (root, problems) =>
    {
        if (Rows(root, problems) is not { } rows)
        {
            return null;
        }

        var values = rows.Items.Select(i => Value(i, unit, problems)).OfType<MidasValue>().OrderBy(v => v.From).ToArray();
        return problems.Any ? null : new MidasDocument(rows.Id, unit, Distinct(values, problems));
    });

    /// <summary>
    /// The energy prices of a rate. Values in other units ($/kW, backup $/kWh …) and values of more than a day (a season put before it begins, whose hours are not said) are left out, each kind
    /// with a warning: no moment gets a price from them.
    /// </summary>
    public static ReadResult<MidasPrices> Prices(ReadOnlyMemory<byte> json) => ReadProblems.Read(json, Bounds, (root, problems) =>
    {
        if (Rows(root, problems) is not { } rows)
        {
            return null;
        }

        var byUnit = rows.Items.ToLookup(i => i.Required("Unit", "$/kWh").Text(), StringComparer.OrdinalIgnoreCase);
        foreach (var other in byUnit.Where(u => !ImportUnits.Contains(u.Key, StringComparer.OrdinalIgnoreCase) && !IsExport(u.Key)))
        {
            problems.Warn(ErrorClass.Unit, other.First().Pointer, $"{other.Count()} values in {SafeText.Quote(other.Key)} are no energy prices and left out");
        }

        var import = Curve(byUnit.Where(u => ImportUnits.Contains(u.Key, StringComparer.OrdinalIgnoreCase)).SelectMany(u => u.Select(i => (Item: i, u.Key))), problems);
        var export = Curve(byUnit.Where(u => IsExport(u.Key)).SelectMany(u => u.Select(i => (Item: i, u.Key))), problems);
        if (import.IsEmpty && export.IsEmpty && !problems.Any)
        {
            problems.Refuse(ErrorClass.SemanticEmpty, "/ValueInformation", "no value is an energy price of at most a day: this signal is no rate in $/kWh, or tells only seasons");
        }

        return problems.Any ? null : new MidasPrices(rows.Id, import, export);
    });

    private static ImmutableArray<MidasValue> Curve(IEnumerable<(JsonMember Item, string Unit)> items, ReadProblems problems)
    {
        var values = new List<MidasValue>();
        var seasons = new List<string>();
        foreach (var (item, unit) in items)
        {
            if (Span(item, problems) is not { } span)
            {
                continue;
            }

            if (span.Until - span.From > LongestValue)
            {
                seasons.Add(item.Pointer);
                continue;
            }

            values.Add(new MidasValue(span.From, span.Until, Number(item) / (unit.StartsWith('¢') ? 100 : 1), item.Member("ValueName") is { IsText: true } name ? name.Text() : null));
        }

        if (seasons.Count > 0)
        {
            problems.Warn(ErrorClass.SemanticTime, seasons[0], $"{seasons.Count} values hold for more than a day, a season perhaps, at hours that are not said; they are left out");
        }

        return problems.Any ? [] : Distinct([.. values.OrderBy(v => v.From)], problems);
    }

    private static bool IsExport(string unit) => string.Equals(unit, ExportUnit, StringComparison.OrdinalIgnoreCase);

    private static (string Id, ImmutableArray<JsonMember> Items)? Rows(JsonMember root, ReadProblems problems)
    {
        if (Array.Find(Lists, n => root.Member(n) is not null) is { } list)
        {
            problems.Refuse(ErrorClass.SchemaInvalid, $"/{list}", "this is a list of signals; give the answer for one of them, GET /ValueData?ID={RateID}&QueryType=alldata");
            return null;
        }

        return (root.Required("RateID", "the signal's RIN, e.g. USCA-SGIP-MOER-PGE").Text(), root.Required("ValueInformation", "the values").Items(1, MostValues));
    }

    private static MidasValue? Value(JsonMember item, string unit, ReadProblems problems)
    {
        var written = item.Required("Unit", unit).Text();
        if (!string.Equals(written, unit, StringComparison.OrdinalIgnoreCase))
        {
            var old = written.StartsWith("kg/", StringComparison.OrdinalIgnoreCase) ? "; kg/kWh is of MIDAS 1, whose stamps are not all UTC: fetch it from version 2" : string.Empty;
            problems.Refuse(ErrorClass.Unit, $"{item.Pointer}/Unit", $"{unit} is wanted here, not {SafeText.Quote(written)}{old}");
        }

        var value = Number(item);
        if (Span(item, problems) is not { } span)
        {
            return null;
        }

        // From one season's first day to its last, 16:00 to 21:00, could be meant daily: that is not guessed.
        if (span.Until - span.From > LongestValue)
        {
            problems.Refuse(ErrorClass.SemanticTime, $"{item.Pointer}/DateEnd", "a value of more than a day could hold daily from TimeStart to TimeEnd, or all along; fetch the signal with QueryType=alldata, which answers each span by itself");
        }

        return new MidasValue(span.From, span.Until, value);
    }

    private static decimal Number(JsonMember item) =>
        item.Required("Value", item.Member("value") is null ? "the number" : "version 1 of MIDAS wrote value; fetch it from version 2").Number();

    private static (Instant From, Instant Until)? Span(JsonMember item, ReadProblems problems)
    {
        var (from, until) = (ReadInstant(item, "Start", problems), ReadInstant(item, "End", problems));
        if (problems.Any)
        {
            return null;
        }

        // An end is the last second that belongs to the value; the last second of 9999, written for "no end", has none after it.
        until += until.ToUnixTimeSeconds() % 60 == 59 && until < Instant.MaxValue - Duration.FromSeconds(1) ? Duration.FromSeconds(1) : Duration.Zero;
        if (from < until)
        {
            return (from, until);
        }

        problems.Refuse(ErrorClass.SemanticTime, $"{item.Pointer}/TimeEnd", "the value ends before it starts");
        return null;
    }

    private static Instant ReadInstant(JsonMember item, string which, ReadProblems problems)
    {
        var (date, time) = (item.Required($"Date{which}", "a day like 2026-06-22"), item.Required($"Time{which}", "a time of day in UTC like 07:00:00"));
        if (LocalDatePattern.Iso.Parse(date.Text()) is { Success: true } day && Clock.Parse(time.Text()) is { Success: true } clock)
        {
            return (day.Value + clock.Value).InUtc().ToInstant();
        }

        problems.Refuse(ErrorClass.SemanticTime, time.Pointer, "a day like 2026-06-22 and a time like 07:00:00, both in UTC, are wanted here");
        return Instant.FromUnixTimeSeconds(0);
    }

    /// <summary>The same span twice with one value is one; with two, nobody knows which holds.</summary>
    private static ImmutableArray<MidasValue> Distinct(MidasValue[] sorted, ReadProblems problems)
    {
        var values = ImmutableArray.CreateBuilder<MidasValue>(sorted.Length);
        foreach (var value in sorted)
        {
            if (values.Count > 0 && values[^1] with { Name = value.Name } == value)
            {
                continue;
            }

            if (values.Count > 0 && values[^1].Until > value.From)
            {
                problems.Refuse(ErrorClass.SemanticOverlap, "/ValueInformation", string.Create(CultureInfo.InvariantCulture, $"two values hold at {value.From}; a signal has one at each moment"));
                break;
            }

            values.Add(value);
        }

        // An end written 07:59:00 for 07:59:59 leaves a minute of each hour without a value.
        if (values.Skip(1).Zip(values).Count(v => v.First.From - v.Second.Until is var gap && gap > Duration.Zero && gap <= Duration.FromMinutes(1)) is > 0 and var holes)
        {
            problems.Warn(ErrorClass.DataGap, "/ValueInformation", $"{holes} values end up to a minute before the next one begins; in between none is known");
        }

        return values.ToImmutable();
    }
}
