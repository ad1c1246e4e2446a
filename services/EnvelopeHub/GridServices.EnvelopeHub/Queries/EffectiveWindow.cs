using GridServices.Contracts;
using NodaTime;
using NodaTime.Text;

namespace GridServices.EnvelopeHub.Queries;

/// <summary>The stretch of time a merged timeline is asked for: [<see cref="From"/>, <see cref="Until"/>).</summary>
public sealed record EffectiveWindow
{
    public static readonly Duration Usual = Duration.FromHours(48);
    public static readonly Duration Longest = Duration.FromDays(35);

    private EffectiveWindow(Instant from, Instant until)
    {
        From = from;
        Until = until;
    }

    public Instant From { get; }
    public Instant Until { get; }

    /// <summary>What holds from now on, for the next 48 hours.</summary>
    public static EffectiveWindow StartingAt(Instant now) => new(now, now + Usual);

    /// <summary>Reads the two query parameters; what is absent is now, and 48 h after from.</summary>
    /// <returns>The window, or the problem with it.</returns>
    public static (EffectiveWindow? Window, Problem? Problem) Read(string? from, string? until, Instant now)
    {
        if (Read(from, now) is not { } start)
        {
            return (null, NotAnInstant("from"));
        }

        var later = start > Instant.MaxValue - Usual ? Instant.MaxValue : start + Usual;
        if (Read(until, later) is not { } end)
        {
            return (null, NotAnInstant("until"));
        }

        if (end <= start)
        {
            return (null, Problems.Create(ErrorClass.SemanticTime, $"until ({end}) must be after from ({start}).", "until"));
        }

        return end - start > Longest
            ? (null, Problems.Create(ErrorClass.SemanticWindow, $"At most {Longest.Days} days between from and until; ask in several pieces.", "until"))
            : (new EffectiveWindow(start, end), null);
    }

    private static Instant? Read(string? text, Instant otherwise)
    {
        if (string.IsNullOrEmpty(text))
        {
            return otherwise;
        }

        var read = InstantPattern.ExtendedIso.Parse(text);
        return read.Success ? read.Value : null;
    }

    private static Problem NotAnInstant(string name) =>
        Problems.Create(ErrorClass.SemanticTime, $"{name} must be an RFC 3339 instant in UTC, like 2027-01-15T18:00:00Z.", name);
}
