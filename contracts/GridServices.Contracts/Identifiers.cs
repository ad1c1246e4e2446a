using System.Buffers;
using System.Globalization;

namespace GridServices.Contracts;

/// <summary>Which texts may stand as identifiers and as free text, so that none means anything else in a path, a topic, a log or a page.</summary>
public static class Identifiers
{
    public const int MaxLength = 128;

    /// <summary>Regular expression of <see cref="IsSafe"/>, for schemas.</summary>
    public const string Pattern = @"^(?!.*\.\.)[A-Za-z0-9_][A-Za-z0-9._:~-]{0,127}$";

    private static readonly SearchValues<char> Alphabet =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:~-");

    /// <summary>
    /// Sites, targets, tenants, services, stream keys, assets: 1..128 of ASCII letters, digits and <c>. _ : ~ -</c>, the first a letter, digit or <c>_</c>,
    /// without <c>..</c>. No slash, wildcard, blank, control, bidi or zero-width character.
    /// </summary>
    public static bool IsSafe(string text) =>
        text.Length is > 0 and <= MaxLength
        && (char.IsAsciiLetterOrDigit(text[0]) || text[0] == '_')
        && !text.AsSpan().ContainsAnyExcept(Alphabet)
        && !text.Contains("..", StringComparison.Ordinal);

    /// <summary>Free text: 1..<paramref name="maxLength"/> UTF-16 units without control, format (bidi, zero-width), private-use or line-separating characters.</summary>
    public static bool IsPlainText(string text, int maxLength)
    {
        if (text.Length == 0 || text.Length > maxLength)
        {
            return false;
        }

        for (var i = 0; i < text.Length;)
        {
            // Half a surrogate pair, and U+xxFFFE and U+xxFFFF, which no text format has to carry.
            if (!System.Text.Rune.TryGetRuneAt(text, i, out var rune) || (rune.Value & 0xFFFE) == 0xFFFE)
            {
                return false;
            }

            if (System.Text.Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate)
            {
                return false;
            }

            i += rune.Utf16SequenceLength;
        }

        return true;
    }
}
