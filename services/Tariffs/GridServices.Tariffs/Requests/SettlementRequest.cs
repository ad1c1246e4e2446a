using System.Collections.Immutable;
using System.Globalization;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Settlement;
using GridServices.Tariffs.Time;
using GridServices.Tariffs.Weather;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Tariffs.Requests;

/// <summary>A baseline asked for; with <see cref="Terms"/> its settlement too.</summary>
public sealed record SettlementRequest
{
    public required BaselineRule Rule { get; init; }
    public required DemandResponseEvent Event { get; init; }
    public required IntervalSeries Series { get; init; }
    public required DateTimeZone Zone { get; init; }
    public ImmutableHashSet<LocalDate> EarlierEvents { get; init; } = [];
    public ImmutableArray<Holiday> Holidays { get; init; } = [];
    public DemandResponseTerms? Terms { get; init; }

    /// <summary>Stand in, in this order, where the rule before finds too few like days or not its weather.</summary>
    public ImmutableArray<BaselineRule> Fallbacks { get; init; } = [];

    /// <summary>The stored station whose temperatures are wanted; null = none.</summary>
    public string? Station { get; init; }

    /// <summary>Temperatures given, or read of the station.</summary>
    public TemperatureCurve? Temperatures { get; init; }

    /// <summary>What was settled before on lesser data.</summary>
    public decimal? PreviousTotal { get; init; }

    /// <summary>The days whose temperatures any of the rules may look at.</summary>
    public (Instant From, Instant Until) WeatherSpan
    {
        get
        {
            var (from, until) = Event.Span(Zone);
            var first = from.InZone(Zone).Date.PlusDays(-Fallbacks.Append(Rule).Max(r => r.MaxLookbackDays));
            return (Zone.AtStartOfDay(first).ToInstant(), Zone.AtStartOfDay(until.InZone(Zone).Date.PlusDays(1)).ToInstant());
        }
    }

    /// <summary>By the rule, or by the first fallback that gives one; which and why stands in the outcome.</summary>
    /// <exception cref="BillRefusedException">Too few like days for all of them, or no data on the event day.</exception>
    public BaselineOutcome Baseline()
    {
        var (tried, awaits) = (ImmutableArray.CreateBuilder<RuleTried>(), false);
        foreach (var rule in Fallbacks.Insert(0, Rule))
        {
            try
            {
                return Tariffs.Settlement.Baseline.Compute(rule, Event, Series, Zone, EarlierEvents, new HolidayCalendar(Holidays), Temperatures) with { InsteadOf = tried.ToImmutable(), AwaitsWeather = awaits };
            }
            catch (BaselineRefusedException e)
            {
                tried.Add(new RuleTried(rule.Name, e.Message));
                awaits |= e.AwaitsWeather;
            }
        }

        throw new BillRefusedException(string.Join("; ", tried.Select(t => t.Reason)));
    }
}

/// <summary>
/// Reads <c>{"rule":{…},"event":{"from","until","intervalMinutes"},"timeZone":…,"intervals":{…},"earlierEvents":[dates],"holidays":[…]}</c>
/// and, for a settlement, <c>"terms":{…}</c>.
/// </summary>
public static class SettlementRequestJson
{
    public static ReadResult<SettlementRequest> Read(ReadOnlyMemory<byte> json, bool withTerms = false) =>
        RequestDocument.Read(json, withTerms ? typeof(SettlementRequestBody) : typeof(BaselineRequestBody), (root, problems) => ReadRequest(root, problems, withTerms));

    private static SettlementRequest? ReadRequest(JsonMember root, ReadProblems problems, bool withTerms)
    {
        var rule = root.Required<BaselineRule>("rule", "the baseline rule, e.g. {\"name\":\"10 of 10\",\"windowDays\":10,\"select\":10}", problems);
        var e = root.Required<DemandResponseEvent>("event", "the event, e.g. {\"from\":\"2026-07-25T21:00:00Z\",\"until\":\"2026-07-26T01:00:00Z\",\"intervalMinutes\":15}", problems);
        var terms = withTerms ? root.Required<DemandResponseTerms>("terms", "the program's prices, e.g. {\"energyPrice\":0.25}", problems) : null;
        var zone = ReadZone(root, problems);
        var fallbacks = root.Part<BaselineRule[]>("fallbacks", problems) ?? [];
        if (zone is null || rule is null || e is null || !Checked(rule, fallbacks, e, zone, problems) || (terms is not null && !Checked(terms, problems))
            || new BillRequestJson(root, problems).Intervals("intervals", zone) is not { } data || !Fits(e, zone, data.Net, problems))
        {
            return null;
        }

        return new SettlementRequest
        {
            Rule = rule,
            Event = e,
            Series = data.Net,
            Zone = zone,
            EarlierEvents = [.. root.Part<LocalDate[]>("earlierEvents", problems) ?? []],
            Holidays = [.. root.Part<Holiday[]>("holidays", problems) ?? []],
            Terms = terms,
            PreviousTotal = root.Member("previousTotal")?.Amount(),
            Fallbacks = [.. fallbacks],
            Station = root.Part<WeatherRequestBody>("weather", problems)?.Station,
            Temperatures = Weather(root, problems),
        };
    }

