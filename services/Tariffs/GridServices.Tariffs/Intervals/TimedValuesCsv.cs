using System.Globalization;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Tariffs.Readers;
using NodaTime;

namespace GridServices.Tariffs.Intervals;

/// <summary>A value that holds over a time.</summary>
/// <param name="From">Its first instant.</param>
/// <param name="Until">The first instant after it.</param>
/// <param name="Value">In the unit that the reader of the file converts to.</param>
internal sealed record TimedValue(Instant From, Instant Until, decimal Value);

/// <summary>
/// Reads rows of one kind of value: <c>from,until,value</c>. Stamps carry an offset or Z. Without <c>until</c> each row holds for the least distance between rows,
/// so that a gap stays a gap. The value's column is named after its unit.
/// </summary>
internal sealed record TimedValuesCsv
{
    private static readonly string[] Starts = ["from", "start"];
    private static readonly string[] Ends = ["until", "end"];

    /// <summary>Names of the value's column in any case, each with how its values are converted.</summary>
    public required IReadOnlyDictionary<string, Func<decimal, decimal>> Units { get; init; }

    /// <summary>The units as the refusal of a head names them.</summary>
    public required string UnitNames { get; init; }

    /// <summary>The head that the refusal of an empty file proposes.</summary>
    public required string Head { get; init; }

    /// <summary>Stamps that the refusal of another one proposes.</summary>
    public required string StampExample { get; init; }

    /// <summary>The number that the refusal of another one proposes.</summary>
    public required string NumberExample { get; init; }

    /// <summary>Most rows of a file.</summary>
    public required int MostRows { get; init; }

    /// <summary>What <paramref name="make"/> makes of the file's values, which come in the order of its rows.</summary>
    public ReadResult<T> Read<T>(ReadOnlyMemory<byte> csv, Func<IReadOnlyList<TimedValue>, ReadProblems, T?> make)
        where T : class
    {
        try
        {
            using var stream = new MemoryStream(csv.ToArray(), writable: false);
            var problems = new ReadProblems();
            var values = Rows(new CsvLines(stream), problems);
            var made = problems.Any ? null : make(values, problems);
            return new ReadResult<T>(problems.Any ? null : made, problems.Refusals, problems.Warnings);
        }
        catch (IntervalRefusedException e)
        {
            return ReadResult<T>.Refused(e.Refusal);
        }
    }

    private List<TimedValue> Rows(CsvLines lines, ReadProblems problems)
    {
        var head = lines.Next() ?? throw CsvLines.Refused(ErrorClass.SemanticEmpty, $"the file is empty; the first line names the columns: {Head}", 1);
        var delimiter = head.Contains(';', StringComparison.Ordinal) ? ';' : head.Contains('\t', StringComparison.Ordinal) ? '\t' : ',';
        var columns = Find(lines.Fields(head, delimiter), problems);
        var rows = new List<TimedValue>();
        for (var line = lines.Next(); line is not null; line = lines.Next())
        {
            // A row without a number says that nobody knows.
            if (line.Trim().Length > 0 && Row(lines.Fields(line, delimiter), columns, lines.Number) is { } row)
            {
                rows.Add(row);
            }

            if (rows.Count > MostRows)
            {
                throw CsvLines.Refused(ErrorClass.LimitCount, $"more than {MostRows} rows; give them in several files", lines.Number);
            }
        }

        return columns.Until is null ? Lengthened(rows, problems) : rows;
    }

    private TimedValue? Row(List<string> fields, Columns columns, int line)
    {
        if (fields.Count != columns.Count)
        {
            throw CsvLines.Refused(ErrorClass.Malformed, $"{fields.Count} fields, where the head names {columns.Count} columns; a decimal comma in a file with commas needs quotes or a point", line);
        }

        if (fields[columns.Value].Length == 0)
        {
            return null;
        }

        var from = ParseInstant(fields[columns.From], line);
        return new TimedValue(from, columns.Until is { } until ? ParseInstant(fields[until], line) : from, columns.Convert(Number(fields[columns.Value], line)));
    }

    private static List<TimedValue> Lengthened(List<TimedValue> rows, ReadProblems problems)
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

    private Instant ParseInstant(string text, int line) => TimestampFormat.From(null).Parse(text).Exact
        ?? throw CsvLines.Refused(ErrorClass.SemanticTime, $"'{SafeText.Short(text)}' is no instant; write it with its offset, e.g. {StampExample}", line);

    private decimal Number(string text, int line) => ExactDecimal.TryParse(text, out var value)
        ? value
        : throw CsvLines.Refused(ErrorClass.SemanticNumber, $"'{SafeText.Short(text)}' is no number; write {NumberExample}, or leave it empty where it is not known", line);

    private Columns Find(List<string> head, ReadProblems problems)
    {
        int At(IEnumerable<string> names) => head.FindIndex(h => names.Contains(h.Trim(), StringComparer.OrdinalIgnoreCase));
        var (from, until) = (At(Starts), At(Ends));
        int[] values = [.. Enumerable.Range(0, head.Count).Where(i => Units.ContainsKey(head[i].Trim()))];
        if (from < 0 || values.Length != 1)
        {
            throw CsvLines.Refused(ErrorClass.SchemaInvalid, $"the first line names the columns: from, until, and one value by its unit, {UnitNames}; here are {SafeText.Line(string.Join(", ", head))}", 1);
        }

        foreach (var other in head.Where((_, i) => i != from && i != until && i != values[0]))
        {
            problems.Warn(ErrorClass.SchemaInvalid, "line 1", $"the column {SafeText.Quote(other)} is not read");
        }

        return new Columns(head.Count, from, until < 0 ? null : until, values[0], Units[head[values[0]].Trim()]);
    }

    /// <summary>Which column is what.</summary>
    private sealed record Columns(int Count, int From, int? Until, int Value, Func<decimal, decimal> Convert);
}
