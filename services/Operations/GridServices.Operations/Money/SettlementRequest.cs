using System.Text;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Operations.Compliance;
using GridServices.Operations.Events;
using GridServices.Operations.Programs;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Operations.Money;

/// <summary>Everything that the settlement of an event at a site is made of; none of it is typed by the user.</summary>
public sealed record SettlementInput
{
    public required Event Event { get; init; }
    public required string SiteId { get; init; }
    public required DateTimeZone Zone { get; init; }

    /// <summary>The enrollment's template: baseline rule and energy price.</summary>
    public required ProgramTemplate Template { get; init; }

    /// <summary>The meter's intervals back to the days that the baseline needs, the event's day included.</summary>
    public required IReadOnlyList<MeterInterval> Meter { get; init; }

    /// <summary>What the intervals were read by.</summary>
    public DataQuality Quality { get; init; } = DataQuality.Metered;

    /// <summary>Minutes of a settlement interval at most.</summary>
    public int IntervalMinutes { get; init; } = 60;

    /// <summary>Earlier events of the site, in any program: their days are no days of a baseline.</summary>
    public IReadOnlyList<Event> EarlierEvents { get; init; } = [];

    /// <summary>Beside those of the program's calendar.</summary>
    public IReadOnlyList<LocalDate> Holidays { get; init; } = [];

    /// <summary>Whose temperatures the baseline's rules look at, as stored at Tariffs; null = none, or none is stated.</summary>
    public string? WeatherStation { get; init; }

    /// <summary>Only the baseline is asked for: what the site nominated and what is paid do not matter, and the event may go on.</summary>
    public bool IsBaselineOnly { get; init; }

    /// <summary>Money per kWh that was nominated and not delivered; null = the program fines nothing.</summary>
    public decimal? ShortfallPenaltyPerKwh { get; init; }

    /// <summary>What was settled before on lesser data; null = nothing.</summary>
    public decimal? PreviousTotal { get; init; }

    public required Instant Now { get; init; }
}

/// <summary>A body for <c>POST /v1/settlements/demand-response</c>, or why there is none.</summary>
/// <param name="Json">Null where there are problems.</param>
/// <param name="Problems">Each with what to do.</param>
public sealed record SettlementRequest(string? Json, IReadOnlyList<string> Problems)
{
    private static readonly int[] Lengths = [60, 30, 15, 5, 1];
    private static readonly Duration Longest = Duration.FromHours(24);

    /// <summary>
    /// Makes the request. The energy of the event is settled; capacity is paid per month or season and is not part of an event.
    /// </summary>
    public static SettlementRequest Create(SettlementInput input)
    {
        var problems = new List<string>();
        var site = input.Event.Site(input.SiteId);
        if (site is null)
        {
            return new SettlementRequest(null, ["the site is not in the event"]);
        }

        var until = input.Event.CancelledAt is { } cancelled && !(cancelled >= site.Until) ? cancelled : site.Until;
        Check(input, site, until, problems);
        var grid = MeterGrid.From(input.Meter, problems);
        if (problems.Count > 0 || grid is null || until is not { } end)
        {
            return new SettlementRequest(null, problems);
        }

        var minutes = Lengths.FirstOrDefault(m => m <= input.IntervalMinutes && (end - site.From).TotalMinutes % m == 0 && m % grid.Minutes == 0 && (site.From - grid.Start).TotalMinutes % grid.Minutes == 0);
        return minutes == 0
            ? new SettlementRequest(null, [$"the event, {ZonedText.Span(site.From, end, input.Zone)}, does not begin and end with the meter's intervals of {grid.Minutes} min: it needs shorter intervals"])
            : new SettlementRequest(Body(input, site, end, minutes, grid), []);
    }

