using NodaTime;
using NodaTime.Text;

namespace GridServices.Simulators.Vtn.Messages;

/// <summary>Times and durations as OpenADR writes them: UTC with Z (rule 1), ISO 8601 durations without decimals.</summary>
public static class IsoText
{
    private static readonly InstantPattern Seconds = InstantPattern.General;

    public static string Format(Instant instant) => Seconds.Format(instant);

    /// <summary>Hours, minutes and whole seconds, e.g. <c>PT1H30M</c>; zero is <c>PT0S</c>.</summary>
    public static string Format(Duration duration)
    {
        var size = duration < NodaTime.Duration.Zero ? -duration : duration;
        var seconds = (long)size.TotalSeconds;
        var text = (seconds / 3600 is > 0 and var h ? $"{h}H" : "") + (seconds / 60 % 60 is > 0 and var m ? $"{m}M" : "") + (seconds % 60 is > 0 and var s ? $"{s}S" : "");
        return (size == duration ? "PT" : "-PT") + (text.Length == 0 ? "0S" : text);
    }

    /// <exception cref="SimException">Not an ISO 8601 duration of fixed length.</exception>
    public static Duration ParseDuration(string text)
    {
        var sign = text.StartsWith('-') ? -1 : 1;
        var size = text.Trim().TrimStart('-', '+');
        if (size is "P" or "PT")
        {
            return NodaTime.Duration.Zero; // openleadr writes an absent duration like that, and the schema lets it through
        }

        var parsed = PeriodPattern.NormalizingIso.Parse(size);
        return parsed.Success && parsed.Value is { Years: 0, Months: 0 } period
            ? period.ToDuration() * sign
            : throw new SimException($"'{text}' is not a duration such as PT2M.");
    }

    /// <summary><c>+PT2M</c> or <c>-PT2M</c> from now, or an RFC 3339 instant in UTC.</summary>
    /// <exception cref="SimException">Neither.</exception>
    public static Instant ParseStart(string text, Instant now)
    {
        if (text.StartsWith('+') || text.StartsWith('-'))
        {
            return now + ParseDuration(text);
        }

        var parsed = InstantPattern.ExtendedIso.Parse(text);
        return parsed.Success ? parsed.Value : throw new SimException($"'{text}' is neither +PT2M nor 2027-01-15T18:00:00Z.");
    }

    /// <summary>An instant of a message; tolerates fractions and white space, as rule 1 asks of receivers.</summary>
    public static Instant? ParseInstantOrNull(string? text) =>
        text is not null && InstantPattern.ExtendedIso.Parse(text.Trim()) is { Success: true } parsed ? parsed.Value : null;
}
