using System.Globalization;
using NodaTime;

namespace GridServices.Wire;

/// <summary>
/// Durations as ISO 8601 text: <c>PT15M</c>, <c>P1DT2H</c>, <c>-PT5M</c>. Components stay as they are written. Written without fractions; read
/// with them: <c>PT3600.000S</c> and <c>P0Y0M0DT1H0M0.000S</c> are what Java prints. A fraction of a second is cut off.
/// </summary>
public static class PeriodText
{
    /// <summary>Longer ones are refused as <see cref="TimeFault.OutOfRange"/>; a year counts 366 days here.</summary>
    public static readonly Duration Longest = Duration.FromDays(100 * 366);

    // Keeps every sum below far from overflow; no sane duration has more digits.
    private const int MaxDigits = 12;

    private const int Seconds = 6;

    // Years, months, weeks, days, hours, minutes, seconds, at their longest.
    private static readonly decimal[] DaysPerUnit = [366m, 31m, 7m, 1m, 1m / 24, 1m / 1440, 1m / 86400];

    public static TimeFault TryParse(ReadOnlySpan<char> text, out Period value)
    {
        value = Period.Zero;
        var sign = 1;
        if (text is ['-' or '+', ..])
        {
            sign = text[0] == '-' ? -1 : 1;
            text = text[1..];
        }

        // openleadr writes a zero duration as a bare P, which the schema allows.
        if (text is "P")
        {
            return TimeFault.None;
        }

        // The schema's pattern has weeks as an alternative without P.
        text = text is ['P', ..] ? text[1..] : text is [.., 'W'] ? text : [];
        var builder = new PeriodBuilder();
        return text.IsEmpty || !TryComponents(text, sign, builder, out var days) ? TimeFault.Form : Bounded(builder, days, out value);
    }

    /// <summary>Writes years to seconds; weeks as days, zero as <c>PT0S</c>.</summary>
    /// <exception cref="ArgumentException">Fractions of a second, or components of different sign: there is no text for them.</exception>
    public static string Format(Period value)
    {
        ArgumentNullException.ThrowIfNull(value);
        long[] parts = [value.Years, value.Months, checked((value.Weeks * 7L) + value.Days), value.Hours, value.Minutes, value.Seconds];
        if (value.Milliseconds != 0 || value.Ticks != 0 || value.Nanoseconds != 0)
        {
            throw new ArgumentException("a duration on the wire has whole seconds; round it before writing", nameof(value));
        }

        if (parts.Any(p => p < 0) && parts.Any(p => p > 0))
        {
            throw new ArgumentException("the components of a duration on the wire have one sign; normalise it before writing", nameof(value));
        }

        var date = Part(parts[0], 'Y') + Part(parts[1], 'M') + Part(parts[2], 'D');
        var time = Part(parts[3], 'H') + Part(parts[4], 'M') + Part(parts[5], 'S');
        var sign = parts.Any(p => p < 0) ? "-" : string.Empty;
        return (date.Length, time.Length) switch
        {
            (0, 0) => "PT0S",
            (_, 0) => $"{sign}P{date}",
            _ => $"{sign}P{date}T{time}",
        };
    }

    private static string Part(long value, char unit) =>
        value == 0 ? string.Empty : string.Create(CultureInfo.InvariantCulture, $"{Math.Abs(value)}{unit}");

    /// <summary>Units in their order, each at most once; the T may be missing before H and S, as in the schema's pattern.</summary>
    private static bool TryComponents(ReadOnlySpan<char> text, int sign, PeriodBuilder builder, out decimal days)
    {
        (days, var last, var inTime) = (0m, -1, false);
        while (!text.IsEmpty)
        {
            if (text[0] == 'T' && !inTime)
            {
                inTime = true;
                text = text[1..];
                continue;
            }

            var length = text.IndexOfAnyExceptInRange('0', '9');
            if (length is < 1 or > MaxDigits)
            {
                return false;
            }

            var fraction = ReadFraction(text[length..]);
            var end = length + fraction.Length;
            var unit = end < text.Length ? ParseUnit(text[end], inTime) : -1;
            if (unit <= last || !CanBeCut(fraction, unit, days > 0 || text[..length].IndexOfAnyExcept('0') >= 0))
            {
                return false;
            }

            days += Add(builder, unit, sign, text[..length]);
            last = unit;
            text = text[(end + 1)..];
        }

        return last >= 0;
    }

    /// <summary>The point and the digits behind it, where the text begins with them.</summary>
    private static ReadOnlySpan<char> ReadFraction(ReadOnlySpan<char> text)
    {
        if (text is not ['.', ..])
        {
            return [];
        }

        var digits = text[1..].IndexOfAnyExceptInRange('0', '9');
        return digits is >= 1 and <= MaxDigits ? text[..(digits + 1)] : [];
    }

    // A fraction of zeros says nothing. Less than a second must not become nothing at all: zero means "without end" to some protocols.
    private static bool CanBeCut(ReadOnlySpan<char> fraction, int unit, bool somethingIsLeft) =>
        fraction.TrimStart('.').IndexOfAnyExcept('0') < 0 || (unit == Seconds && somethingIsLeft);

    private static int ParseUnit(char letter, bool inTime) => (letter, inTime) switch
    {
        ('Y', false) => 0,
        ('M', false) => 1,
        ('W', false) => 2,
        ('D', false) => 3,
        ('H', _) => 4,
        ('M', true) => 5,
        ('S', _) => Seconds,
        _ => -1,
    };

    /// <summary>Adds a component and tells how many days it makes; what is beyond every bound is only told.</summary>
    private static decimal Add(PeriodBuilder builder, int unit, int sign, ReadOnlySpan<char> digits)
    {
        var count = long.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
        var days = count * DaysPerUnit[unit];
        if (days <= Longest.Days)
        {
            Set(builder, unit, sign * count);
        }

        return days;
    }

    private static void Set(PeriodBuilder builder, int unit, long value)
    {
        switch (unit)
        {
            case 0: builder.Years = (int)value; break;
            case 1: builder.Months = (int)value; break;
            case 2: builder.Weeks = (int)value; break;
            case 3: builder.Days = (int)value; break;
            case 4: builder.Hours = value; break;
            case 5: builder.Minutes = value; break;
            default: builder.Seconds = value; break;
        }
    }

    private static TimeFault Bounded(PeriodBuilder builder, decimal days, out Period value)
    {
        var sane = days <= Longest.Days;
        value = sane ? builder.Build() : Period.Zero;
        return sane ? TimeFault.None : TimeFault.OutOfRange;
    }
}
