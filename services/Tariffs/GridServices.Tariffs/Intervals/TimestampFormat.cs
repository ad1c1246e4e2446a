using System.Globalization;
using System.Text.RegularExpressions;
using GridServices.Contracts;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Tariffs.Intervals;

/// <summary>How stamps are written: the declared form, or, where none is declared, every form that has one meaning only.</summary>
internal sealed partial class TimestampFormat
{
    public const string EpochSeconds = "epochSeconds";
    public const string EpochMilliseconds = "epochMilliseconds";

    /// <summary>Until the year 5138, with eleven digits.</summary>
    private const long MostSeconds = 100_000_000_000;

    private static readonly LocalDateTimePattern[] Plain =
    [
        LocalDateTimePattern.ExtendedIso,
        LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd HH:mm:ss"),
        LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd HH:mm"),
        LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mm"),
        LocalDateTimePattern.CreateWithInvariantCulture("d.M.uuuu HH:mm"),
        LocalDateTimePattern.CreateWithInvariantCulture("d.M.uuuu HH:mm:ss"),
        LocalDateTimePattern.CreateWithInvariantCulture("uuuu/M/d HH:mm"),
        LocalDateTimePattern.CreateWithInvariantCulture("uuuu/M/d HH:mm:ss"),
    ];

    private readonly IPattern<LocalDateTime>[] locals;
    private readonly OffsetDateTimePattern? offset;
    private readonly long perSecond;
    private readonly bool isDeclared;
    private int likely;
    private bool sawLocal;

    private TimestampFormat(IPattern<LocalDateTime>[] locals, OffsetDateTimePattern? offset = null, long perSecond = 0) =>
        (this.locals, this.offset, this.perSecond, isDeclared) = (locals, offset, perSecond, !ReferenceEquals(locals, Plain));

    /// <exception cref="IntervalRefusedException">The format cannot be understood.</exception>
    public static TimestampFormat From(string? format)
    {
        switch (format)
        {
            case null or "iso":
                return new TimestampFormat(Plain);
            case EpochSeconds:
                return new TimestampFormat([], perSecond: 1);
            case EpochMilliseconds:
                return new TimestampFormat([], perSecond: 1000);
            default:
                return Declared(format);
        }
    }

    /// <summary>Whether a day ends at the stamp: 24:00.</summary>
    public static bool IsEndOfDay(string text) => text.Contains("24:00", StringComparison.Ordinal) && EndOfDay().IsMatch(text);

    /// <summary>An instant, or a local time; or why it is neither.</summary>
    public (Instant? Exact, LocalDateTime? Local, string? Problem) Parse(string text)
    {
        if (perSecond > 0)
        {
            return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count) && count > -MostSeconds * perSecond && count < MostSeconds * perSecond
                ? (Instant.FromUnixTimeTicks(count * (NodaConstants.TicksPerSecond / perSecond)), null, null)
                : (null, null, $"is no whole number of {(perSecond == 1 ? "seconds" : "milliseconds")} since 1970{(perSecond == 1 && text.Length > 11 ? $"; declare stampFormat as {EpochMilliseconds} if they are milliseconds" : "")}");
        }

        if (offset is not null)
        {
            return offset.Parse(text) is { Success: true } exact ? (exact.Value.ToInstant(), null, null) : (null, null, "is not written as the declared stampFormat");
        }

        // The commonest forms first, as they are.
        if (!isDeclared && !sawLocal && OffsetDateTimePattern.ExtendedIso.Parse(text) is { Success: true } zoned)
        {
            return (zoned.Value.ToInstant(), null, null);
        }

