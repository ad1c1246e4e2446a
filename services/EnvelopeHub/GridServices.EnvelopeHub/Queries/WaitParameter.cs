using System.Globalization;
using NodaTime;
using NodaTime.Text;

namespace GridServices.EnvelopeHub.Queries;

/// <summary>How long a caller is willing to wait: <c>30</c>, <c>30s</c> or <c>PT30S</c>.</summary>
public static class WaitParameter
{
    /// <summary>Longer waits are cut to this.</summary>
    public static readonly Duration Longest = Duration.FromSeconds(60);

    /// <summary>Reads it; nothing means no wait.</summary>
    /// <returns>False where it is neither form, or negative.</returns>
    public static bool TryParse(string? text, out Duration wait)
    {
        wait = Duration.Zero;
        if (string.IsNullOrEmpty(text))
        {
            return true;
        }

        var seconds = text.EndsWith('s') ? text[..^1] : text;
        if (seconds.Length > 0 && seconds.All(char.IsAsciiDigit))
        {
            // A number too long for Int32 is longer than the longest wait anyway.
            wait = int.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var read) ? Cut(Duration.FromSeconds(read)) : Longest;
            return true;
        }

        return TryParseIso(text, out wait);
    }

    private static bool TryParseIso(string text, out Duration wait)
    {
        wait = Duration.Zero;
        var read = PeriodPattern.NormalizingIso.Parse(text);
        if (!read.Success || read.Value.Years != 0 || read.Value.Months != 0)
        {
            return false;
        }

        try
        {
            var duration = read.Value.ToDuration();
            wait = Cut(duration);
            return duration >= Duration.Zero;
        }
        catch (OverflowException)
        {
            return false;
        }
    }

    private static Duration Cut(Duration asked) => Duration.Min(asked, Longest);
}
