using System.Globalization;

namespace GridServices.EnvelopeHub.Streaming;

/// <summary>Where a reader goes on from, decided from the cursor it holds.</summary>
public abstract record Resume
{
    private const int LongestEpoch = 64;

    private Resume()
    {
    }

    /// <summary>It holds nothing: it gets the whole current state.</summary>
    public sealed record Fresh : Resume;

    /// <summary>It has everything up to and including this sequence.</summary>
    public sealed record After(long Sequence) : Resume;

    /// <summary>The text is no cursor.</summary>
    public sealed record Invalid(string Detail) : Resume;

    /// <summary>A cursor, but the log can't go on from it: another epoch, before what is retained, or beyond the end.</summary>
    /// <param name="Detail">Which, and what to do.</param>
    /// <param name="IsAhead">It is of the present epoch and lies beyond the end: the log was put back, or the reader invents it.</param>
    public sealed record Gone(string Detail, bool IsAhead = false) : Resume;

    /// <summary>Decides on a cursor <c>{epoch}.{sequence}</c>, or a bare sequence where the present epoch is the first.</summary>
    /// <param name="text">What the reader sent; null or empty: nothing.</param>
    /// <param name="epoch">The present epoch of the log.</param>
    /// <param name="head">The last sequence of the log.</param>
    /// <param name="trimmedTo">The log holds everything after this sequence.</param>
    /// <param name="hasPast">Other epochs came before: a sequence that names none may be of one of them, and would skip what has the same number now.</param>
    public static Resume Decide(string? text, string epoch, long head, long trimmedTo, bool hasPast)
    {
        if (string.IsNullOrEmpty(text))
        {
            return new Fresh();
        }

        var dot = text.LastIndexOf('.');
        var (cursorEpoch, number) = dot < 0 ? (epoch, text) : (text[..dot], text[(dot + 1)..]);
        if (!IsNumber(number) || !IsEpoch(cursorEpoch))
        {
            return new Invalid("The cursor is neither {epoch}.{sequence} nor a sequence. Send back the id of the last event as it was received.");
        }

        if (dot < 0 && hasPast)
        {
            return new Gone($"The cursor names no epoch, and this hub has had others before. Read again without a cursor, and from then on send {{epoch}}.{{sequence}}, as in the id of an event.");
        }

        if (!string.Equals(cursorEpoch, epoch, StringComparison.Ordinal))
        {
            return new Gone($"The cursor is of another epoch ({cursorEpoch}); the present one is {epoch}. Read again without a cursor.");
        }

        // A number too long for Int64 is beyond the end, or before the beginning, whatever its digits.
        if (!long.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var sequence) || sequence > head)
        {
            return new Gone($"The cursor lies beyond the end of the log ({head}). Read again without a cursor.", IsAhead: dot >= 0 && !number.StartsWith('-'));
        }

        return sequence < trimmedTo
            ? new Gone($"The log goes back to {trimmedTo} only; what came after the cursor is no longer all there. Read again without a cursor.")
            : new After(sequence);
    }

    private static bool IsNumber(string text)
    {
        var digits = text.AsSpan(text.StartsWith('-') ? 1 : 0);
        return digits.Length is > 0 and <= 40 && !digits.ContainsAnyExceptInRange('0', '9');
    }

    private static bool IsEpoch(string text) =>
        text.Length is > 0 and <= LongestEpoch && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}