    private static void Check(SettlementInput input, EventSite site, Instant? until, List<string> problems)
    {
        void Require(bool holds, string problem)
        {
            if (!holds)
            {
                problems.Add(problem);
            }
        }

        Require(until is not null && (input.IsBaselineOnly || until <= input.Now), "the event is not over: settle it afterwards");
        Require(until is null || until > site.From, "the event was cancelled before it began: there is nothing to settle");
        Require(until is null || until - site.From <= Longest, "the event is longer than 24 hours: settle it by days");
        Require(site.Opt.State != OptState.Out, "the site was opted out: there is nothing to settle");
        Require(site.State is SiteEventState.Held or SiteEventState.Cancelled or SiteEventState.Gone, "the site did not take the event: there is nothing to settle");
        Require(input.Template.Baseline is not null, $"{input.Template.Code} has no baseline rule: put it into the program's template");
        Require(
            input.IsBaselineOnly || input.ShortfallPenaltyPerKwh is not > 0 || NominationUnknown(input) is null,
            $"what the site nominated for {ZonedText.Span(site.From, null, DateTimeZoneProviders.Tzdb[input.Template.TimeZone])} is not known, and without it nobody can tell the shortfall that is fined: hand the nomination of that period in");
        Require(input.IsBaselineOnly || input.Template.Payment.EnergyPerKwh is not null, $"{input.Template.Code} pays no energy: its capacity is settled by month or season");
    }

    private static string Body(SettlementInput input, EventSite site, Instant until, int minutes, MeterGrid grid)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WritePropertyName("rule");
            input.Template.Baseline!.Rule.WriteTo(json);
            if (input.Template.Baseline.Fallbacks is { } fallbacks)
            {
                json.WritePropertyName("fallbacks");
                fallbacks.WriteTo(json);
            }

            if (input.WeatherStation is { } station)
            {
                json.WriteStartObject("weather");
                json.WriteString("station", station);
                json.WriteEndObject();
            }

