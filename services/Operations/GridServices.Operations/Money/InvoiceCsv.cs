using GridServices.Contracts;
using GridServices.Operations.Bulk;

namespace GridServices.Operations.Money;

/// <summary>
/// Reads the lines of a utility's invoice, pasted or from a file: <c>name,amount</c> and, where there, <c>kind,period,quantity,unit,rate</c>. Comma,
/// semicolon or tab, <c>#locale=</c> as in the other files.
/// </summary>
public static class InvoiceCsv
{
    private static readonly string[] Required = ["name", "amount"];
    private static readonly string[] Known = [.. Required, "kind", "period", "quantity", "unit", "rate"];
    private static readonly string[] Kinds = ["energy", "demand", "fixed", "export", "adjustment", "tax", "minimum"];
    private static readonly string[] Sums = ["TOTAL", "SUBTOTAL", "SUM", "AMOUNTDUE", "TOTALAMOUNTDUE", "GRANDTOTAL", "SUMME", "GESAMTBETRAG", "ZWISCHENSUMME", "SOUSTOTAL", "MONTANTTOTAL"];
    private static readonly BulkLimits Bounds = new() { MostRows = 2_000 };

    /// <summary>The lines; none where anything is wrong, for half an invoice would differ by what was left out.</summary>
    public static IReadOnlyList<InvoiceLine> Read(TextReader text, out IReadOnlyList<BulkFault> faults)
    {
        var found = new List<BulkFault>();
        faults = found;
        if (text.Peek() == '\uFEFF')
        {
            _ = text.Read();
        }

        var records = new CsvRecordReader(new CsvLineReader(text, Bounds.MostCharacters), Bounds);
        var locale = Locale(records, found);
        var head = records.Peek()?.Text ?? string.Empty;
        var delimiter = head.Contains('\t', StringComparison.Ordinal) ? '\t' : head.Contains(';', StringComparison.Ordinal) ? ';' : ',';
        var names = records.Next(delimiter)?.Fields ?? [];
        found.AddRange(Required.Except(names).Select(missing => new BulkFault(1, missing, string.Empty, $"is missing in the head, such as {string.Join(',', Known)}")));
        found.AddRange(names.GroupBy(name => name, StringComparer.Ordinal).Where(name => name.Count() > 1).Select(twice => new BulkFault(1, twice.Key, string.Empty, "is in the head twice: take one of the two columns out")));
        found.AddRange(names.Except(Known).Select(unknown => new BulkFault(1, unknown, string.Empty, Spelling.Nearest(unknown, Known) is { } near ? $"did you mean {near}?" : $"is no column of an invoice: {string.Join(", ", Known)}")));
        if (found.Count > 0)
        {
            return [];
        }

        var lines = new List<InvoiceLine>();
        while (records.Next(delimiter) is { } record)
        {
            lines.AddRange(ReadLine(record, names, locale, found) is { } line ? [line] : []);
            if (lines.Count > Bounds.MostRows)
            {
                found.Add(new BulkFault(record.Line, string.Empty, string.Empty, $"an invoice has at most {Bounds.MostRows} lines"));
                break;
            }
        }

        if (lines.Count == 0 && found.Count == 0)
        {
            found.Add(new BulkFault(1, string.Empty, string.Empty, "there is no line below the head"));
        }

        return found.Count == 0 ? lines : [];
    }

    private static CsvLocale Locale(CsvRecordReader records, List<BulkFault> faults)
    {
        if (records.Peek() is not { } first || !CsvLocale.IsLocaleLine(first.Text))
        {
            return CsvLocale.Plain;
        }

        records.ReadLine();
        var locale = CsvLocale.Read(first.Text, out var fault);
        if (fault is not null)
        {
            faults.Add(new BulkFault(first.Number, "#locale", string.Empty, fault));
        }

        return locale ?? CsvLocale.Plain;
    }

    private static InvoiceLine? ReadLine(CsvRecord record, string[] names, CsvLocale locale, List<BulkFault> faults)
    {
        if (record.Fault is not null || record.Fields.Length < names.Length)
        {
            faults.Add(new BulkFault(record.Line, string.Empty, string.Empty, record.Fault ?? $"has {record.Fields.Length} fields and the head {names.Length}"));
            return null;
        }

        var before = faults.Count;
        var (name, kind) = (Cell("name") ?? string.Empty, Cell("kind"));
        var (amount, quantity, rate) = (ReadNumber("amount"), ReadNumber("quantity"), ReadNumber("rate"));
        Require(name.Length is > 0 and <= 200, "name", "give what the line is called, up to 200 characters");
        Require(!Sums.Contains(string.Concat(name.ToUpperInvariant().Where(char.IsLetter))), "name", "is a sum of other lines: leave it out, or it counts twice");
        Require(amount is not null || Cell("amount") is not null, "amount", "is missing");
        Require(kind is null || Kinds.Contains(kind), "kind", $"is one of {string.Join(", ", Kinds)}, or empty");
        return faults.Count > before ? null : new InvoiceLine { Name = name, Kind = kind, Period = Cell("period"), Quantity = quantity, Unit = Cell("unit"), Rate = rate, Amount = amount!.Value };

        string? Cell(string column) => Array.IndexOf(names, column) is >= 0 and var at && CsvText.Unescape(record.Fields[at]) is { Length: > 0 } text ? text : null;

        void Require(bool holds, string column, string message)
        {
            if (!holds)
            {
                faults.Add(new BulkFault(record.Line, column, CsvRecordReader.Truncate(Cell(column) ?? string.Empty), message));
            }
        }

        decimal? ReadNumber(string column)
        {
            if (Cell(column) is not { } text)
            {
                return null;
            }

            Require(locale.TryParseNumber(text, out var value, out var fix), column, fix);
            return value;
        }
    }
}
