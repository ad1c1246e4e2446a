using GridServices.Contracts;
using GridServices.Contracts.Json;

namespace GridServices.Tariffs.Intervals;

/// <summary>Numbers of a CSV file by its declared marks; a number that could mean two things is refused.</summary>
internal static class CsvNumbers
{
    public static decimal Read(string text, IntervalOptions options, int line)
    {
        var (mark, thousands) = (options.Decimal == DecimalMark.Comma ? ',' : '.', Mark(options.Thousands));
        if (thousands == mark)
        {
            throw CsvLines.Refused(ErrorClass.SchemaInvalid, "decimal and thousands are declared as the same mark", line);
        }

        var at = text.IndexOf(mark);
        var (whole, rest) = at < 0 ? (text, string.Empty) : (text[..at], text[(at + 1)..]);
        if (thousands is { } group && whole.Contains(group))
        {
            whole = Grouped(whole, group) ? whole.Replace(group.ToString(), string.Empty, StringComparison.Ordinal) : throw No(text, "its thousands do not stand in groups of three", line);
        }

        var foreign = mark == ',' ? '.' : ',';
        if (whole.Contains(foreign) || rest.Contains(foreign) || rest.Contains(mark))
        {
            throw No(text, mark == ','
                ? "with decimal: comma a point can only stand between thousands; declare thousands: point, or decimal: point"
                : "a comma can be a decimal mark or stand between thousands; declare decimal: comma, or thousands: comma", line);
        }

        return ExactDecimal.TryParse(at < 0 ? whole : $"{whole}.{rest}", out var value) ? value
            : throw No(text, "write 12.5 with a point and no thousands separator, or declare decimal and thousands; leave rows without a reading out, or declare missingValues", line);
    }

    private static bool Grouped(string whole, char group)
    {
        var parts = whole.TrimStart('-', '+').Split(group);
        return parts[0].Length is 1 or 2 or 3 && parts.Skip(1).All(p => p.Length == 3 && p.All(char.IsAsciiDigit));
    }

    private static char? Mark(ThousandsMark mark) => mark switch
    {
        ThousandsMark.Comma => ',',
        ThousandsMark.Point => '.',
        ThousandsMark.Space => ' ',
        ThousandsMark.Apostrophe => '\'',
        _ => null,
    };

    private static IntervalRefusedException No(string text, string why, int line) => CsvLines.Refused(ErrorClass.SemanticNumber, $"'{SafeText.Short(text)}' is no number: {why}", line);
}
