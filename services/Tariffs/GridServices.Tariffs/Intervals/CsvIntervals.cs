using GridServices.Contracts;

namespace GridServices.Tariffs;

/// <summary>Interval data as CSV, row by row: unit, zone and stamp position are declared or refused, never guessed.</summary>
public static class CsvIntervals
{
    private static readonly string[] TimeNames = ["timestamp", "start", "end", "time", "datetime", "date"];

    private static readonly Dictionary<string, (IntervalUnit Unit, decimal Factor)> Units = new(StringComparer.OrdinalIgnoreCase)
    {
        ["kwh"] = (IntervalUnit.Kwh, 1),
        ["wh"] = (IntervalUnit.Kwh, 0.001m),
        ["mwh"] = (IntervalUnit.Kwh, 1000),
        ["kw"] = (IntervalUnit.Kw, 1),
        ["w"] = (IntervalUnit.Kw, 0.001m),
    };

    /// <summary>The whole file as one series, with what is odd about it.</summary>
    public static ReadOutcome<IntervalSeries> Read(Stream stream, IntervalOptions options)
    {
        try
        {
            var lines = new CsvLines(stream);
            var head = Head.Read(lines, options);
            var collector = new IntervalCollector(options, head.Unit);
            foreach (var row in Rows(lines, head, options))
            {
                collector.Add(row);
            }

            return collector.Series();
        }
        catch (IntervalRefusedException e)
        {
            return ReadOutcome<IntervalSeries>.Refused(e.Refusal);
        }
    }

    /// <summary>The rows one after another; nothing is kept, so files of any length stream through.</summary>
    /// <exception cref="IntervalRefusedException">A row cannot be read.</exception>
    public static (IntervalUnit Unit, IEnumerable<IntervalRow> Rows) Stream(Stream stream, IntervalOptions options)
    {
        var lines = new CsvLines(stream);
        var head = Head.Read(lines, options);
        return (head.Unit, Rows(lines, head, options));
    }

    private static IEnumerable<IntervalRow> Rows(CsvLines lines, Head head, IntervalOptions options)
    {
        var stamps = new TimeStamps(options);
        while (lines.Next() is { } text)
        {
            if (text.Length == 0)
            {
                continue;
            }

            var fields = lines.Fields(text, head.Delimiter);
            if (fields.Count != head.Columns)
            {
                throw CsvLines.Refused(ErrorClass.Malformed, $"{fields.Count} fields where the head has {head.Columns}; the row is cut off or has a stray {head.Delimiter}", lines.Number);
            }

            yield return new IntervalRow(lines.Number, stamps.Read(fields[head.Time], lines.Number), Value(fields[head.Value], head, options, lines.Number));
        }
    }

    private static decimal Value(string text, Head head, IntervalOptions options, int line)
    {
        if (!ExactDecimal.TryParse(text, out var value))
        {
            throw CsvLines.Refused(ErrorClass.SemanticNumber, $"'{JsonGuard.Shown(text)}' is no number; write 12.5 with a point and no thousands separator, and leave rows without a reading out", line);
        }

        if (value < 0 && options.Channel != MeterChannel.Net)
        {
            throw CsvLines.Refused(ErrorClass.SemanticNumber, $"{value} is negative on a register of one direction; declare the channel as net if export is meant", line);
        }

        return value * head.Factor;
    }

    private sealed record Head(char Delimiter, int Columns, int Time, int Value, IntervalUnit Unit, decimal Factor)
    {
        public static Head Read(CsvLines lines, IntervalOptions options)
        {
            var text = lines.Next() ?? throw CsvLines.Refused(ErrorClass.Malformed, "the file is empty", 1);
            var delimiter = text.Contains(';') ? ';' : text.Contains('\t') ? '\t' : ',';
            var names = lines.Fields(text, delimiter);
            if (names.Count < 2 || names.Exists(n => n.Any(char.IsControl)))
            {
                throw CsvLines.Refused(ErrorClass.Malformed, "the first line must name a column of times and a column of values", 1);
            }

            var time = options.TimeColumn is { } wanted ? Column(names, wanted) : Math.Max(0, names.FindIndex(n => TimeNames.Contains(n, StringComparer.OrdinalIgnoreCase)));
            var value = options.ValueColumn is { } named ? Column(names, named) : names.FindIndex(n => UnitIn(n) is not null);
            value = value < 0 && options.Unit is not null ? (time == 0 ? 1 : 0) : value;
            var unit = (value < 0 ? null : options.Unit ?? UnitIn(names[value])) ?? throw CsvLines.Refused(
                ErrorClass.Unit, "no column is named after a unit (kWh, Wh, MWh, kW, W); declare the unit and the column", 1);
            if (!Units.TryGetValue(unit, out var known) || (UnitIn(names[value]) is { } written && !string.Equals(written, unit, StringComparison.OrdinalIgnoreCase)))
            {
                throw CsvLines.Refused(ErrorClass.Unit, $"the unit '{JsonGuard.Shown(unit)}' is unknown or contradicts the column '{JsonGuard.Shown(names[value])}'", 1);
            }

            return new Head(delimiter, names.Count, time, value, known.Unit, known.Factor);
        }

        private static int Column(List<string> names, string wanted)
        {
            var at = names.FindIndex(n => string.Equals(n, wanted, StringComparison.OrdinalIgnoreCase));
            return at >= 0 ? at : throw CsvLines.Refused(ErrorClass.SchemaInvalid, $"there is no column '{JsonGuard.Shown(wanted)}'", 1);
        }

        /// <summary>The unit a column's name carries: <c>kWh</c>, <c>import_kwh</c>, <c>Usage (kWh)</c>.</summary>
        private static string? UnitIn(string name) =>
            name.Split([' ', '_', '(', ')', '[', ']', '/', '-'], StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(Units.ContainsKey);
    }
}
