using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using GridServices.Contracts;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Operations.Bulk;

/// <summary>The values of a row, read by type; what is wrong is collected, so that a row tells all of its faults at once.</summary>
internal sealed partial class RowFields(int line, CsvLocale locale, Func<string, string> cell)
{
    private readonly List<BulkFault> _faults = [];
    private readonly StringBuilder _normal = new();

    public IReadOnlyList<BulkFault> Faults => _faults;

    public bool AnyFault => _faults.Exists(f => !f.IsWarning);

    /// <summary>Of the values as they were understood: the same row in another order of columns, or with another decimal mark, has the same hash.</summary>
    public string Hash() => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(_normal.ToString())));

    public string? Text(string column, int longest = 200)
    {
        var text = Raw(column);
        if (text.Length == 0)
        {
            return null;
        }

        if (text.Contains('\uFFFD', StringComparison.Ordinal))
        {
            return Refuse(column, "a letter is not UTF-8: save the file as CSV UTF-8");
        }

        return Identifiers.IsPlainText(text, longest) ? AddNormalized(column, text)
            : Refuse(column, text.Length > longest ? $"is longer than {longest} characters: shorten it" : "holds a control or invisible character: type it anew");
    }

    public string Required(string column, int longest = 200) => Text(column, longest) ?? Missing(column);

    /// <summary>An id that goes into paths and topics.</summary>
    public string? Id(string column)
    {
        var text = Text(column, Identifiers.MaxLength);
        return text is null || Identifiers.IsSafe(text) ? text : Refuse(column, "an id is made of letters, digits and . _ : ~ -, and begins with a letter, a digit or _");
    }

    public string RequiredId(string column) => Id(column) ?? Missing(column);

    public string? Mail(string column)
    {
        var text = Text(column, 254);
        return text is null || MailForm().IsMatch(text) ? text : Refuse(column, "write one mail address, such as ann@example.com");
    }

    public string? Phone(string column)
    {
        var text = Text(column, 40);
        var digits = text is null ? null : PhoneMarks().Replace(text, string.Empty);
        return digits is null || PhoneForm().IsMatch(digits) ? digits : Refuse(column, "write the number with its country, such as +14155550100");
    }

    /// <summary>kW of at least 0 that are whole watts.</summary>
    public decimal? Kw(string column)
    {
        if (Number(column) is not { } kw)
        {
            return null;
        }

        if (kw is < 0 or > 1_000_000)
        {
            Refuse(column, "a power is 0 to 1000000 kW");
            return null;
        }

        if (kw * 1000 % 1 != 0)
        {
            Refuse(column, "give at most three decimals: a watt is the smallest part");
            return null;
        }

        return kw;
    }

    public int? ReadInteger(string column, int least, int most)
    {
        if (Number(column) is not { } number)
        {
            return null;
        }

        if (number % 1 == 0 && number >= least && number <= most)
        {
            return (int)number;
        }

        Refuse(column, string.Create(CultureInfo.InvariantCulture, $"write a whole number of {least} to {most}"));
        return null;
    }

    public LocalDate? Date(string column)
    {
        var text = Text(column, 40);
        if (text is null)
        {
            return null;
        }

        if (LocalDatePattern.Iso.Parse(text) is { Success: true } parsed && parsed.Value.Year is >= 2000 and <= 2200)
        {
            return parsed.Value;
        }

        Refuse(column, Dotted(text) is { } date ? $"write the date as {LocalDatePattern.Iso.Format(date)}" : "write the date as year-month-day, such as 2027-05-01");
        return null;
    }

    public LocalMoment? ReadLocalMoment(string column)
    {
        var text = Text(column, 40);
        if (text is null)
        {
            return null;
        }

        if (LocalMoment.TryParse(text) is { } moment)
        {
            return moment;
        }

        Refuse(column, "write the local time as 2027-07-01T14:00, on a day when the clocks go back with its offset: 2027-10-31T02:30+02:00");
        return null;
    }

    public T? EnumValue<T>(string column)
        where T : struct, Enum
    {
        var text = Text(column);
        if (text is null)
        {
            return null;
        }

        if (EnumNames<T>.TryParse(text, out var value))
        {
            return value;
        }

        Refuse(column, DescribeUnknown(text, EnumNames<T>.All));
        return null;
    }

    public bool? YesNo(string column)
    {
        switch (Text(column)?.ToLowerInvariant())
        {
            case "y" or "yes" or "true" or "1":
                return true;
            case "n" or "no" or "false" or "0":
                return false;
            case null:
                return null;
            default:
                Refuse(column, "write y or n");
                return null;
        }
    }

    /// <summary>Parts between <c>|</c> (or commas inside quotes), without empty and double ones.</summary>
    public IReadOnlyList<string> Parts(string column, int longest = 1000) =>
        [.. (Text(column, longest) ?? string.Empty).Split(['|', ','], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal)];

    /// <summary>A value that may not be absent.</summary>
    public T Needed<T>(string column, T? value)
        where T : struct
    {
        if (value is null && cell(column).Length == 0)
        {
            Missing(column);
        }

        return value ?? default;
    }

    public string? Refuse(string column, string message)
    {
        _faults.Add(new BulkFault(line, column, CsvRecordReader.Truncate(Raw(column)), message));
        return null;
    }

    public void Warn(string column, string message) => _faults.Add(new BulkFault(line, column, CsvRecordReader.Truncate(Raw(column)), message, IsWarning: true));

    public static string DescribeUnknown(string text, IReadOnlyCollection<string> known) =>
        Spelling.Nearest(text, known) is { } near ? $"did you mean {near}? Known are {string.Join(", ", known)}" : $"write one of {string.Join(", ", known)}";

    private decimal? Number(string column)
    {
        var text = Raw(column);
        if (text.Length == 0)
        {
            return null;
        }

        if (!locale.TryParseNumber(text, out var value, out var fix))
        {
            Refuse(column, fix);
            return null;
        }

        AddNormalized(column, CsvText.Number(value));
        return value;
    }

    private string Raw(string column) => CsvText.Unescape(cell(column));

    private string Missing(string column)
    {
        if (Raw(column).Length == 0)
        {
            _faults.Add(new BulkFault(line, column, string.Empty, "is empty: fill it in"));
        }

        return string.Empty;
    }

    private string AddNormalized(string column, string value)
    {
        _normal.Append(column).Append('\u001f').Append(value).Append('\u001e');
        return value;
    }
}
