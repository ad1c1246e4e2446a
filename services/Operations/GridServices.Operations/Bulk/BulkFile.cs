using System.Globalization;

namespace GridServices.Operations.Bulk;

/// <summary>A row of a file: a record, or what is wrong with it. Other rows are not touched by its faults.</summary>
public sealed record BulkRow
{
    /// <summary>From 1, the head not counted: where an import goes on after a restart.</summary>
    public required int Number { get; init; }

    /// <summary>Of the file, from 1.</summary>
    public required int Line { get; init; }

    /// <summary>Null where the row has a fault that is more than a warning.</summary>
    public BulkRecord? Record { get; init; }

    /// <summary>Of the values as they were understood; empty without a record.</summary>
    public string Hash { get; init; } = string.Empty;

    public required IReadOnlyList<BulkFault> Faults { get; init; }

    /// <summary>As they are in the file.</summary>
    public required IReadOnlyList<string> Cells { get; init; }

    /// <summary>Everything that is wrong, in one text.</summary>
    public string Message => string.Join("; ", Faults.Select(f => f.ToString()));
}

/// <summary>
/// A CSV file of section 6, read row by row: UTF-8 (a byte order mark is taken off), comma or semicolon, quoted fields, <c>#locale=</c>, head names
/// exact and in any order, bounded.
/// </summary>
public sealed class BulkFile
{
    private readonly CsvRecordReader _records;
    private readonly BulkLimits _limits;
    private readonly Dictionary<string, (int Line, string Hash)> _seen = new(StringComparer.Ordinal);

    private BulkFile(CsvRecordReader records, BulkHeader head, BulkLimits limits) => (_records, Head, _limits) = (records, head, limits);

    public BulkHeader Head { get; }

    /// <summary>Reads the head. The text is read on by <see cref="Rows"/>, once.</summary>
    public static BulkFile Open(TextReader text, BulkKind kind, BulkLimits? limits = null)
    {
        var bounds = limits ?? BulkLimits.Default;
        if (text.Peek() == '\uFEFF')
        {
            _ = text.Read();
        }

        var records = new CsvRecordReader(new CsvLineReader(text, bounds.MostCharacters), bounds);
        return new BulkFile(records, BulkHeader.Read(records, BulkLayout.For(kind), bounds), bounds);
    }

    /// <summary>The rows in their order; none where the head has a fault.</summary>
    public IEnumerable<BulkRow> Rows()
    {
        for (var number = 1; Head.IsReadable && _records.Next(Head.Delimiter) is { } record; number++)
        {
            if (number > _limits.MostRows)
            {
                yield return Faulty(number, record, string.Create(CultureInfo.InvariantCulture, $"the file has more than {_limits.MostRows} rows: split it; nothing from here on was read"));
                yield break;
            }

            yield return ReadRow(number, record);
        }
    }

    private BulkRow ReadRow(int number, CsvRecord record)
    {
        if (record.Fault is { } fault)
        {
            return Faulty(number, record, fault);
        }

        if (record.Fields.Length < Head.Names.Count || record.Fields.Skip(Head.Names.Count).Any(f => f.Length > 0))
        {
            return Faulty(number, record, $"has {record.Fields.Length} fields and the head {Head.Names.Count}: a '{Head.Delimiter}' too many or too few; put a field that holds one into quotes");
        }

        var fields = new RowFields(record.Line, Head.Locale, column => Head.Places.TryGetValue(column, out var at) ? record.Fields[at] : string.Empty);
        var read = Head.Layout.Read(fields);
        var row = new BulkRow { Number = number, Line = record.Line, Record = read, Hash = read is null ? string.Empty : fields.Hash(), Faults = fields.Faults, Cells = record.Fields };
        return read is null ? row : OnlyOnce(row, read);
    }

    /// <summary>A second row of the same key changes nothing where it says the same, and is refused where it does not.</summary>
    private BulkRow OnlyOnce(BulkRow row, BulkRecord record)
    {
        if (_seen.TryAdd(record.Key, (row.Line, row.Hash)))
        {
            return row;
        }

        var (line, hash) = _seen[record.Key];
        return hash == row.Hash
            ? row with { Faults = [.. row.Faults, new BulkFault(row.Line, string.Empty, string.Empty, string.Create(CultureInfo.InvariantCulture, $"says the same as line {line}"), IsWarning: true)] }
            : row with { Record = null, Hash = string.Empty, Faults = [.. row.Faults, new BulkFault(row.Line, string.Empty, string.Empty, string.Create(CultureInfo.InvariantCulture, $"is about the same as line {line} and says something else: keep one of the two"))] };
    }

    private static BulkRow Faulty(int number, CsvRecord record, string message) =>
        new() { Number = number, Line = record.Line, Faults = [new BulkFault(record.Line, string.Empty, string.Empty, message)], Cells = record.Fields };
}
