using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using GridServices.Contracts;

namespace GridServices.OpenAdr.Service.Transport;

/// <summary>What a VTN says in the body of an answer that is not taken, as one safe line: often the only place where it says what it minds.</summary>
internal static partial class RefusalPatterns
{
    private const int Most = 200;

    /// <summary>The complaint with the VTN's words quoted after it, at most 200 characters of them; the complaint alone where there are none.</summary>
    public static string Append(string complaint, byte[]? body) => Quoted(body) is { } words ? $"{complaint}: {words}" : complaint;

    /// <summary>The words in quotation marks; null: there are none.</summary>
    public static string? Quoted(byte[]? body) => In(body) is { } words ? SafeText.Quote(words, Most) : null;

    /// <summary>Text without markup, scripts and runs of spaces; null where nothing is left, or the body is no text.</summary>
    internal static string? In(byte[]? body)
    {
        if (body is null || body.Contains((byte)0))
        {
            return null;
        }

        var text = WebUtility.HtmlDecode(Markup().Replace(Silent().Replace(Encoding.UTF8.GetString(body), " "), " "));
        var line = Spaces().Replace(text, " ").Trim();
        return line.Length == 0 ? null : line;
    }

    [GeneratedRegex(@"<(?<tag>script|style)\b.*?(</\k<tag>\s*>|$)|<!--.*?(-->|$)", RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Silent();

    [GeneratedRegex(@"<[a-zA-Z/?!][^<>]*>?", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Markup();

    [GeneratedRegex(@"[\s\u0085\u2028\u2029\ufeff]+", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Spaces();
}
