using GridServices.Contracts;

namespace GridServices.Operations.Bulk;

/// <summary>What comes before the rows: how the file is written, and which column is where.</summary>
public sealed record BulkHeader
{
    public required BulkLayout Layout { get; init; }
    public required CsvLocale Locale { get; init; }
    public required char Delimiter { get; init; }

    /// <summary>The names of the head as they are in the file.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>With any of these the file is not read further.</summary>
    public required IReadOnlyList<BulkFault> Faults { get; init; }

    public bool IsReadable => Faults.Count == 0;

    /// <summary>The place of each of the layout's columns.</summary>
    internal IReadOnlyDictionary<string, int> Places { get; init; } = new Dictionary<string, int>(StringComparer.Ordinal);

    internal static BulkHeader Read(CsvRecordReader records, BulkLayout layout, BulkLimits limits)
    {
        var (locale, faults) = (CsvLocale.Plain, new List<BulkFault>());
        if (records.Peek() is { } first && CsvLocale.IsLocaleLine(first.Text))
        {
            records.ReadLine();
            locale = CsvLocale.Read(first.Text, out var fault) ?? locale;
            Add(faults, first.Number, "#locale", first.Text, fault);
        }

        var delimiter = records.Peek() is { } line ? DetectDelimiter(line.Text, layout) : ',';
        var head = records.Next(delimiter);
        var names = head?.Fields ?? [];
        if (head is not { } found)
        {
            Add(faults, 1, string.Empty, string.Empty, $"the file is empty: its first line is the head, {CsvText.Line(layout.Columns.Select(c => c.Name))}");
        }
        else
        {
            Add(faults, found.Line, string.Empty, string.Empty, found.Fault);
            Check(found, layout, limits, faults);
        }

        return new BulkHeader { Layout = layout, Locale = locale, Delimiter = delimiter, Names = names, Faults = faults, Places = MapColumns(names, layout) };
    }

    private static void Check(CsvRecord head, BulkLayout layout, BulkLimits limits, List<BulkFault> faults)
    {
        if (head.Fields.Length > limits.MostColumns)
        {
            Add(faults, head.Line, string.Empty, string.Empty, $"the head has {head.Fields.Length} columns; {layout.FileName} has {layout.Columns.Count}");
            return;
        }

        foreach (var name in head.Fields.Where(n => layout.Find(n) is null && !BulkLayout.ResultColumns.Contains(n)))
        {
            Add(faults, head.Line, name, name, Unknown(name, layout, head.Fields));
        }

        foreach (var twice in head.Fields.GroupBy(n => layout.Find(n)?.Name ?? n, StringComparer.Ordinal).Where(g => g.Count() > 1 && layout.Find(g.Key) is not null))
        {
            Add(faults, head.Line, twice.Key, twice.Key, "is in the head twice: take one of the two columns out");
        }

        foreach (var missing in layout.Columns.Where(c => c.Required && !head.Fields.Contains(c.Name) && !(c.Alias is { } alias && head.Fields.Contains(alias))))
        {
            Add(faults, head.Line, missing.Name, string.Empty, "is missing in the head: add the column");
        }
    }

    private static string Unknown(string name, BulkLayout layout, string[] head)
    {
        if (name.Length == 0)
        {
            return "a column without a name: name it or take it out";
        }

        return Spelling.Nearest(name.Replace(' ', '_'), layout.Columns.Select(c => c.Name).Except(head)) is { } near
            ? $"is no column of {layout.FileName}: write {near}"
            : $"is no column of {layout.FileName}: take it out; its columns are {string.Join(", ", layout.Columns.Select(c => c.Name))}";
    }

    private static void Add(List<BulkFault> faults, int line, string column, string value, string? message)
    {
        if (message is not null)
        {
            faults.Add(new BulkFault(line, CsvRecordReader.Truncate(column), CsvRecordReader.Truncate(value), message));
        }
    }

    /// <summary>Whichever gives more of the names; without any, whichever is there more often.</summary>
    private static char DetectDelimiter(string line, BulkLayout layout)
    {
        int Known(char delimiter) => CsvRecordReader.TrySplit(line, delimiter, out var fields, out _) ? fields.Count(f => layout.Find(f) is not null) : 0;
        var (semicolon, comma) = (Known(';'), Known(','));
        return semicolon != comma ? (semicolon > comma ? ';' : ',') : line.Count(c => c == ';') > line.Count(c => c == ',') ? ';' : ',';
    }

    private static Dictionary<string, int> MapColumns(string[] names, BulkLayout layout)
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < names.Length; i++)
        {
            if (layout.Find(names[i]) is { } column)
            {
                places.TryAdd(column.Name, i);
            }
        }

        return places;
    }
}
