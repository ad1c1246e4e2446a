namespace GridServices.Operations.Bulk;

/// <summary>A table of ours as its CSV says it.</summary>
public static class CsvTable
{
    private static readonly BulkLimits Ours = new() { MostRows = int.MaxValue, MostCharacters = 1_000_000, MostLines = 10_000, MostColumns = int.MaxValue };

    /// <summary>The fields of each line, the head first; texts as they were before <see cref="CsvText"/> made them harmless.</summary>
    /// <param name="csv">As <see cref="CsvText.Line"/> writes it.</param>
    /// <exception cref="InvalidDataException">It was not written by us.</exception>
    public static IReadOnlyList<IReadOnlyList<string>> Read(string csv)
    {
        using var text = new StringReader(csv);
        var (reader, rows) = (new CsvRecordReader(new CsvLineReader(text, Ours.MostCharacters), Ours), new List<IReadOnlyList<string>>());
        while (reader.Next(',') is { } record)
        {
            rows.Add(record.Fault is null ? [.. record.Fields.Select(CsvText.Unescape)] : throw new InvalidDataException($"line {record.Line}: {record.Fault}"));
        }

        return rows;
    }
}