            WriteEvent(json, site.From, until, minutes, input.Quality);
            json.WriteString("timeZone", input.Zone.Id);
            grid.Write(json);
            Dates(json, "earlierEvents", EarlierDays(input, site.From));
            json.WriteStartArray("holidays");
            foreach (var day in GetHolidays(input, grid.Start, until))
            {
                json.WriteStartObject();
                json.WriteString("date", LocalDatePattern.Iso.Format(day));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            if (!input.IsBaselineOnly)
            {
                json.WriteStartObject("terms");
                json.WriteNumber("energyPrice", input.Template.Payment.EnergyPerKwh!.Value);
                json.WriteNumber("nominatedKw", site.NominatedKw ?? 0);
                json.WriteNumber("shortfallPenaltyPerKwh", input.ShortfallPenaltyPerKwh ?? 0);
                json.WriteEndObject();
            }

            if (!input.IsBaselineOnly && input.PreviousTotal is { } previous)
            {
                json.WriteNumber("previousTotal", previous);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static void WriteEvent(Utf8JsonWriter json, Instant from, Instant until, int minutes, DataQuality quality)
    {
        json.WriteStartObject("event");
        json.WriteString("from", TimeText.Format(from));
        json.WriteString("until", TimeText.Format(until));
        json.WriteNumber("intervalMinutes", minutes);
        json.WriteString("source", quality switch { DataQuality.Metered => "meter", DataQuality.Telemetry => "telemetry", DataQuality.Estimated => "estimate", _ => "none" });
        json.WriteEndObject();
    }

    /// <summary>Why holidays may be missing in the baseline; null = some are known, or the rule does not ask what kind of day it is.</summary>
    public static string? HolidaysUnknown(SettlementInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.Holidays.Count > 0 || input.Template.Calendar.ExcludedDays.Any(d => d.Through is null) || input.Template.Baseline is not { } baseline
            || (baseline.Rule.ValueKind == JsonValueKind.Object && baseline.Rule.TryGetProperty("days", out var days) && days.ValueKind == JsonValueKind.String && days.GetString() == "any")
            ? null
            : $"no holidays are known for {input.Template.Code}: each counts as an ordinary day of the baseline, which may be too low; put them into the program's calendar";
    }

    /// <summary>Why the baseline can't look at the weather that its program's rules ask for; null = it can, or they ask for none.</summary>
    public static string? StationUnknown(SettlementInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.Template.Baseline?.Weather is { Field: { } field } && input.WeatherStation is null
            ? $"no weather station is stated in the enrollment ({field}): a rule that looks at the temperature gives no baseline without one"
            : null;
    }

    /// <summary>What the settlement can't say where the program takes nominations and none is known; null = it can.</summary>
    public static string? NominationUnknown(SettlementInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.Template.Nomination.Rule == NominationRule.None || input.Event.Site(input.SiteId)?.NominatedKw is not null
            ? null
            : "what the site nominated for the event is not known: what was delivered is paid, and whether it fell short is not told";
    }

    /// <summary>Single days on which the program never calls are its holidays; a span of days without calls is none.</summary>
    private static IEnumerable<LocalDate> GetHolidays(SettlementInput input, Instant from, Instant until) => EnumerateDays(from, until, input.Zone)
        .Where(day => input.Template.Calendar.ExcludedDays.Any(d => d.Through is null && d.Is(day))).Concat(input.Holidays).Distinct().Order();

    private static IEnumerable<LocalDate> EarlierDays(SettlementInput input, Instant from) => input.EarlierEvents
        .Where(e => e.Source != input.Event.Source && !e.IsTest && e.From < from && !(e.CancelledAt <= e.From))
        .SelectMany(e => EnumerateDays(e.From, Instant.Min(e.Over ?? from, from), input.Zone)).Distinct().Order();

    private static IEnumerable<LocalDate> EnumerateDays(Instant from, Instant until, DateTimeZone zone)
    {
        var last = Instant.Max(from, until - Duration.Epsilon).InZone(zone).Date;
        for (var day = from.InZone(zone).Date; day <= last; day = day.PlusDays(1))
        {
            yield return day;
        }
    }

    private static void Dates(Utf8JsonWriter json, string name, IEnumerable<LocalDate> days)
    {
        json.WriteStartArray(name);
        foreach (var day in days)
        {
            json.WriteStringValue(LocalDatePattern.Iso.Format(day));
        }

        json.WriteEndArray();
    }
}

/// <summary>Meter intervals as one even series; a gap is a missing reading and never 0, and an estimate is told as one.</summary>
internal sealed record MeterGrid(Instant Start, int Minutes, decimal?[] Kwh, bool[] Estimated)
{
    private const int MostIntervals = 1_000_000;

    public static MeterGrid? From(IReadOnlyList<MeterInterval> meter, List<string> problems)
    {
        if (meter.Count == 0)
        {
            problems.Add("the meter has no intervals: import them first");
            return null;
        }

        var (start, end) = (meter.Min(m => m.From), meter.Max(m => m.Until));
        var length = meter[0].Until - meter[0].From;
        var minutes = length.TotalMinutes % 1 == 0 ? (int)length.TotalMinutes : 0;
        if (minutes < 1 || 1440 % minutes != 0 || meter.Any(m => m.Until - m.From != length || (m.From - start).TotalMinutes % minutes != 0) || (end - start) / length > MostIntervals || meter.Select(m => m.From).Distinct().Count() < meter.Count)
        {
            problems.Add("the meter's intervals are not of one length, overlap, or are beside one another's grid: import them anew");
            return null;
        }

        var kwh = new decimal?[(int)((end - start) / length)];
        var estimated = new bool[kwh.Length];
        foreach (var m in meter)
        {
            var at = (int)((m.From - start) / length);
            (kwh[at], estimated[at]) = (m.Kwh, m.IsEstimate && m.Kwh is not null);
        }

        return new MeterGrid(start, minutes, kwh, estimated);
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject("intervals");
        json.WriteString("start", TimeText.Format(Start));
        json.WriteNumber("minutes", Minutes);
        json.WriteStartArray("kWh");
        foreach (var value in Kwh)
        {
            if (value is { } kwh)
            {
                json.WriteNumberValue(kwh);
            }
            else
            {
                json.WriteNullValue();
            }
        }

        json.WriteEndArray();
        EstimatedIntervals.Write(json, Estimated);
        json.WriteEndObject();
    }
}

/// <summary>Which intervals of a series nobody measured, as the Tariffs service takes it: <c>"estimated": [{ "from": 4, "until": 8 }]</c> by index, until exclusive.</summary>
public static class EstimatedIntervals
{
    /// <summary>Writes the member beside the numbers; nothing where all were measured.</summary>
    public static void Write(Utf8JsonWriter json, IReadOnlyList<bool> isEstimate)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(isEstimate);
        if (!isEstimate.Contains(true))
        {
            return;
        }

        json.WriteStartArray("estimated");
        for (var from = 0; from < isEstimate.Count; from++)
        {
            if (!isEstimate[from])
            {
                continue;
            }

            var until = from;
            while (until < isEstimate.Count && isEstimate[until])
            {
                until++;
            }

            json.WriteStartObject();
            json.WriteNumber("from", from);
            json.WriteNumber("until", until);
            json.WriteEndObject();
            from = until;
        }

        json.WriteEndArray();
    }
}
