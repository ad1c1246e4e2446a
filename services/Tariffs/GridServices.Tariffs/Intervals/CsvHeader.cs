using System.Collections.Immutable;
using System.Globalization;
using GridServices.Contracts;

namespace GridServices.Tariffs.Intervals;

/// <summary>What the columns of a CSV file are: each one is read, left out on demand, or named as not read.</summary>
internal sealed record CsvHeader
{
    private static readonly string[] StampNames = ["timestamp", "datetime", "date time", "date_time", "zeitstempel"];
    private static readonly string[] StartNames = ["start", "from", "start time", "start_time", "interval start", "von"];
    private static readonly string[] EndNames = ["end", "until", "end time", "end_time", "interval end", "bis"];
    private static readonly string[] DateNames = ["date", "datum", "day", "read date", "usage date"];
    private static readonly string[] ClockNames = ["time", "uhrzeit", "zeit", "hour"];
    private static readonly string[] QualityNames = ["quality", "quality code", "quality flag", "qualityflag", "quality method", "data quality", "qualität"];
    private static readonly string[] ExportWords = ["export", "exported", "einspeisung", "feedin", "feed", "returned", "injection"];

    private static readonly string[] RegisterWords = ["register", "registers", "reading", "readings", "zaehlerstand", "zählerstand", "zaehlerstände", "zählerstände",
        "stand", "cumulative", "cumulated", "kumuliert", "kumulativ", "accumulated", "odometer"];

    private static readonly Dictionary<string, (IntervalUnit Unit, decimal Factor)> Units = new(StringComparer.OrdinalIgnoreCase)
    {
        ["kwh"] = (IntervalUnit.Kwh, 1),
        ["wh"] = (IntervalUnit.Kwh, 0.001m),
        ["mwh"] = (IntervalUnit.Kwh, 1000),
        ["kw"] = (IntervalUnit.Kw, 1),
        ["w"] = (IntervalUnit.Kw, 0.001m),
    };

    public required char Delimiter { get; init; }
    public required ImmutableArray<string> Names { get; init; }

    /// <summary>The column with the date where it stands apart; -1 = in the time column, as it is where a time turns out to hold its own date.</summary>
    public required int Date { get; init; }

    public required int Time { get; init; }
    public required int Value { get; init; }

    /// <summary>-1 = there is none.</summary>
    public required int Export { get; init; }

    /// <summary>The column that says what was measured; -1 = there is none.</summary>
    public required int Quality { get; init; }

    public required string UnitName { get; init; }
    public required IntervalUnit Unit { get; init; }
    public required decimal Factor { get; init; }
    public required decimal ExportFactor { get; init; }

    /// <summary>Columns that are neither read nor declared to be left out.</summary>
    public required ImmutableArray<string> Unread { get; init; }

    /// <summary>Line of the head; without one, 0.</summary>
    public required int Line { get; init; }

    /// <summary>The first row of data, where there is no head.</summary>
    public string? FirstRow { get; init; }

    public static CsvHeader Read(CsvLines lines, IntervalOptions options)
    {
        for (var i = 0; i < options.SkipRows; i++)
        {
            _ = lines.Next() ?? throw CsvLines.Refused(ErrorClass.Malformed, $"the file has fewer than the {options.SkipRows} rows that skipRows declares", lines.Number + 1);
        }

        var text = lines.Next() ?? throw CsvLines.Refused(ErrorClass.Malformed, "the file is empty", lines.Number + 1);
        var delimiter = ChooseDelimiter(text, options);
        var fields = lines.Fields(text, delimiter);
        if (fields.Count < 2 || fields.Exists(n => n.Any(char.IsControl)))
        {
            throw CsvLines.Refused(
                ErrorClass.Malformed, "the first line must name a column of times and a column of values; declare skipRows for rows before it, header: false where there is none, or the delimiter", lines.Number);
        }

        ImmutableArray<string> names = options.Header ? [.. fields] : [.. Enumerable.Range(1, fields.Count).Select(n => n.ToString(CultureInfo.InvariantCulture))];
        return new Columns(names, options, lines.Number).Head(delimiter) with { Line = options.Header ? lines.Number : 0, FirstRow = options.Header ? null : text };
    }

