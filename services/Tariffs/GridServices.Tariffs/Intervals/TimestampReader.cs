using GridServices.Contracts;
using GridServices.Tariffs.Readers;
using NodaTime;
using NodaTime.TimeZones;

namespace GridServices.Tariffs.Intervals;

/// <summary>Time stamps of interval files: with an offset they are instants, without one they need the declared zone.</summary>
internal sealed class TimestampReader
{
    private readonly DateTimeZone? zone;
    private readonly IntervalOptions options;
    private readonly TimestampFormat form;
    private Instant last = Instant.MinValue;

    public TimestampReader(IntervalOptions options)
    {
        this.options = options;
        form = TimestampFormat.From(options.StampFormat);
        zone = options.Zone is { } name
            ? DateTimeZoneProviders.Tzdb.GetZoneOrNull(name) ?? throw CsvLines.Refused(ErrorClass.SemanticTz, ZoneNames.Unknown(name), 1)
            : null;
    }

    public Instant Read(string text, int line)
    {
        if (options is { IsStampAssumed: true, IsRegister: not true } && TimestampFormat.IsEndOfDay(text))
        {
            throw CsvLines.Refused(ErrorClass.SchemaInvalid,
                $"'{SafeText.Short(text)}' can be no start of an interval, which stamps are taken for where nothing is said; declare stamp as end (or as start, if the day's first interval is written so)", line);
        }

        var (exact, local, problem) = form.Parse(text);
        if (problem is not null)
        {
            throw CsvLines.Refused(ErrorClass.SemanticTime, $"'{SafeText.Short(text)}' {problem}", line);
        }

        var instant = exact ?? ToInstant(local!.Value, text, line);
        var year = instant.InUtc().Year;
        if (year is < 1980 or > 2200)
        {
            throw CsvLines.Refused(ErrorClass.SemanticTime, $"'{SafeText.Short(text)}' lies outside 1980 to 2200; correct the clock, or declare the stampFormat", line);
        }

        return last = instant;
    }

    private Instant ToInstant(LocalDateTime local, string text, int line)
    {
        if (zone is null)
        {
            throw CsvLines.Refused(ErrorClass.SemanticTz, "the stamps have no offset; declare the time zone they are in", line);
        }

        var mapping = zone.MapLocal(local);
        return mapping.Count switch
        {
            1 => mapping.Single().ToInstant(),
            0 => throw CsvLines.Refused(ErrorClass.TimeNonexistent, $"{SafeText.Short(text)} does not exist in {zone.Id}: clocks went forward over it", line),
            _ => Repeated(mapping, text, line),
        };
    }

    /// <summary>The second pass of the repeated hour starts when the stamps stop rising.</summary>
    private Instant Repeated(ZoneLocalMapping mapping, string text, int line)
    {
        if (!options.RepeatedHourInOrder)
        {
            throw CsvLines.Refused(
                ErrorClass.TimeAmbiguous, $"{SafeText.Short(text)} comes twice in {zone!.Id}: clocks went back; give offsets, or declare rowsInOrder: true where the rows stand in the order of time", line);
        }

        var first = mapping.First().ToInstant();
        return first > last ? first : mapping.Last().ToInstant();
    }
}
