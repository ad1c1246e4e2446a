using System.Collections.Immutable;
using System.Globalization;
using GridServices.Contracts;
using GridServices.Contracts.Json;
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
    private const int MostValues = 100_000;
    private static readonly Duration LongestValue = Duration.FromDays(1);
    private static readonly JsonBounds Bounds = TariffJson.Bounds with { MaxBytes = 16 * 1024 * 1024, MaxTokens = 4_000_000 };
    private static readonly LocalTimePattern Clock = LocalTimePattern.CreateWithInvariantCulture("HH:mm:ss");

    /// <param name="json">The answer of MIDAS.</param>
    /// <param name="unit">The one unit that can be taken.</param>
    public static ReadOutcome<MidasDocument> Read(ReadOnlyMemory<byte> json, string unit) => ReadProblems.Read(json, Bounds, (root, problems) =>
    {
        if (Array.Find(Lists, n => root.Member(n) is not null) is { } list)
        {
            problems.Refuse(ErrorClass.SchemaInvalid, $"/{list}", "this is a list of signals; give the answer for one of them, GET /ValueData?ID={RateID}&QueryType=alldata");
            return null;
        }

        var id = root.Required("RateID", "the signal's RIN, e.g. USCA-SGIP-MOER-PGE").Text();
        var items = root.Required("ValueInformation", "the values").Items(1, MostValues);
        var values = items.Select(i => Value(i, unit, problems)).OfType<MidasValue>().OrderBy(v => v.From).ToArray();
        return problems.Any ? null : new MidasDocument(id, unit, Distinct(values, problems));
    });

    private static MidasValue? Value(JsonMember item, string unit, ReadProblems problems)
    {
        var written = item.Required("Unit", unit).Text();
        if (!string.Equals(written, unit, StringComparison.OrdinalIgnoreCase))
        {
            var old = written.StartsWith("kg/", StringComparison.OrdinalIgnoreCase) ? "; kg/kWh is of MIDAS 1, whose stamps are not all UTC: fetch it from version 2" : string.Empty;
            problems.Refuse(ErrorClass.Unit, $"{item.Pointer}/Unit", $"{unit} is wanted here, not {SafeText.Quote(written)}{old}");
        }

        var value = item.Required("Value", item.Member("value") is null ? "the number" : "version 1 of MIDAS wrote value; fetch it from version 2").Number();
        var (from, until) = (Moment(item, "Start", problems), Moment(item, "End", problems));
        if (problems.Any)
        {
            return null;
        }

        // An end is the last second that belongs to the value.
        until += until.ToUnixTimeSeconds() % 60 == 59 ? Duration.FromSeconds(1) : Duration.Zero;
        if (from >= until)
        {
            problems.Refuse(ErrorClass.SemanticTime, $"{item.Pointer}/TimeEnd", "the value ends before it starts");
        }

        // From one season's first day to its last, 16:00 to 21:00, could be meant daily: that is not guessed.
        if (until - from > LongestValue)
        {
            problems.Refuse(ErrorClass.SemanticTime, $"{item.Pointer}/DateEnd", "a value of more than a day could hold daily from TimeStart to TimeEnd, or all along; fetch the signal with QueryType=alldata, which answers each span by itself");
        }

        return new MidasValue(from, until, value);
    }

    private static Instant Moment(JsonMember item, string which, ReadProblems problems)
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
            if (values.Count > 0 && values[^1] == value)
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

        return values.ToImmutable();
    }
}
