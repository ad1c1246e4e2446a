using System.Globalization;

namespace GridServices.Contracts;

/// <summary>
/// A place in a sequence, <c>{epoch}.{sequence}</c>: the epoch changes when the hub's store is replaced, the sequence counts from 1
/// (0 = before the first). Opaque to clients; it is the <c>id:</c> of Server-Sent Events.
/// </summary>
public readonly record struct Cursor(string Epoch, long Sequence)
{
    private const int LongestEpoch = 64;

    /// <summary>The sequence as the wire records carry it.</summary>
    public string SequenceText => Sequence.ToString(CultureInfo.InvariantCulture);

    public static bool TryParse(string? text, out Cursor cursor)
    {
        cursor = default;
        var dot = text?.LastIndexOf('.') ?? -1;
        if (text is null || dot < 1 || dot > LongestEpoch || !IsEpoch(text.AsSpan(0, dot)))
        {
            return false;
        }

        var digits = text.AsSpan(dot + 1);
        if (digits.Length is 0 or > 19 || (digits[0] == '0' && digits.Length > 1)
            || !long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence))
        {
            return false;
        }

        cursor = new Cursor(text[..dot], sequence);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Epoch}.{Sequence}");

    /// <summary>Whether a text can be an epoch: 1 to 64 of <c>A-Z a-z 0-9 - _</c>.</summary>
    public static bool IsEpoch(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > LongestEpoch)
        {
            return false;
        }

        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_'))
            {
                return false;
            }
        }

        return true;
    }
}
