using System.Globalization;
using NodaTime;

namespace GridServices.Wire;

/// <summary>Why a text is not the time or duration asked for.</summary>
public enum TimeFault
{
    None,

    /// <summary>Not of the form at all.</summary>
    Form,

    /// <summary>Of the form, but no such day or hour exists (30 February, 24:01, a leap second).</summary>
    NoSuchTime,

    /// <summary>Local time, or an offset other than <c>Z</c>.</summary>
    NotUtc,

    /// <summary>Outside what is taken for a sane value.</summary>
    OutOfRange,
}

/// <summary>Instants as <c>xs:dateTime</c> in UTC: <c>2027-01-15T18:00:00Z</c>.</summary>
public static class InstantText
{
    /// <summary>Times before this are refused as <see cref="TimeFault.OutOfRange"/>.</summary>
    public static readonly Instant Earliest = Instant.FromUtc(1970, 1, 1, 0, 0);

    /// <summary>Times from this on are refused as <see cref="TimeFault.OutOfRange"/>.</summary>
    public static readonly Instant Latest = Instant.FromUtc(2200, 1, 1, 0, 0);

    /// <summary>Reads; fractions of a second are cut off (OpenADR 2.0b rule 1).</summary>
    public static TimeFault TryParse(ReadOnlySpan<char> text, out Instant value)
    {
        value = default;
        if (text.Length < 19 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':'
            || !TryDigits(text[..4], out var year) || !TryDigits(text[5..7], out var month) || !TryDigits(text[8..10], out var day)
            || !TryDigits(text[11..13], out var hour) || !TryDigits(text[14..16], out var minute) || !TryDigits(text[17..19], out var second))
        {
            return TimeFault.Form;
        }

        var zone = SkipFraction(text[19..]);
        if (zone is not "Z")
        {
            return zone.IsEmpty || zone[0] is '+' or '-' ? TimeFault.NotUtc : TimeFault.Form;
        }

        // xs:dateTime (XML Schema part 2, 3.2.7.1): 24:00:00 is the first instant of the next day.
        var isMidnight = (hour, minute, second) == (24, 0, 0);
        if (month is < 1 or > 12 || day < 1 || (hour > 23 && !isMidnight) || minute > 59 || second > 59)
        {
            return TimeFault.NoSuchTime;
        }

        if (year is < 1 or > 9998)
        {
            return TimeFault.OutOfRange;
        }

        if (day > CalendarSystem.Iso.GetDaysInMonth(year, month))
        {
            return TimeFault.NoSuchTime;
        }

        value = Instant.FromUtc(year, month, day, isMidnight ? 0 : hour, minute, second) + (isMidnight ? Duration.FromDays(1) : Duration.Zero);
        return value < Earliest || value >= Latest ? TimeFault.OutOfRange : TimeFault.None;
    }

    /// <summary>Writes whole seconds; a fraction is cut off.</summary>
    public static string Format(Instant value)
    {
        var utc = value.InUtc();
        return string.Create(
            CultureInfo.InvariantCulture, $"{utc.Year:D4}-{utc.Month:D2}-{utc.Day:D2}T{utc.Hour:D2}:{utc.Minute:D2}:{utc.Second:D2}Z");
    }

    private static ReadOnlySpan<char> SkipFraction(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || text[0] != '.')
        {
            return text;
        }

        var end = text[1..].IndexOfAnyExceptInRange('0', '9');
        return end < 0 ? [] : text[(end + 1)..];
    }

    private static bool TryDigits(ReadOnlySpan<char> text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