    private static char ChooseDelimiter(string text, IntervalOptions options) => options.Delimiter switch
    {
        CsvDelimiter.Comma => ',',
        CsvDelimiter.Semicolon => ';',
        CsvDelimiter.Tab => '\t',
        CsvDelimiter.Pipe => '|',
        _ => text.Contains(';') ? ';' : text.Contains('\t') ? '\t' : text.Contains('|') ? '|' : ',',
    };

    /// <summary>The unit a column's name carries: <c>kWh</c>, <c>import_kwh</c>, <c>Usage (kWh)</c>.</summary>
    private static string? UnitIn(string name) => SplitWords(name).FirstOrDefault(Units.ContainsKey);

    private static bool IsExport(string name) => SplitWords(name).Any(w => ExportWords.Contains(w, StringComparer.OrdinalIgnoreCase));

    private static string[] SplitWords(string name) => name.Split([' ', '_', '(', ')', '[', ']', '/', '-', '.', ','], StringSplitOptions.RemoveEmptyEntries);

    private sealed class Columns(ImmutableArray<string> names, IntervalOptions options, int line)
    {
        public CsvHeader Head(char delimiter)
        {
            var ignored = options.IgnoreColumns.Select(Named).ToHashSet();
            var (date, time) = Times(ignored);
            var quality = options.QualityColumn is { } told ? Named(told)
                : Enumerable.Range(0, names.Length).FirstOrDefault(i => !ignored.Contains(i) && i != time && QualityNames.Contains(names[i], StringComparer.OrdinalIgnoreCase), -1);
            ignored.UnionWith([date, time, quality]);
            var (value, export) = Values(ignored);
            var (unit, known) = GetUnit(value);
            var exportUnit = export < 0 ? unit : UnitIn(names[export]) ?? unit;
            if (Units[exportUnit].Unit != known.Unit)
            {
                throw CsvLines.Refused(ErrorClass.Unit, $"'{Shown(value)}' and '{Shown(export)}' are not both energy or both power", line);
            }

            Register(value, known.Unit);
            ignored.UnionWith([value, export]);
            return new CsvHeader
            {
                Delimiter = delimiter,
                Names = names,
                Date = date,
                Time = time,
                Value = value,
                Export = export,
                Quality = quality,
                UnitName = unit,
                Unit = known.Unit,
                Factor = known.Factor,
                ExportFactor = Units[exportUnit].Factor,
                Unread = [.. Enumerable.Range(0, names.Length).Except(ignored).Select(Shown)],
                Line = line,
            };
        }

        private (int Date, int Time) Times(HashSet<int> ignored)
        {
            var date = options.DateColumn is { } day ? Named(day) : -1;
            if (options.TimeColumn is { } wanted)
            {
                return (date, Named(wanted));
            }

            int First(string[] known) => Enumerable.Range(0, names.Length).Where(i => i != date && !ignored.Contains(i))
                .FirstOrDefault(i => known.Contains(names[i], StringComparer.OrdinalIgnoreCase), -1);
            if (First(StampNames) is >= 0 and var stamp)
            {
                return (date, stamp);
            }

            var (start, end) = (First(StartNames), First(EndNames));
            if (start >= 0 || end >= 0)
            {
                var column = options.Stamp == StampPosition.End ? end : start;
                return column >= 0 ? (date < 0 ? First(DateNames) : date, column) : throw CsvLines.Refused(
                    ErrorClass.SchemaInvalid, $"'{Shown(Math.Max(start, end))}' does not fit stamps at the {options.Stamp} of their interval; declare stamp as {(end >= 0 ? "end" : "start")}, or name the timeColumn", line);
            }

            var (dates, clock) = (First(DateNames), First(ClockNames));
            return dates >= 0 && clock >= 0 && date < 0 ? (dates, clock)
                : (date, clock >= 0 ? clock : dates >= 0 ? dates : Enumerable.Range(0, names.Length).First(i => i != date && !ignored.Contains(i)));
        }

