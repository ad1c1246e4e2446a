using System.Globalization;
using GridServices.Tariffs.Weather;
using NodaTime;

namespace GridServices.Tariffs.Settlement;

/// <summary>The temperatures of the event's day and of the days that might be like it.</summary>
internal sealed class DayWeather
{
    /// <summary>Why a day of unknown temperature is left out.</summary>
    public const string NotKnown = "temperature not known";

    private const int LeastForALine = 3;
    private const decimal LeastSpread = 1;
    private readonly WeatherRule rule;
    private readonly EventPlan plan;
    private readonly DateTimeZone zone;
    private readonly TemperatureCurve curve;

    /// <exception cref="BaselineRefusedException">The event's own temperature is not known.</exception>
    public DayWeather(string name, WeatherRule rule, EventPlan plan, DateTimeZone zone, TemperatureCurve? curve)
    {
        (this.rule, this.plan, this.zone) = (rule, plan, zone);
        this.curve = curve ?? throw new BaselineRefusedException($"the rule '{name}' looks at the weather, and no temperatures were given: give weather (a station, or points)") { AwaitsWeather = true };
        EventTemperature = (rule.Measure == TemperatureMeasure.DayHighest ? FindCelsius(plan.Day) : Mean(plan.Slots.Select(s => curve.Mean(s.At, s.At + s.Length))))
            ?? throw new BaselineRefusedException($"the rule '{name}' looks at the weather, and the temperature of {curve.Station} on the event's day is not known") { AwaitsWeather = true };
    }

    /// <summary>°C.</summary>
    public decimal EventTemperature { get; }

    /// <summary>°C of a day; null where any moment that counts is not known.</summary>
    public decimal? FindCelsius(LocalDate day) => rule.Measure == TemperatureMeasure.DayHighest
        ? curve.Highest(zone.AtStartOfDay(day).ToInstant(), zone.AtStartOfDay(day.PlusDays(1)).ToInstant())
        : Mean(plan.Slots.SelectMany(s => At(s, day)));

    /// <summary>Why a day is not like the event's; null = by the weather it is.</summary>
    public string? Unlike(LocalDate day) => FindCelsius(day) is not { } celsius ? NotKnown
        : Math.Abs(celsius - EventTemperature) > rule.WithinDegrees ? string.Create(CultureInfo.InvariantCulture, $"{Math.Abs(celsius - EventTemperature):0.##} °C from the event's day")
        : null;

    /// <summary>°C between a day of the window and the event's.</summary>
    public decimal Distance(LocalDate day) => Math.Abs(FindCelsius(day)!.Value - EventTemperature);

    /// <summary>kW per °C through the window's days.</summary>
    /// <exception cref="BaselineRefusedException">Fewer than three days, less than 1 °C between them, or an event further outside of their range than they lie apart: they say nothing of it.</exception>
    public decimal Slope(string name, IReadOnlyCollection<LocalDate> days, Func<LocalDate, decimal> load)
    {
        (decimal Celsius, decimal Kw)[] points = [.. days.Select(d => (FindCelsius(d)!.Value, load(d)))];
        if (points.Length < LeastForALine || points.All(p => p.Celsius == points[0].Celsius))
        {
            throw new BaselineRefusedException($"the rule '{name}' needs at least {LeastForALine} like days of different temperature to say how the load moves with it; {points.Length} were found");
        }

        var (least, most) = (points.Min(p => p.Celsius), points.Max(p => p.Celsius));
        if (most - least < LeastSpread || EventTemperature > most + (most - least) || EventTemperature < least - (most - least))
        {
            throw new BaselineRefusedException(string.Create(
                CultureInfo.InvariantCulture, $"the rule '{name}' moves along like days of {least:0.##} to {most:0.##} °C: they say nothing of {EventTemperature:0.##} °C (they lie at least {LeastSpread} °C apart, and the event no further outside than that)"));
        }

        var (celsius, kw) = (points.Average(p => p.Celsius), points.Average(p => p.Kw));
        return points.Sum(p => (p.Celsius - celsius) * (p.Kw - kw)) / points.Sum(p => (p.Celsius - celsius) * (p.Celsius - celsius));
    }

    /// <summary>The stretch on a day: twice where the clock shows it twice, not known where it never does.</summary>
    private decimal?[] At(EventSlot slot, LocalDate day)
    {
        var mapped = zone.MapLocal(slot.On(day));
        decimal? From(ZonedDateTime start) => curve.Mean(start.ToInstant(), start.ToInstant() + slot.Length);
        return mapped.Count switch
        {
            0 => [null],
            1 => [From(mapped.Single())],
            _ => [From(mapped.First()), From(mapped.Last())],
        };
    }

    private static decimal? Mean(IEnumerable<decimal?> parts)
    {
        decimal?[] all = [.. parts];
        return all.Contains(null) ? null : all.Sum() / all.Length;
    }
}
