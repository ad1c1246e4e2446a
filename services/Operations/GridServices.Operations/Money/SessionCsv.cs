using System.Globalization;
using GridServices.Contracts;
using GridServices.Operations.Bulk;
using GridServices.Wire;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Operations.Money;

/// <summary>
/// Reads sessions from CSV: <c>start,end,kWh,evse</c> and, where there, <c>user</c>, <c>id</c>, <c>paid</c> and its <c>currency</c>. Times carry an offset or <c>Z</c>, or are the
/// site's wall clock. Comma or semicolon, <c>#locale=</c> as in the other files.
/// </summary>
public static class SessionCsv
{
    private static readonly string[] Required = ["start", "end", "kWh", "evse"];
    private static readonly string[] Known = [.. Required, "user", "id", "paid", "currency"];

    /// <summary>With faults in <paramref name="head"/> there are no rows; a column that is not read is a warning there.</summary>
    public static IEnumerable<SessionRow> Read(TextReader text, DateTimeZone zone, out IReadOnlyList<BulkFault> head, BulkLimits? limits = null)
    {
        var bounds = limits ?? new BulkLimits { MostRows = 200_000 };
        if (text.Peek() == '\uFEFF')
        {
            _ = text.Read();
        }

        var records = new CsvRecordReader(new CsvLineReader(text, bounds.MostCharacters), bounds);
        var (locale, faults) = (CsvLocale.Plain, new List<BulkFault>());
        if (records.Peek() is { } first && CsvLocale.IsLocaleLine(first.Text))
        {
            records.ReadLine();
            locale = CsvLocale.Read(first.Text, out var fault) ?? locale;
            AddTo(faults, first.Number, "#locale", fault);
        }

        var delimiter = records.Peek()?.Text.Contains(';', StringComparison.Ordinal) == true ? ';' : ',';
        var names = records.Next(delimiter)?.Fields ?? [];
        foreach (var missing in Required.Except(names))
        {
            AddTo(faults, 1, missing, Spelling.Nearest(missing, names) is { } near ? $"is missing in the head: '{near}' is not its name" : $"is missing in the head, which is {string.Join(',', Required)}");
        }

        foreach (var unknown in names.Where(n => !Known.Contains(n) && Spelling.Nearest(n, Known.Except(names)) is not null))
        {
            AddTo(faults, 1, unknown, $"did you mean {Spelling.Nearest(unknown, Known.Except(names))}?");
        }

        foreach (var name in names.Where(n => n.Length > 0).GroupBy(n => n, StringComparer.Ordinal))
        {
            AddTo(faults, 1, name.Key, Known.Contains(name.Key) && name.Count() > 1 ? "is in the head twice: take one of the two columns out" : null);
            if (!Known.Contains(name.Key) && !faults.Exists(f => f.Column == name.Key))
            {
                faults.Add(new BulkFault(1, name.Key, string.Empty, $"is not read; read are {string.Join(", ", Known)}", IsWarning: true));
            }
        }

        head = faults;
        return faults.TrueForAll(f => f.IsWarning) ? ReadRows(records, names, delimiter, locale, zone, bounds) : [];
    }

    private static IEnumerable<SessionRow> ReadRows(CsvRecordReader records, string[] names, char delimiter, CsvLocale locale, DateTimeZone zone, BulkLimits limits)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        for (var number = 1; records.Next(delimiter) is { } record; number++)
        {
            if (number > limits.MostRows)
            {
                yield return new SessionRow(number, null, [new BulkFault(record.Line, string.Empty, string.Empty, $"the file has more than {limits.MostRows} rows: split it; nothing from here on was read")]);
                yield break;
            }

            yield return record.Fault is { } fault || record.Fields.Length < names.Length
                ? new SessionRow(number, null, [new BulkFault(record.Line, string.Empty, string.Empty, record.Fault ?? $"has {record.Fields.Length} fields and the head {names.Length}")])
                : ReadRow(number, record, name => Array.IndexOf(names, name) is >= 0 and var at ? CsvText.Unescape(record.Fields[at]) : string.Empty, locale, zone, ids);
        }
    }

    private static SessionRow ReadRow(int number, CsvRecord record, Func<string, string> cell, CsvLocale locale, DateTimeZone zone, HashSet<string> ids)
    {
        var faults = new List<BulkFault>();
        void Refuse(string column, string message) => faults.Add(new BulkFault(record.Line, column, CsvRecordReader.Truncate(cell(column)), message));
        var (start, end) = (ReadTime("start"), ReadTime("end"));
        var (kwh, paid) = (ReadNumber("kWh"), cell("paid").Length == 0 ? null : ReadNumber("paid"));
        var evse = cell("evse");
        var id = cell("id") is { Length: > 0 } own ? own : string.Create(CultureInfo.InvariantCulture, $"row-{number}");
        if (end <= start)
        {
            Refuse("end", "is not after the start");
        }

        if (kwh < 0)
        {
            Refuse("kWh", "is below 0; a credit is left out together with what it credits");
        }

        if (evse.Length is 0 or > 100)
        {
            Refuse("evse", "give the charge point, up to 100 characters");
        }

        var user = cell("user") is { Length: > 0 } told ? told : null;
        if (user?.Length > 100)
        {
            Refuse("user", "up to 100 characters");
        }

        var currency = cell("currency") is { Length: > 0 } named ? named.ToUpperInvariant() : null;
        if (currency is not null && (currency.Length != 3 || !currency.All(char.IsAsciiLetterUpper)))
        {
            Refuse("currency", "write three letters such as EUR, or leave it empty where it is the bill's");
        }

        if (!ids.Add(id))
        {
            Refuse("id", "is in the file twice: the same energy would be billed twice");
        }

        return faults.Count > 0 ? new SessionRow(number, null, faults.ToValueList())
            : new SessionRow(number, new ChargingSession { Id = id, Evse = evse, Parts = [new SessionPart(start!.Value, end!.Value, kwh!.Value)], Paid = paid, Currency = paid is null ? null : currency, User = user }, []);

        Instant? ReadTime(string column)
        {
            if (OffsetDateTimePattern.ExtendedIso.Parse(cell(column)) is { Success: true } exact)
            {
                return exact.Value.ToInstant();
            }

            string? fault = null;
            var at = LocalMoment.TryParse(cell(column)) is { } local ? local.In(zone, out fault) : null;
            if (at is null)
            {
                Refuse(column, fault ?? "write a time as 2027-07-01T14:00:00-07:00, or the site's time as 2027-07-01T14:00");
            }

            return at;
        }

        decimal? ReadNumber(string column)
        {
            if (locale.TryParseNumber(cell(column), out var value, out var fix))
            {
                return value;
            }

            Refuse(column, fix);
            return null;
        }
    }

    private static void AddTo(List<BulkFault> faults, int line, string column, string? message)
    {
        if (message is not null)
        {
            faults.Add(new BulkFault(line, column, string.Empty, message));
        }
    }
}