    /// <summary>Temperatures given in the request; null where a station is named, or nothing.</summary>
    private static TemperatureCurve? Weather(JsonMember root, ReadProblems problems)
    {
        if (root.Part<WeatherRequestBody>("weather", problems) is not { } weather)
        {
            return null;
        }

        if (weather.Station is null == weather.Points is null || (weather.Station is { } station && !Identifiers.IsSafe(station)))
        {
            problems.Refuse(ErrorClass.SchemaInvalid, "/weather", "give a station (1 to 128 of A-Z a-z 0-9 . _ : ~ -), or points, and not both");
            return null;
        }

        return weather.Points is { } points ? TemperatureCurve.Checked("the request", points, "/weather/points", problems) : null;
    }

    internal static DateTimeZone? ReadZone(JsonMember root, ReadProblems problems)
    {
        if (root.Member("timeZone") is { IsText: true } named && DateTimeZoneProviders.Tzdb.GetZoneOrNull(named.Text()) is { } zone)
        {
            return zone;
        }

        problems.Refuse(ErrorClass.SemanticTz, "/timeZone", root.Member("timeZone") is { IsText: true } written ? ZoneNames.Unknown(written.Text())
            : "an IANA zone is wanted here, e.g. Europe/Berlin");
        return null;
    }

    private static bool Checked(BaselineRule rule, BaselineRule[] fallbacks, DemandResponseEvent e, DateTimeZone zone, ReadProblems problems)
    {
        if (Fault(e, zone) is { } fault)
        {
            problems.Refuse(ErrorClass.SemanticWindow, "/event", fault);
        }

        Check(rule, "/rule", e, problems);
        for (var i = 0; i < fallbacks.Length; i++)
        {
            Check(fallbacks[i], string.Create(CultureInfo.InvariantCulture, $"/fallbacks/{i}"), e, problems);
        }

        return !problems.Any;
    }