        /// <summary>A column is taken for the value, or for export, only where no other could be.</summary>
        private (int Value, int Export) Values(HashSet<int> taken)
        {
            var export = options.ExportColumn is { } named ? Named(named) : -1;
            if (options.ValueColumn is { } wanted)
            {
                return (Named(wanted), export);
            }

            var free = Enumerable.Range(0, names.Length).Where(i => !taken.Contains(i) && i != export).ToArray();
            var units = Array.FindAll(free, i => UnitIn(names[i]) is not null);
            if (export < 0 && options.Channel == MeterChannel.Import && units.Length == 2 && units.Count(i => IsExport(names[i])) == 1)
            {
                export = Array.Find(units, i => IsExport(names[i]));
                return (Array.Find(units, i => i != export), export);
            }

            if (units.Length == 1 && options.Channel == MeterChannel.Import && IsExport(names[units[0]]))
            {
                throw CsvLines.Refused(ErrorClass.SchemaInvalid, $"'{Shown(units[0])}' looks like export; declare channel as export or net, or name it as valueColumn", line);
            }

            var candidates = units.Length > 0 ? units : options.Unit is null ? [] : free;
            return candidates.Length == 1 ? (candidates[0], export) : throw CsvLines.Refused(
                candidates.Length == 0 ? ErrorClass.Unit : ErrorClass.SchemaInvalid,
                candidates.Length == 0
                    ? "no column is named after a unit (kWh, Wh, MWh, kW, W); declare the unit and the valueColumn"
                    : $"several columns could be the value: {string.Join(", ", candidates.Select(Shown))}; declare valueColumn (and exportColumn or ignoreColumns)",
                line);
        }

        private (string Unit, (IntervalUnit Unit, decimal Factor) Known) GetUnit(int value)
        {
            var written = UnitIn(names[value]);
            var unit = options.Unit ?? written ?? throw CsvLines.Refused(ErrorClass.Unit, $"the unit of '{Shown(value)}' is not known; declare unit as kWh, Wh, MWh, kW or W", line);
            return Units.TryGetValue(unit, out var known) && (written is null || string.Equals(written, unit, StringComparison.OrdinalIgnoreCase))
                ? (unit, known)
                : throw CsvLines.Refused(
                    ErrorClass.Unit, $"the unit '{SafeText.Short(unit)}' {(Units.ContainsKey(unit) ? $"contradicts the column '{Shown(value)}'" : $"is unknown; {Spelling.Hint(unit, ["kWh", "Wh", "MWh", "kW", "W"])}")}", line);
        }

        /// <summary>Readings of a register billed as energy would be a thousand bills in one, so their name alone asks for a declaration.</summary>
        private void Register(int value, IntervalUnit unit)
        {
            if (options.IsRegister == true && unit == IntervalUnit.Kw)
            {
                throw CsvLines.Refused(ErrorClass.Unit, $"'{Shown(value)}' is power, which no register counts; leave register out, or name the column of the energy as valueColumn", line);
            }

            if (options.IsRegister is null && unit == IntervalUnit.Kwh && SplitWords(names[value]).Any(w => RegisterWords.Contains(w, StringComparer.OrdinalIgnoreCase)))
            {
                throw CsvLines.Refused(
                    ErrorClass.Plausibility, $"'{Shown(value)}' is named like readings of a register; declare register: true (their differences are billed), or register: false where each row is energy of its interval", line);
            }
        }

        private int Named(string wanted)
        {
            var at = names.IndexOf(names.FirstOrDefault(n => string.Equals(n, wanted, StringComparison.OrdinalIgnoreCase)) ?? "\0");
            at = at < 0 && int.TryParse(wanted, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= names.Length ? number - 1 : at;
            return at >= 0 ? at : throw CsvLines.Refused(ErrorClass.SchemaInvalid, $"there is no column '{SafeText.Short(wanted)}'; {Spelling.Hint(wanted, names)}", line);
        }

        private string Shown(int column) => SafeText.Short(names[column]);
    }
}
