using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Tariffs.Intervals;

namespace GridServices.Tariffs.Service.Calculations;

/// <summary>How a file is written, as the query says it; what it does not say, the named source does.</summary>
internal static class DialectQuery
{
    /// <summary>The query names that say how a file is to be read.</summary>
    public static readonly string[] Names =
    [
        "source", "zone", "stamp", "unit", "channel", "gaps", "minutes", "timeColumn", "dateColumn", "valueColumn", "exportColumn", "qualityColumn", "measuredCodes", "missingCodes", "missingValues",
        "ignoreColumns", "stampFormat", "rowsInOrder", "register", "delimiter", "decimal", "thousands", "skipRows", "header", "siteLimitKw", "multiplier", "spikes", "spikePercent",
        "registerFrom", "registerUntil", "registerTolerance", "reading",
    ];

    /// <exception cref="ProblemException">A value cannot be what its name says.</exception>
    public static IntervalDialect Read(IQueryCollection query, IntervalDialect source)
    {
        var dialect = source with
        {
            Zone = Text(query, "zone") ?? source.Zone,
            Stamp = ReadEnum<StampPosition>(query, "stamp") ?? source.Stamp,
            Channel = ReadEnum<MeterChannel>(query, "channel") ?? source.Channel,
            Gaps = ReadEnum<GapPolicy>(query, "gaps") ?? source.Gaps,
            TimeColumn = Text(query, "timeColumn") ?? source.TimeColumn,
            DateColumn = Text(query, "dateColumn") ?? source.DateColumn,
            ValueColumn = Text(query, "valueColumn") ?? source.ValueColumn,
            ExportColumn = Text(query, "exportColumn") ?? source.ExportColumn,
            QualityColumn = Text(query, "qualityColumn") ?? source.QualityColumn,
            MeasuredCodes = List(query, "measuredCodes") ?? source.MeasuredCodes,
            MissingCodes = List(query, "missingCodes") ?? source.MissingCodes,
            MissingValues = List(query, "missingValues") ?? source.MissingValues,
            IgnoreColumns = List(query, "ignoreColumns") ?? source.IgnoreColumns,
            StampFormat = Text(query, "stampFormat") ?? source.StampFormat,
            Register = Flag(query, "register") ?? source.Register,
            RowsInOrder = Flag(query, "rowsInOrder") ?? source.RowsInOrder,
            Delimiter = ReadEnum<CsvDelimiter>(query, "delimiter") ?? source.Delimiter,
            Decimal = ReadEnum<DecimalMark>(query, "decimal") ?? source.Decimal,
            Thousands = ReadEnum<ThousandsMark>(query, "thousands") ?? source.Thousands,
            SkipRows = ReadInteger(query, "skipRows", 0, IntervalDialectJson.MostSkipped) ?? source.SkipRows,
            Header = Flag(query, "header") ?? source.Header,
            Unit = Text(query, "unit") ?? source.Unit,
            Minutes = Minutes(query) ?? source.Minutes,
            SiteLimitKw = Number(query, "siteLimitKw") ?? source.SiteLimitKw,
            Multiplier = Number(query, "multiplier") ?? source.Multiplier,
            Spikes = ReadEnum<SpikePolicy>(query, "spikes") ?? source.Spikes,
            SpikePercent = Number(query, "spikePercent") ?? source.SpikePercent,
            Reading = Text(query, "reading") ?? source.Reading,
        };
        return IntervalDialectJson.Faults(dialect).FirstOrDefault(f => f.Path is "/multiplier" or "/spikePercent") is { } fault
            ? throw new ProblemException(fault.Class, $"{fault.Path[1..]}: {fault.Detail}.", fault.Path[1..]) : dialect;
    }

    /// <summary>The register's readings of this one file.</summary>
    public static RegisterCheck? Check(IQueryCollection query)
    {
        var (from, until, tolerance) = (Number(query, "registerFrom"), Number(query, "registerUntil"), Number(query, "registerTolerance"));
        return RegisterCheck.Fault(from, until, tolerance) is { } fault ? throw new ProblemException(fault.Class, $"{fault.Path[1..]}: {fault.Detail}.", fault.Path[1..])
            : from is { } first && until is { } last ? new RegisterCheck(first, last, tolerance) : null;
    }

    public static string? Text(IQueryCollection query, string name) => query[name].ToString() is { Length: > 0 } text ? text : null;

    public static int? ReadInteger(IQueryCollection query, string name, int least, int most) => Number(query, name) is not { } value ? null
        : value == decimal.Truncate(value) && value >= least && value <= most ? (int)value
        : throw new ProblemException(ErrorClass.SemanticNumber, $"{name} is a whole number from {least} to {most}.", name);

    private static ImmutableArray<string>? List(IQueryCollection query, string name) =>
        Text(query, name) is { } text ? [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)] : null;

    private static T? ReadEnum<T>(IQueryCollection query, string name)
        where T : struct, Enum => Text(query, name) is not { } text ? null
        : Array.Find(Enum.GetNames<T>(), n => string.Equals(n, text, StringComparison.OrdinalIgnoreCase)) is { } found ? Enum.Parse<T>(found)
        : throw new ProblemException(ErrorClass.SemanticCode, $"{name} is one of {string.Join(", ", Enum.GetNames<T>().Select(JsonNamingPolicy.CamelCase.ConvertName))}.", name);

    private static bool? Flag(IQueryCollection query, string name) => Text(query, name) switch
    {
        null => null,
        "true" => true,
        "false" => false,
        _ => throw new ProblemException(ErrorClass.SemanticCode, $"{name} is true or false.", name),
    };

    private static decimal? Number(IQueryCollection query, string name) => Text(query, name) is not { } text ? null
        : decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value < 1_000_000_000_000 ? value
        : throw new ProblemException(ErrorClass.SemanticNumber, $"{name} is a number of 0 or more.", name);

    private static decimal? Minutes(IQueryCollection query) => Number(query, "minutes") is not { } minutes ? null
        : minutes * 60 is >= 1 and <= 86_400 ? minutes
        : throw new ProblemException(ErrorClass.SemanticNumber, "minutes is the length of an interval: from a second to a day, 1440.", "minutes");
}
