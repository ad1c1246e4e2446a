using System.Collections.Immutable;
using System.Globalization;
using GridServices.Contracts;
using NodaTime;

namespace GridServices.Tariffs;

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

    /// <summary>What was settled before on lesser data.</summary>
    public decimal? PreviousTotal { get; init; }

    /// <exception cref="BillRefusedException">Too few like days, or no data on the event day.</exception>
    public BaselineOutcome Baseline() => Tariffs.Baseline.Compute(Rule, Event, Series, Zone, EarlierEvents, new HolidayCalendar(Holidays));
}

/// <summary>
/// Reads <c>{"rule":{…},"event":{"date","fromHour","untilHour"},"timeZone":…,"intervals":{…},"earlierEvents":[dates],"holidays":[…]}</c>
/// and, for a settlement, <c>"terms":{…}</c>.
/// </summary>
public static class SettlementRequestJson
{
    public static ReadOutcome<SettlementRequest> Read(ReadOnlyMemory<byte> json, bool withTerms = false) =>
        RequestDocument.Read(json, withTerms ? typeof(SettlementRequestBody) : typeof(BaselineRequestBody), (root, problems) => Whole(root, problems, withTerms));

    private static SettlementRequest? Whole(JsonMember root, ReadProblems problems, bool withTerms)
    {
        var rule = root.Required<BaselineRule>("rule", "the baseline rule, e.g. {\"name\":\"10 of 10\",\"windowDays\":10,\"select\":10}", problems);
        var e = root.Required<DemandResponseEvent>("event", "the event, e.g. {\"date\":\"2026-07-25\",\"fromHour\":14,\"untilHour\":18}", problems);
        var terms = withTerms ? root.Required<DemandResponseTerms>("terms", "the program's prices, e.g. {\"energyPrice\":0.25}", problems) : null;
        var zone = ZoneOf(root, problems);
        if (zone is null || rule is null || e is null || !Checked(rule, e, problems) || (terms is not null && !Checked(terms, problems))
            || new BillRequestJson(root, problems).Intervals("intervals", zone) is not { } data)
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
        };
    }

    internal static DateTimeZone? ZoneOf(JsonMember root, ReadProblems problems)
    {
        if (root.Member("timeZone") is { IsText: true } named && DateTimeZoneProviders.Tzdb.GetZoneOrNull(named.Text()) is { } zone)
        {
            return zone;
        }

        problems.Refuse(ErrorClass.SemanticTz, "/timeZone", root.Member("timeZone") is { IsText: true } written ? ZoneNames.Unknown(written.Text()) : "an IANA zone is wanted here, e.g. Europe/Berlin");
        return null;
    }

    private static bool Checked(BaselineRule rule, DemandResponseEvent e, ReadProblems problems)
    {
        if (e.FromHour < 0 || e.UntilHour > 24 || e.FromHour >= e.UntilHour)
        {
            problems.Refuse(ErrorClass.SemanticWindow, "/event", "an event runs from fromHour to a later untilHour, within 0 to 24 of one local day");
        }

        if (rule.WindowDays is < 1 or > 366 || rule.Select < 1 || rule.Select + rule.DropHighest > rule.WindowDays || rule.DropHighest < 0)
        {
            problems.Refuse(ErrorClass.SemanticNumber, "/rule", "windowDays is 1 to 366, and select + dropHighest are within it");
        }

        if (rule.MaxLookbackDays is < 1 or > 1000 || rule.AdjustmentHours.IsDefault || rule.AdjustmentHours.Any(h => h + e.FromHour is < 0 or > 23))
        {
            problems.Refuse(ErrorClass.SemanticNumber, "/rule", string.Create(
                CultureInfo.InvariantCulture, $"maxLookbackDays is 1 to 1000, and adjustmentHours lie on the event's day (from {-e.FromHour} to {23 - e.FromHour})"));
        }

        if (rule.AdjustmentHours is { IsDefault: false } hours && (hours.Any(h => h >= 0) || hours.Distinct().Count() < hours.Length))
        {
            problems.Refuse(ErrorClass.SemanticWindow, "/rule/adjustmentHours", "the adjustment window ends before the event, in which the load is what the event made of it: hours below 0, each once, e.g. [-4,-3,-2]");
        }

        Require(rule.AdjustmentCap is null or >= 0, "/rule/adjustmentCap", "a cap is a share of 0 or more: 0.2 = 20 % up or down", problems);
        Require(rule.LowUsageShare is null or (>= 0 and <= 1), "/rule/lowUsageShare", "a share of the window's mean is 0 to 1", problems);
        if (rule.Adjustment != AdjustmentMethod.None && rule.AdjustmentHours is { IsDefaultOrEmpty: true })
        {
            problems.Refuse(ErrorClass.SemanticEmpty, "/rule/adjustmentHours", "an adjustment needs its hours, e.g. [-4,-3,-2]");
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
