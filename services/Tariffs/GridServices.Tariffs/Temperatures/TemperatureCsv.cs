using System.Globalization;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Tariffs.Weather;
using NodaTime;

namespace GridServices.Tariffs.Temperatures;

/// <summary>
/// Reads rows of temperature: <c>from,until,°C</c>. Stamps carry an offset or Z. Without <c>until</c> each row holds for the least distance between rows, so that a
/// gap stays a gap. The value's column is named after its unit.
/// </summary>
public static class TemperatureCsv
{
    private static readonly string[] Starts = ["from", "start"];
    private static readonly string[] Ends = ["until", "end"];
    private static readonly string[] Celsius = ["°C", "C", "celsius", "degC"];
    private static readonly string[] Fahrenheit = ["°F", "F", "fahrenheit", "degF"];

    public static ReadOutcome<TemperatureCurve> Read(ReadOnlyMemory<byte> csv, string station)
    {
        try
        {
            using var stream = new MemoryStream(csv.ToArray(), writable: false);
            var problems = new ReadProblems();
            var points = Rows(new CsvLines(stream), problems);
            var curve = problems.Any ? null : TemperatureCurve.Checked(station, points, "/", problems);
            return new ReadOutcome<TemperatureCurve>(problems.Any ? null : curve, problems.Refusals, problems.Warnings);
        }
        catch (IntervalRefusedException e)
        {
            return ReadOutcome<TemperatureCurve>.Refused(e.Refusal);
        }
    }

    private static List<TemperaturePoint> Rows(CsvLines lines, ReadProblems problems)
    {
        var head = lines.Next() ?? throw CsvLines.Refused(ErrorClass.SemanticEmpty, "the file is empty; the first line names the columns: from,until,°C", 1);
        var delimiter = head.Contains(';', StringComparison.Ordinal) ? ';' : head.Contains('\t', StringComparison.Ordinal) ? '\t' : ',';
        var columns = Columns.Of(lines.Fields(head, delimiter), problems);
        var rows = new List<TemperaturePoint>();
        for (var line = lines.Next(); line is not null; line = lines.Next())
        {
            if (line.Trim().Length == 0)
            {
                continue;
            }

            var fields = lines.Fields(line, delimiter);
            if (fields.Count != columns.Count)
            {
                throw CsvLines.Refused(ErrorClass.Malformed, $"{fields.Count} fields, where the head names {columns.Count} columns; a decimal comma in a file with commas needs quotes or a point", lines.Number);
            }

            // A row without a number says that nobody knows.
            if (fields[columns.Value].Length > 0)
            {
                var from = Moment(fields[columns.From], lines.Number);
                rows.Add(new TemperaturePoint(from, columns.Until is { } until ? Moment(fields[until], lines.Number) : from, columns.Of(Number(fields[columns.Value], lines.Number))));
            }

            if (rows.Count > TemperatureCurve.MostPoints)
            {
                throw CsvLines.Refused(ErrorClass.LimitCount, $"more than {TemperatureCurve.MostPoints} rows; give them in several files", lines.Number);
            }
        }

        return columns.Until is null ? Lengthened(rows, problems) : rows;
    }

    private static List<TemperaturePoint> Lengthened(List<TemperaturePoint> rows, ReadProblems problems)
    {
        var sorted = rows.OrderBy(r => r.From).ToList();
        var steps = sorted.Zip(sorted.Skip(1), (a, b) => b.From - a.From).ToArray();
        var length = steps.Length == 0 ? Duration.Zero : steps.Min();
        if (length <= Duration.Zero || length > Duration.FromDays(1))
        {
            throw CsvLines.Refused(ErrorClass.SchemaInvalid, "how long a row holds cannot be told from the stamps; add a column until", 1);
        }

        if (steps.Count(s => s > length) is var gaps and > 0)
        {
            problems.Warn(ErrorClass.DataGap, "/", string.Create(CultureInfo.InvariantCulture, $"rows hold for {length.TotalMinutes:0.##} min, the least distance between them; {gaps} gaps stay unknown"));
        }

        return [.. sorted.Select(r => r with { Until = r.From + length })];
    }

    private static Instant Moment(string text, int line) => StampForm.From(null).Parse(text).Exact
        ?? throw CsvLines.Refused(ErrorClass.SemanticTime, $"'{SafeText.Short(text)}' is no instant; write it with its offset, e.g. 2026-07-15T14:00:00Z or 2026-07-15T16:00:00+02:00", line);

    private static decimal Number(string text, int line) => ExactDecimal.TryParse(text, out var value)
        ? value
        : throw CsvLines.Refused(ErrorClass.SemanticNumber, $"'{SafeText.Short(text)}' is no number; write 31.5, or leave it empty where it is not known", line);

    /// <summary>Which column is what.</summary>
    private sealed record Columns(int Count, int From, int? Until, int Value, bool IsFahrenheit)
    {
        public decimal Of(decimal value) => IsFahrenheit ? decimal.Round((value - 32) * 5 / 9, 6) : value;

        public static Columns Of(List<string> head, ReadProblems problems)
        {
            int At(IEnumerable<string> names) => head.FindIndex(h => names.Contains(h.Trim(), StringComparer.OrdinalIgnoreCase));
            var (from, until) = (At(Starts), At(Ends));
            int[] values = [.. Enumerable.Range(0, head.Count).Where(i => Celsius.Concat(Fahrenheit).Contains(head[i].Trim(), StringComparer.OrdinalIgnoreCase))];
            if (from < 0 || values.Length != 1)
            {
                throw CsvLines.Refused(ErrorClass.SchemaInvalid, $"the first line names the columns: from, until, and one value by its unit, °C or °F; here are {SafeText.Line(string.Join(", ", head))}", 1);
            }

            foreach (var other in head.Where((_, i) => i != from && i != until && i != values[0]))
            {
                problems.Warn(ErrorClass.SchemaInvalid, "line 1", $"the column {SafeText.Quote(other)} is not read");
            }

            return new Columns(head.Count, from, until < 0 ? null : until, values[0], Fahrenheit.Contains(head[values[0]].Trim(), StringComparer.OrdinalIgnoreCase));
        }
    }
}
