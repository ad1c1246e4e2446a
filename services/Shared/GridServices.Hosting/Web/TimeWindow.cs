using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Hosting.Web;

/// <summary>The query parameters <c>from</c> and <c>until</c>: RFC 3339 instants in UTC, [from, until).</summary>
public static class TimeWindow
{
    /// <summary>The window that the query asks for.</summary>
    /// <param name="from">As it is in the query.</param>
    /// <param name="until">As it is in the query.</param>
    /// <param name="usualUntil">The end where none is asked for.</param>
    /// <param name="usualLength">Of a window whose start is not asked for.</param>
    /// <exception cref="ProblemException">SEMANTIC_TIME: one is no instant, or until is not after from.</exception>
    public static Interval Read(string? from, string? until, Instant usualUntil, Duration usualLength)
    {
        var end = Instant(until, "until") ?? usualUntil;
        var start = Instant(from, "from") ?? (end < NodaTime.Instant.MinValue + usualLength ? NodaTime.Instant.MinValue : end - usualLength);
        return start < end
            ? new Interval(start, end)
            : throw new ProblemException(ErrorClass.SemanticTime, $"until ({end}) must be after from ({start}).", "until");
    }

    /// <summary>The same, open at the side that is not asked for.</summary>
    /// <exception cref="ProblemException">SEMANTIC_TIME, as above.</exception>
    public static Interval Read(string? from, string? until)
    {
        var (start, end) = (Instant(from, "from"), Instant(until, "until"));
        return start < end || start is null || end is null
            ? new Interval(start, end)
            : throw new ProblemException(ErrorClass.SemanticTime, $"until ({end}) must be after from ({start}).", "until");
    }

    private static Instant? Instant(string? text, string name)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        var read = InstantPattern.ExtendedIso.Parse(text);
        return read.Success ? read.Value : throw new ProblemException(ErrorClass.SemanticTime, $"{name} must be an RFC 3339 instant in UTC, like 2027-01-15T18:00:00Z.", name);
    }
}
