namespace GridServices.Operations.Bulk;

/// <summary>What became of a row.</summary>
/// <param name="Status">Such as <c>applied</c>, <c>unchanged</c>, <c>error</c>, <c>warning</c>, <c>cancelled</c>.</param>
/// <param name="Message">What is wrong and how to put it right, or what was done.</param>
/// <param name="EntityId">What was made or changed.</param>
/// <param name="Url">Its page.</param>
public sealed record BulkResult(string Status, string Message, string? EntityId = null, string? Url = null);

/// <summary>The file that goes back: what came in, and per row its status. It can be corrected and handed in again as it is.</summary>
public static class BulkResultFile
{
    public static void Write(TextWriter output, BulkHeader head, IEnumerable<(IReadOnlyList<string> Cells, BulkResult Result)> rows)
    {
        var kept = Enumerable.Range(0, head.Names.Count).Where(i => !BulkLayout.ResultColumns.Contains(head.Names[i])).ToArray();
        if (head.Locale.Name is { } locale)
        {
            Line(output, $"#locale={locale}");
        }

        Line(output, CsvText.Line([.. kept.Select(i => head.Names[i]), .. BulkLayout.ResultColumns], head.Delimiter));
        foreach (var (cells, result) in rows)
        {
            string?[] own = [.. kept.Select(i => i < cells.Count ? CsvText.Unescape(cells[i]) : string.Empty)];
            Line(output, CsvText.Line([.. own, result.Status, result.Message, result.EntityId, result.Url], head.Delimiter));
        }
    }

    private static void Line(TextWriter output, string text)
    {
        output.Write(text);
        output.Write("\r\n");
    }
}

/// <summary>The file that people begin with: the head and three rows of examples, or rows that are filled in already.</summary>
public static class BulkTemplate
{
    public const int ExampleRows = 3;

    /// <param name="kind">Which file.</param>
    /// <param name="rows">Values by column, such as last period's; null = the examples.</param>
    /// <param name="delimiter">Comma, or semicolon for spreadsheets of countries with a decimal comma.</param>
    /// <param name="locale">Written as the first line where it is given; values are then expected in its form.</param>
    public static string Write(BulkKind kind, IEnumerable<IReadOnlyDictionary<string, string?>>? rows = null, char delimiter = ',', string? locale = null)
    {
        var columns = BulkLayout.For(kind).Columns;
        var lines = rows?.Select(r => columns.Select(c => r.GetValueOrDefault(c.Name)))
            ?? Enumerable.Range(0, ExampleRows).Select(i => columns.Select(c => (string?)c.Examples[i]));
        string[] head = locale is null ? [] : [$"#locale={locale}"];
        return string.Concat(head.Append(CsvText.Line(columns.Select(c => c.Name), delimiter)).Concat(lines.Select(l => CsvText.Line(l, delimiter))).Select(l => l + "\r\n"));
    }
}
