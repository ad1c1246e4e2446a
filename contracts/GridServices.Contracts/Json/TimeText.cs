using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Contracts;

/// <summary>Instants and durations as contract v1 writes them.</summary>
public static partial class TimeText
{
    /// <summary>First and last calendar year that an instant may lie in.</summary>
    public const int FirstYear = 2000;
    public const int LastYear = 2200;

    /// <summary>Longest duration anywhere in the contract.</summary>
    public static Duration LongestDuration { get; } = Duration.FromDays(366);

    private static readonly Instant First = Instant.FromUtc(FirstYear, 1, 1, 0, 0);
    private static readonly Instant AfterLast = Instant.FromUtc(LastYear + 1, 1, 1, 0, 0);

    private static readonly InstantPattern Pattern = InstantPattern.CreateWithInvariantCulture("uuuu'-'MM'-'dd'T'HH':'mm':'ss.FFFFFFFFF'Z'");

    /// <summary>RFC 3339 in UTC: capital T and Z, seconds given, at most nine digits after the point, no leap second, no 24:00, years 2000..2200.</summary>
    public static bool TryInstant(string text, out Instant value)
    {
        value = default;
        if (!InstantShape().IsMatch(text) || !Pattern.Parse(text).TryGetValue(default, out var parsed) || parsed < First || parsed >= AfterLast)
        {
            return false;
        }

        value = parsed;
        return true;
    }

    public static string Format(Instant value) => Pattern.Format(value);

    /// <summary>ISO 8601 <c>PnDTnHnMnS</c>, not negative, at most <see cref="LongestDuration"/>; years, months and weeks have no fixed meaning here.</summary>
    public static bool TryDuration(string text, out Duration value)
    {
        value = Duration.Zero;
        var match = text.Length <= 40 ? DurationShape().Match(text) : Match.Empty;
        if (!match.Success)
        {
            return false;
        }

        // At most nine digits each, so no sum can overflow.
        value = Duration.FromDays(ParseWhole(match, "d")) + Duration.FromHours(ParseWhole(match, "h"))
            + Duration.FromMinutes(ParseWhole(match, "m")) + Duration.FromSeconds(ParseWhole(match, "s"))
            + Duration.FromNanoseconds(Nanoseconds(match.Groups["f"].Value));
        return value <= LongestDuration;
    }

    /// <summary>True of a text that is an ISO 8601 duration in form, though perhaps not one this contract takes.</summary>
    public static bool LooksLikeDuration(string text) => text.Length <= 64 && DurationForm().IsMatch(text);

    /// <summary><c>PT2M</c>, <c>PT1H30M</c>, <c>PT0.5S</c>; days are written as hours.</summary>
    public static string Format(Duration value)
    {
        var text = new StringBuilder("PT");
        var hours = (long)Math.Floor(value.TotalHours);
        Append(text, hours, 'H');
        Append(text, value.Minutes, 'M');
        if (value.SubsecondNanoseconds != 0)
        {
            var fraction = value.SubsecondNanoseconds.ToString("D9", CultureInfo.InvariantCulture).TrimEnd('0');
            text.Append(CultureInfo.InvariantCulture, $"{value.Seconds}.{fraction}S");
        }
        else
        {
            Append(text, value.Seconds, 'S');
        }

        return text.Length == 2 ? "PT0S" : text.ToString();
    }

    private static void Append(StringBuilder text, long number, char unit)
    {
        if (number != 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"{number}{unit}");
        }
    }

    private static int ParseWhole(Match match, string group) =>
        match.Groups[group].Length == 0 ? 0 : int.Parse(match.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);

    private static long Nanoseconds(string fraction) =>
        fraction.Length == 0 ? 0 : long.Parse(fraction.PadRight(9, '0'), NumberStyles.None, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?Z\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex InstantShape();

    [GeneratedRegex(@"^P(?!\z)((?<d>[0-9]{1,9})D)?(T(?!\z)((?<h>[0-9]{1,9})H)?((?<m>[0-9]{1,9})M)?((?<s>[0-9]{1,9})(\.(?<f>[0-9]{1,9}))?S)?)?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex DurationShape();

    [GeneratedRegex(@"^[+-]?P([0-9.,]+[YMWD])*(T([0-9.,]+[HMS])+)?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking, 1000)]
    private static partial Regex DurationForm();
}
