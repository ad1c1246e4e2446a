using System.Text;
using System.Text.Json;
using GridServices.Adapters.Lines;
using GridServices.Adapters.Schedules;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Adapters.Oscp;

/// <summary>What a forecast of capacity is about (OSCP 2.0: CapacityForecastType).</summary>
public enum ForecastType
{
    /// <summary>Holds while the capacity provider is away: FALLBACK_CONSUMPTION.</summary>
    FallbackConsumption,

    /// <summary>The same for what is given: FALLBACK_GENERATION.</summary>
    FallbackGeneration,

    /// <summary>The most that may be drawn: CONSUMPTION.</summary>
    Consumption,

    /// <summary>The most that may be given: GENERATION.</summary>
    Generation,
}

/// <summary>
/// The forecasts of a group of flexible resources, as an OSCP 2.0 capacity provider sends them (UpdateGroupCapacityForecast): blocks without a gap, and what holds when nobody is heard of any more.
/// The first block begins a day ago, so that one covers the present of a peer whose clock is slow; the last is the fail-safe end, a year long.
/// </summary>
public sealed record CapacityForecast
{
    private static readonly Duration Year = Duration.FromDays(366);

    /// <summary>The group at the flexibility provider.</summary>
    public required string GroupId { get; init; }

    /// <summary>Stands for "no limit", W, and is the most that any block says: OSCP has no word for it.</summary>
    public required long MostW { get; init; }

    /// <summary>The group's part of the site's limits, percent.</summary>
    public int SharePercent { get; init; } = Share.Whole;

    public ScheduleRules Schedule { get; init; } = new();

    /// <summary>In the order in which they are sent: what holds without us comes first.</summary>
    public static IReadOnlyList<ForecastType> Types { get; } = Enum.GetValues<ForecastType>();

    /// <summary>What a forecast says now.</summary>
    public PowerCurve Compute(ForecastType type, SiteView view, SiteRules rules)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(rules);
        var quantity = type is ForecastType.Consumption or ForecastType.FallbackConsumption ? Quantity.ConsumptionW : Quantity.ProductionW;
        var (line, failsafe) = (LimitLine.From(view, quantity, rules), rules.GetFailsafe(quantity));
        if (type is ForecastType.FallbackConsumption or ForecastType.FallbackGeneration)
        {
            return PowerCurve.Constant(Instant.FromUnixTimeSeconds(view.At.ToUnixTimeSeconds()), ToCapacity(PeerSchedule.GetShutdownLimit(line, view.At, failsafe).Watts));
        }

        var entries = PeerSchedule.Create(line, view.At, Schedule.EndingTogether(view.At), failsafe);
        return PowerCurve.Create(entries.Select(e => e.From), at => ToCapacity(entries.Last(e => e.From <= at).Watts));
    }

    /// <summary>What is left behind by who goes: what holds without us, at once.</summary>
    public PowerCurve GetShutdownCurve(ForecastType type, SiteView view, SiteRules rules) => Compute(
        type switch { ForecastType.Consumption => ForecastType.FallbackConsumption, ForecastType.Generation => ForecastType.FallbackGeneration, _ => type }, view, rules);

    /// <summary>The message.</summary>
    public string Json(ForecastType type, PowerCurve curve)
    {
        ArgumentNullException.ThrowIfNull(curve);
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("group_id", GroupId);
            json.WriteString("type", GetName(type));
            json.WriteStartArray("forecasted_blocks");
            for (var i = 0; i < curve.Points.Count; i++)
            {
                var (from, watts) = curve.Points[i];
                json.WriteStartObject();
                json.WriteNumber("capacity", watts);
                json.WriteString("phase", "ALL");
                json.WriteString("unit", "W");
                json.WriteString("start_time", InstantPattern.ExtendedIso.Format(i == 0 ? curve.WrittenFrom : from));
                json.WriteString("end_time", InstantPattern.ExtendedIso.Format(i + 1 < curve.Points.Count ? curve.Points[i + 1].From : from + Year));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    /// <summary>A type as messages name it.</summary>
    public static string GetName(ForecastType type) => type switch
    {
        ForecastType.FallbackConsumption => "FALLBACK_CONSUMPTION",
        ForecastType.FallbackGeneration => "FALLBACK_GENERATION",
        ForecastType.Consumption => "CONSUMPTION",
        ForecastType.Generation => "GENERATION",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "no such forecast"),
    };

    private long ToCapacity(long? siteW) => Math.Min(Share.Compute(siteW, SharePercent) ?? MostW, MostW);
}
