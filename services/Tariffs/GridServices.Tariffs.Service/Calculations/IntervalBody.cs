using System.Collections.Immutable;
using System.Globalization;
using GridServices.Contracts;
using GridServices.Hosting;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Tariffs.Service.Calculations;

/// <summary>A bill request whose body is the interval file itself, CSV or Green Button; everything else stands in the query.</summary>
internal static class IntervalBody
{
    public const string Atom = "application/atom+xml";
    private const int MostRows = 1_200_000;

    public static ReadOutcome<BillRequest> Read(ReadOnlyMemory<byte> body, bool isCsv, IQueryCollection query, ImmutableArray<CompiledTariff> tariffs, Instant now)
    {
        var read = Meter(body, isCsv, query, tariffs[0].Zone, now);
        if (!read.Ok)
        {
            return new ReadOutcome<BillRequest>(null, read.Refusals, read.Warnings);
        }

        var request = new BillRequest { Tariffs = tariffs, Data = read.Value!, Cycles = Cycles(query, read.Value!.Net, tariffs[0].Zone) };
        return new ReadOutcome<BillRequest>(request, [], read.Warnings);
    }

    /// <summary>The data alone.</summary>
    public static ReadOutcome<MeterData> Meter(ReadOnlyMemory<byte> body, bool isCsv, IQueryCollection query, DateTimeZone zone, Instant now)
    {
        var options = Options(query, zone, now);
        return isCsv ? CsvIntervals.ReadMeter(new MemoryStream(body.ToArray(), writable: false), options) : Meter(GreenButton.Read(body, options), query["reading"]);
    }

    private static ReadOutcome<MeterData> Meter(ReadOutcome<GreenButtonFeed> read, string? reading)
    {
        if (!read.Ok)
        {
            return new ReadOutcome<MeterData>(null, read.Refusals, read.Warnings);
        }

        var meter = read.Value!.Meter(string.IsNullOrEmpty(reading) ? null : reading);
        return meter with { Warnings = [.. read.Warnings, .. meter.Warnings] };
    }

    /// <summary>The query names that say how a file is to be read.</summary>
    public static readonly string[] Dialect =
    [
        "zone", "stamp", "unit", "channel", "gaps", "minutes", "timeColumn", "dateColumn", "valueColumn", "exportColumn", "ignoreColumns", "stampFormat", "rowsInOrder", "register",
        "delimiter", "decimal", "thousands", "skipRows", "header", "siteLimitKw", "reading",
    ];

    public static IntervalOptions Options(IQueryCollection query, DateTimeZone zone, Instant now) => new()
    {
        Zone = Text(query, "zone") ?? zone.Id,
        Stamp = Word(query, "stamp", StampPosition.Start),
        Channel = Word(query, "channel", MeterChannel.Import),
        Gaps = Word(query, "gaps", GapPolicy.LeaveOut),
        TimeColumn = Text(query, "timeColumn"),
        DateColumn = Text(query, "dateColumn"),
        ValueColumn = Text(query, "valueColumn"),
        ExportColumn = Text(query, "exportColumn"),
        IgnoreColumns = [.. Text(query, "ignoreColumns")?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? []],
        StampFormat = Text(query, "stampFormat"),
        IsRegister = Flag(query, "register"),
        RepeatedHourInOrder = Flag(query, "rowsInOrder") ?? false,
        Delimiter = Text(query, "delimiter") is null ? null : Word(query, "delimiter", CsvDelimiter.Comma),
        Decimal = Word(query, "decimal", DecimalMark.Point),
        Thousands = Word(query, "thousands", ThousandsMark.None),
        SkipRows = Whole(query, "skipRows", 0, 10_000) ?? 0,
        Header = Flag(query, "header") ?? true,
        Unit = Text(query, "unit"),
        Step = Step(query),
        SiteLimitKw = Number(query, "siteLimitKw"),
        Now = now,
        MostRows = MostRows,
    };

    private static ImmutableArray<BillingCycle> Cycles(IQueryCollection query, IntervalSeries series, DateTimeZone zone)
    {
        if (Whole(query, "year", 1, 9998) is { } year)
        {
            if (Text(query, "from") is not null || Text(query, "until") is not null)
            {
                throw new ProblemException(ErrorClass.SchemaInvalid, "year stands in the query too; give year alone, or from and until.", "from");
            }

            return BillingCycle.Year(year);
        }

        var from = Day(query, "from") ?? series.Start.InZone(zone).Date;
        var until = Day(query, "until") ?? (series.End - Duration.Epsilon).InZone(zone).Date.PlusDays(1);
        return Day(query, "from") is null || Day(query, "until") is null ? BillingCycle.CalendarMonths(from, until) : [new BillingCycle(from, until)];
    }

    private static string? Text(IQueryCollection query, string name) => query[name].ToString() is { Length: > 0 } text ? text : null;

    private static T Word<T>(IQueryCollection query, string name, T otherwise)
        where T : struct, Enum => Text(query, name) is not { } text ? otherwise
        : Array.Find(Enum.GetNames<T>(), n => string.Equals(n, text, StringComparison.OrdinalIgnoreCase)) is { } found ? Enum.Parse<T>(found)
        : throw new ProblemException(ErrorClass.SemanticCode, $"{name} is one of {string.Join(", ", Enum.GetNames<T>().Select(System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName))}.", name);

    private static bool? Flag(IQueryCollection query, string name) => Text(query, name) switch
    {
        null => null,
        "true" => true,
        "false" => false,
        _ => throw new ProblemException(ErrorClass.SemanticCode, $"{name} is true or false.", name),
    };

    private static decimal? Number(IQueryCollection query, string name) => Text(query, name) is not { } text ? null
        : decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value < 1_000_000_000 ? value
        : throw new ProblemException(ErrorClass.SemanticNumber, $"{name} is a number above 0.", name);

    private static int? Whole(IQueryCollection query, string name, int least, int most) => Number(query, name) is not { } value ? null
        : value == decimal.Truncate(value) && value >= least && value <= most ? (int)value
        : throw new ProblemException(ErrorClass.SemanticNumber, $"{name} is a whole number from {least} to {most}.", name);

    private static Duration? Step(IQueryCollection query) => Number(query, "minutes") is not { } minutes ? null
        : minutes * 60 is >= 1 and <= 86_400 and var seconds ? Duration.FromSeconds((long)seconds)
        : throw new ProblemException(ErrorClass.SemanticNumber, "minutes is the length of an interval: from a second to a day, 1440.", "minutes");

    private static LocalDate? Day(IQueryCollection query, string name) => Text(query, name) is not { } text ? null
        : LocalDatePattern.Iso.Parse(text) is { Success: true } day ? day.Value
        : throw new ProblemException(ErrorClass.SemanticTime, $"{name} is a date like 2026-01-10.", name);
}
