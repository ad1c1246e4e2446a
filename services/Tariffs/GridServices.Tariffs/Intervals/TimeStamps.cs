using GridServices.Contracts;
using NodaTime;
using NodaTime.Text;
using NodaTime.TimeZones;

namespace GridServices.Tariffs;

/// <summary>Time stamps of interval files: with an offset they are instants, without one they need the declared zone.</summary>
internal sealed class TimeStamps
{
    private static readonly OffsetDateTimePattern WithOffset = OffsetDateTimePattern.ExtendedIso;

    private static readonly LocalDateTimePattern[] Local =
    [
        LocalDateTimePattern.ExtendedIso,
        LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd HH:mm:ss"),
        LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd HH:mm"),
        LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mm"),
    ];

    private readonly DateTimeZone? zone;
    private readonly IntervalOptions options;
    private Instant last = Instant.MinValue;

    public TimeStamps(IntervalOptions options)
    {
        this.options = options;
        zone = options.Zone is { } name
            ? DateTimeZoneProviders.Tzdb.GetZoneOrNull(name) ?? throw CsvLines.Refused(ErrorClass.SemanticTz, $"'{JsonGuard.Shown(name)}' is no IANA time zone", 1)
            : null;
    }

    public Instant Read(string text, int line)
    {
        var instant = WithOffset.Parse(text) is { Success: true } exact ? exact.Value.ToInstant() : OfLocal(text, line);
        var year = instant.InUtc().Year;
        if (year is < 1980 or > 2200)
        {
            throw CsvLines.Refused(ErrorClass.SemanticTime, $"'{JsonGuard.Shown(text)}' lies outside 1980 to 2200; mend the clock or the format", line);
        }

        return last = instant;
    }

    private Instant OfLocal(string text, int line)
    {
        var parsed = Array.Find(Array.ConvertAll(Local, p => p.Parse(text)), r => r.Success)
            ?? throw CsvLines.Refused(ErrorClass.SemanticTime, $"'{JsonGuard.Shown(text)}' is no time stamp; write 2026-03-29T01:15:00+01:00, or without offset and declare the zone", line);
        if (zone is null)
        {
            throw CsvLines.Refused(ErrorClass.SemanticTz, "the stamps have no offset; declare the time zone they are in", line);
        }

        var mapping = zone.MapLocal(parsed.Value);
        return mapping.Count switch
        {
            1 => mapping.Single().ToInstant(),
            0 => throw CsvLines.Refused(ErrorClass.TimeNonexistent, $"{text} does not exist in {zone.Id}: clocks went forward over it", line),
            _ => Repeated(mapping, text, line),
        };
    }

    /// <summary>The second pass of the repeated hour starts when the stamps stop rising.</summary>
    private Instant Repeated(ZoneLocalMapping mapping, string text, int line)
    {
        if (!options.RepeatedHourInOrder)
        {
            throw CsvLines.Refused(ErrorClass.TimeAmbiguous, $"{text} comes twice in {zone!.Id}: clocks went back; give offsets, or declare that the rows stand in order", line);
        }

        var first = mapping.First().ToInstant();
        return first > last ? first : mapping.Last().ToInstant();
    }
}
