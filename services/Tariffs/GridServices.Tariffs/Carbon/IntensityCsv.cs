using System.Globalization;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Tariffs.Intensity;
using NodaTime;

namespace GridServices.Tariffs.Carbon;

/// <summary>
/// Reads rows of intensity: <c>from,until,g/kWh</c>. Stamps carry an offset or Z. Without <c>until</c> each row holds for the least distance between rows, so that a
/// gap stays a gap. The value's column is named after its unit.
/// </summary>
public static class IntensityCsv
{
    private static readonly string[] Starts = ["from", "start"];
    private static readonly string[] Ends = ["until", "end"];

    // 1 lb = 453.59237 g, by definition.
    private static readonly Dictionary<string, decimal> Units = new(StringComparer.OrdinalIgnoreCase)
    {
        ["g/kWh"] = 1,
        ["gPerKwh"] = 1,
        ["gramsPerKwh"] = 1,
        ["kg/MWh"] = 1,
        ["kg/kWh"] = 1000,
        ["t/MWh"] = 1000,
        ["lb/MWh"] = 0.45359237m,
    };

    public static ReadOutcome<IntensityCurve> Read(ReadOnlyMemory<byte> csv, string zone)
    {
        try
        {
            using var stream = new MemoryStream(csv.ToArray(), writable: false);
            var problems = new ReadProblems();
            var points = Rows(new CsvLines(stream), problems);
            var curve = problems.Any ? null : ReadIntensity.Checked(zone, points, "/", problems);
            return new ReadOutcome<IntensityCurve>(problems.Any ? null : curve, problems.Refusals, problems.Warnings);
        }
        catch (IntervalRefusedException e)
        {
            return ReadOutcome<IntensityCurve>.Refused(e.Refusal);
        }
    }

    private static List<IntensityPoint> Rows(CsvLines lines, ReadProblems problems)
    {
        var head = lines.Next() ?? throw CsvLines.Refused(ErrorClass.SemanticEmpty, "the file is empty; the first line names the columns: from,until,g/kWh", 1);
        var delimiter = head.Contains(';', StringComparison.Ordinal) ? ';' : head.Contains('\t', StringComparison.Ordinal) ? '\t' : ',';
        var columns = IntensityColumns.Of(lines.Fields(head, delimiter), problems);
        var rows = new List<IntensityPoint>();
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
                rows.Add(new IntensityPoint(from, columns.Until is { } until ? Moment(fields[until], lines.Number) : from, columns.Factor * Number(fields[columns.Value], lines.Number)));
            }

            if (rows.Count > ReadIntensity.MostPoints)
            {
                throw CsvLines.Refused(ErrorClass.LimitCount, $"more than {ReadIntensity.MostPoints} rows; give them in several files", lines.Number);
            }
        }

        return columns.Until is null ? Lengthened(rows, problems) : rows;
    }

    private static List<IntensityPoint> Lengthened(List<IntensityPoint> rows, ReadProblems problems)
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
        ?? throw CsvLines.Refused(ErrorClass.SemanticTime, $"'{SafeText.Short(text)}' is no instant; write it with its offset, e.g. 2026-01-15T00:00:00Z or 2026-01-15T01:00:00+01:00", line);

    private static decimal Number(string text, int line) => ExactDecimal.TryParse(text, out var value)
        ? value
        : throw CsvLines.Refused(ErrorClass.SemanticNumber, $"'{SafeText.Short(text)}' is no number; write 312.5, or leave it empty where it is not known", line);

    /// <summary>Which column is what.</summary>
    private sealed record IntensityColumns(int Count, int From, int? Until, int Value, decimal Factor)
    {
        public static IntensityColumns Of(List<string> head, ReadProblems problems)
        {
            int At(IEnumerable<string> names) => head.FindIndex(h => names.Contains(h.Trim(), StringComparer.OrdinalIgnoreCase));
            var (from, until) = (At(Starts), At(Ends));
            var values = head.Select((name, i) => (Name: name.Trim(), At: i)).Where(c => Units.ContainsKey(c.Name)).ToArray();
            if (from < 0 || values.Length != 1)
            {
                throw CsvLines.Refused(
                    ErrorClass.SchemaInvalid, $"the first line names the columns: from, until, and one value by its unit, {string.Join(", ", Units.Keys)}; here are {SafeText.Line(string.Join(", ", head))}", 1);
            }

            foreach (var other in head.Where((_, i) => i != from && i != until && i != values[0].At))
            {
                problems.Warn(ErrorClass.SchemaInvalid, "line 1", $"the column {SafeText.Quote(other)} is not read");
            }

            return new IntensityColumns(head.Count, from, until < 0 ? null : until, values[0].At, Units[values[0].Name]);
        }
    }
}