    private static void Check(BaselineRule rule, string at, DemandResponseEvent e, ReadProblems problems)
    {
        if (rule.WindowDays is < 1 or > 366 || rule.Select < 1 || rule.Select + rule.DropHighest > rule.WindowDays || rule.DropHighest < 0)
        {
            problems.Refuse(ErrorClass.SemanticNumber, at, "windowDays is 1 to 366, and select + dropHighest are within it");
        }

        if (rule.MaxLookbackDays is < 1 or > 1000 || rule.AdjustmentHours.IsDefault || rule.AdjustmentHours.Any(h => e.Date is null ? h < -24 : h + e.FromHour is < 0 or > 23))
        {
            problems.Refuse(ErrorClass.SemanticNumber, at, string.Create(
                CultureInfo.InvariantCulture, $"maxLookbackDays is 1 to 1000, and adjustmentHours lie {(e.Date is null ? "within 24 hours before the event" : $"on the event's day (from {-e.FromHour} to {23 - e.FromHour})")}"));
        }

        if (rule.AdjustmentHours is { IsDefault: false } hours && (hours.Any(h => h >= 0) || hours.Distinct().Count() < hours.Length))
        {
            problems.Refuse(ErrorClass.SemanticWindow, $"{at}/adjustmentHours",
                "the adjustment window ends before the event, in which the load is what the event made of it: hours below 0, each once, e.g. [-4,-3,-2]");
        }

        Require(rule.LeastDays is null || (rule.LeastDays > rule.DropHighest && rule.LeastDays >= 1 && rule.LeastDays <= rule.WindowDays), $"{at}/leastDays",
            "the least days are more than dropHighest, and at most windowDays", problems);
        Require(rule.Weather?.WithinDegrees is null or >= 0, $"{at}/weather/withinDegrees", "a distance of temperatures is 0 °C or more", problems);
        Require(rule.Weather is not { Match: true } || rule.DropHighest == 0, $"{at}/dropHighest",
            "days that are chosen by their temperature are not ranked by load: leave dropHighest out, or set weather.match to false", problems);
        Require(rule.Rolling is null or { Share: > 0 and <= 1, SeedDays: >= 1 }, $"{at}/rolling", "share is above 0 and at most 1 (0.1: a tenth of each new day), seedDays at least 1", problems);
        Require(rule.Rolling is null || (rule.Select == rule.WindowDays && rule.Weather is not { Match: true }), $"{at}/rolling",
            "a baseline that rolls on takes each day of its window: select all windowDays, and match no weather", problems);
        Require(rule.AdjustmentCap is null or >= 0, $"{at}/adjustmentCap", "a cap is a share of 0 or more: 0.2 = 20 % up or down", problems);
        Require(rule.LowUsageShare is null or (>= 0 and <= 1), $"{at}/lowUsageShare", "a share of the window's mean is 0 to 1", problems);
        if (rule.Adjustment != AdjustmentMethod.None && rule.AdjustmentHours is { IsDefaultOrEmpty: true })
        {
            problems.Refuse(ErrorClass.SemanticEmpty, $"{at}/adjustmentHours", "an adjustment needs its hours, e.g. [-4,-3,-2]");
        }
    }

    /// <summary>What is wrong with when the event is; null: nothing.</summary>
    private static string? Fault(DemandResponseEvent e, DateTimeZone zone)
    {
        var (from, until) = e.Date is null || e is { FromHour: >= 0, UntilHour: <= 24 } ? e.Span(zone) : default;
        return e.IntervalMinutes is not (1 or 5 or 15 or 30 or 60) ? "intervalMinutes is 1, 5, 15, 30 or 60"
            : e.Date is not null && (e.From ?? e.Until) is not null ? "an event is from and until, or date, fromHour and untilHour: keep one of them"
            : e.Date is null && (e.From is null || e.Until is null) ? "an event needs from and until, or date, fromHour and untilHour"
            : e.Date is not null && (e.FromHour < 0 || e.UntilHour > 24 || e.FromHour >= e.UntilHour || from >= until)
            ? "an event runs from fromHour to a later untilHour, within 0 to 24 of one local day"
            : until <= from || until - from > Duration.FromHours(24) ? "an event ends after it begins, at most 24 hours later"
            : (until - from).TotalSeconds % (60 * e.IntervalMinutes) != 0 ? "an event is a whole number of intervals of intervalMinutes"
            : null;
    }

    /// <summary>Intervals that cross the event's own would have to be cut up by a guess.</summary>
    private static bool Fits(DemandResponseEvent e, DateTimeZone zone, IntervalSeries series, ReadProblems problems)
    {
        var step = Duration.FromSeconds(series.StepSeconds);
        if ((60 * e.IntervalMinutes) % series.StepSeconds != 0 || (e.Span(zone).From - series.Start).TotalSeconds % series.StepSeconds != 0)
        {
            problems.Refuse(ErrorClass.SemanticWindow, "/event", string.Create(
                CultureInfo.InvariantCulture, $"intervals of {step.TotalMinutes:0.##} min from {series.Start} do not make up {e.IntervalMinutes} min from the event's start: give shorter intervals, or settle in longer ones"));
        }

        return !problems.Any;
    }

    /// <summary>A negative price, nomination or penalty would turn a payment around; only the rung of a ladder that is a penalty pays back.</summary>
    private static bool Checked(DemandResponseTerms terms, ReadProblems problems)
    {
        Require(terms.EnergyPrice >= 0, "/terms/energyPrice", "a price per kWh delivered is 0 or more", problems);
        Require(terms.NominatedKw >= 0, "/terms/nominatedKw", "a nomination is 0 kW or more", problems);
        Require(terms.CapacityPrice >= 0, "/terms/capacityPrice", "a price per nominated kW is 0 or more", problems);
        Require(terms.ShortfallPenaltyPerKwh >= 0, "/terms/shortfallPenaltyPerKwh", "a penalty is 0 or more; it is subtracted", problems);
        for (var i = 0; i < terms.Ladder.Length; i++)
        {
            var at = string.Create(CultureInfo.InvariantCulture, $"/terms/ladder/{i}");
            Require(terms.Ladder[i].Value is null or >= 0, $"{at}/value", "the value of a rung is 0 or more; its kind says whether it is paid or paid back", problems);
            Require(!(terms.Ladder[i].RatioFrom >= terms.Ladder[i].RatioTo), $"{at}/ratioTo", "a rung ends above where it begins", problems);
        }

        return !problems.Any;
    }

    private static void Require(bool holds, string at, string detail, ReadProblems problems)
    {
        if (!holds)
        {
            problems.Refuse(ErrorClass.SemanticNumber, at, detail);
        }
    }
}
