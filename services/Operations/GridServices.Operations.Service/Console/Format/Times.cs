using GridServices.Operations.Service.Console.Texts;
using NodaTime;

namespace GridServices.Operations.Service.Console.Format;

/// <summary>Whose clock the pages show.</summary>
internal enum ClockChoice
{
    Site,
    Mine,
    Utc,
}

/// <summary>
/// Instants as people read them: local date and time, always with the zone's abbreviation and its offset, so that the hour which a clock
/// change repeats is told apart (<c>02:30 CEST</c>, <c>02:30 CET</c>).
/// </summary>
internal sealed class Times(TextSet texts, ClockChoice choice, DateTimeZone mine)
{
    internal ClockChoice Choice => choice;

    /// <summary>The zone that is shown for something at a site; null: no site is meant.</summary>
    internal DateTimeZone Zone(DateTimeZone? site) => choice switch
    {
        ClockChoice.Utc => DateTimeZone.Utc,
        ClockChoice.Mine => mine,
        _ => site ?? mine,
    };

    /// <summary>The zone of an IANA name; null where it has none or is not known here.</summary>
    internal static DateTimeZone? Find(string? name) => name is null ? null : DateTimeZoneProviders.Tzdb.GetZoneOrNull(name);

    /// <summary>"Fri 28 Nov 2026 15:02 CET (UTC+1)".</summary>
    internal string DateTime(Instant? at, DateTimeZone? site = null) => at is not { } instant ? texts["none"] : $"{Date(instant, site)} {Time(instant, site)}{OffsetBeside(In(instant, site))}";

    /// <summary>"15:02 CET".</summary>
    internal string Time(Instant at, DateTimeZone? site = null)
    {
        var local = In(at, site);
        return $"{Clock(local)} {Abbreviation(local)}";
    }

    internal string Date(Instant at, DateTimeZone? site = null) => Date(In(at, site).Date);

    internal string Weekday(LocalDate day) => texts[$"day.{(int)day.DayOfWeek}"];

    internal string Date(LocalDate? date) => date is not { } day ? texts["none"]
        : texts["date", texts[$"day.{(int)day.DayOfWeek}"], day.Day, texts[$"month.{day.Month}"], day.Year];

    /// <summary>"Fri 28 Nov 2026 16:00–21:00 PST (UTC−8)"; both zones are named where a clock change lies between.</summary>
    internal string Span(Instant from, Instant? until, DateTimeZone? site = null)
    {
        var start = In(from, site);
        if (until is not { } end)
        {
            return texts["time.openEnd", DateTime(from, site)];
        }

        var stop = In(end, site);
        return start.Date != stop.Date ? $"{DateTime(from, site)} – {DateTime(end, site)}"
            : start.Offset == stop.Offset ? $"{Date(start.Date)} {Clock(start)}–{Clock(stop)} {Abbreviation(start)}{OffsetBeside(start)}"
            : $"{Date(start.Date)} {Clock(start)} {Abbreviation(start)} – {Clock(stop)} {Abbreviation(stop)}";
    }

    /// <summary>"3 min", "2 h 05 min", "4 d": how long something takes or took.</summary>
    internal string Length(Duration length)
    {
        var minutes = (long)Math.Floor(Math.Abs(length.TotalMinutes));
        return minutes < 1 ? texts["length.seconds", (long)Math.Abs(length.TotalSeconds)]
            : minutes < 60 ? texts["length.minutes", minutes]
            : minutes < 48 * 60 ? texts["length.hours", minutes / 60, $"{minutes % 60:00}"]
            : texts["length.days", minutes / (24 * 60)];
    }

    /// <summary>For <c>datetime-local</c> fields and file names: ISO without zone.</summary>
    internal string Field(Instant at, DateTimeZone? site = null) => NodaTime.Text.LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mm").Format(In(at, site).LocalDateTime);

    private ZonedDateTime In(Instant at, DateTimeZone? site) => at.InZone(Zone(site));

    private static string Clock(ZonedDateTime local) => local.Second == 0 ? $"{local.Hour:00}:{local.Minute:00}" : $"{local.Hour:00}:{local.Minute:00}:{local.Second:00}";

    // Zones without an abbreviation of their own are called by their offset in the time zone database ("-03").
    private static string Abbreviation(ZonedDateTime local) => local.GetZoneInterval().Name is { } name && char.IsAsciiLetter(name[0]) ? name : Offset(local);

    /// <summary>Nothing where the abbreviation is the offset already.</summary>
    private static string OffsetBeside(ZonedDateTime local) => Abbreviation(local) == Offset(local) ? string.Empty : $" ({Offset(local)})";

    private static string Offset(ZonedDateTime local)
    {
        var minutes = local.Offset.Seconds / 60;
        var sign = minutes < 0 ? "\u2212" : "+";
        var (hours, rest) = Math.DivRem(Math.Abs(minutes), 60);
        return minutes == 0 ? "UTC" : rest == 0 ? $"UTC{sign}{hours}" : $"UTC{sign}{hours}:{rest:00}";
    }
}