        return Local(text) is { } plain ? (null, plain, null) : ParseUncommon(text);
    }

    private (Instant? Exact, LocalDateTime? Local, string? Problem) ParseUncommon(string text)
    {
        // Some loggers end the day at 24:00.
        var (written, more) = EndOfDay().Match(text) is { Success: true } end ? (text[..(end.Index + 1)] + "00:00" + text[(end.Index + 6)..], 1) : (text, 0);
        return !isDeclared && WithOffset().Match(written) is { Success: true } zoned ? ParseOffset(zoned, more)
            : more > 0 && Local(written) is { } local ? (null, local.PlusDays(1), null)
            : (null, null, Explain(text));
    }

    private LocalDateTime? Local(string text)
    {
        for (var i = 0; i < locals.Length; i++)
        {
            var at = (likely + i) % locals.Length;
            if (locals[at].Parse(text) is { Success: true } parsed)
            {
                (likely, sawLocal) = (at, true);
                return parsed.Value;
            }
        }

        return null;
    }

    /// <summary>ISO 8601 with <c>Z</c>, <c>+01</c>, <c>+0100</c> or <c>+01:00</c>, with or without seconds.</summary>
    private static (Instant?, LocalDateTime?, string?) ParseOffset(Match match, int more)
    {
        var minutes = match.Groups["m"].Success ? match.Groups["m"].Value : "00";
        var zone = match.Groups["z"].Success ? "Z" : $"{match.Groups["s"].Value}{match.Groups["h"].Value}:{minutes}";
        var seconds = match.Groups["sec"].Success ? match.Groups["sec"].Value : ":00";
        return OffsetDateTimePattern.ExtendedIso.Parse($"{match.Groups["d"].Value}T{match.Groups["t"].Value}{seconds}{zone}") is { Success: true } exact
            ? (exact.Value.ToInstant() + Duration.FromDays(more), null, null)
            : (null, null, "is no time stamp: no such date, time or offset");
    }

    private string Explain(string text) =>
        isDeclared ? "is not written as the declared stampFormat"
        : Slashes().IsMatch(text) ? "can be month first or day first; declare stampFormat, e.g. \"MM/dd/yyyy hh:mm tt\" or \"dd/MM/yyyy HH:mm\""
        : Digits().IsMatch(text) ? $"can be seconds or milliseconds since 1970, or digits of a date; declare stampFormat as {EpochSeconds}, {EpochMilliseconds} or a pattern like yyyyMMddHHmm"
        : DateAlone().IsMatch(text) ? "has a date but no time; name the column of the time as timeColumn and this one as dateColumn"
        : "is no time stamp; write 2026-03-29T01:15:00+01:00, or without offset and declare the zone, or declare the stampFormat";

    private static TimestampFormat Declared(string format)
    {
        var pattern = format.Replace("YYYY", "uuuu", StringComparison.Ordinal).Replace("yyyy", "uuuu", StringComparison.Ordinal).Replace("DD", "dd", StringComparison.Ordinal);
        pattern = Meridiem().Replace(pattern, "tt");
        try
        {
            return pattern.Contains("zz", StringComparison.Ordinal)
                ? new TimestampFormat([], OffsetDateTimePattern.CreateWithInvariantCulture(pattern.Replace("zzz", "o<+HH:mm>", StringComparison.Ordinal).Replace("zz", "o<+HHmm>", StringComparison.Ordinal)))
                : new TimestampFormat([LocalDateTimePattern.CreateWithInvariantCulture(pattern)]);
        }
        catch (InvalidPatternException)
        {
            throw CsvLines.Refused(
                ErrorClass.SchemaInvalid,
                $"the stampFormat '{SafeText.Short(format)}' is not understood; write iso, {EpochSeconds}, {EpochMilliseconds}, or a pattern of yyyy MM dd HH hh mm ss tt zzz, e.g. \"dd.MM.yyyy HH:mm\" or \"MM/dd/yyyy hh:mm tt\"",
                1);
        }
    }

    [GeneratedRegex(@"^(?<d>\d{4}-\d\d-\d\d)[T ](?<t>\d\d:\d\d)(?<sec>:\d\d(\.\d+)?)? ?((?<z>[Zz])|(?<s>[+-])(?<h>\d\d)(:?(?<m>\d\d))?)$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex WithOffset();

    [GeneratedRegex(@"[T ]24:00(?=$|:00|Z|[+-])", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex EndOfDay();

    [GeneratedRegex(@"^\d{1,2}/\d{1,2}/\d{2,4}", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Slashes();

    [GeneratedRegex(@"^\d{6,}$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Digits();

    [GeneratedRegex(@"^(\d{4}-\d\d-\d\d|\d{1,2}\.\d{1,2}\.\d{4})$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex DateAlone();

    [GeneratedRegex(@"(?<= )(A|a|AM|PM|aa)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Meridiem();
}
