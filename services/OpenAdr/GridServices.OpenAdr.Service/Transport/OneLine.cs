using System.Text;

namespace GridServices.OpenAdr.Service.Transport;

/// <summary>Foreign text made fit for a log line or a problem's detail: one line, no control characters, bounded.</summary>
public static class OneLine
{
    private const int MaxLength = 300;

    public static string Of(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return string.Empty;
        }

        var line = new StringBuilder(Math.Min(text.Length, MaxLength) + 1);
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, MaxLength)))
        {
            // U+2028/2029 end lines in many viewers although they are no control characters.
            _ = char.IsControl(c) || c is '\u2028' or '\u2029' ? line.Append($"\\u{(int)c:x4}") : line.Append(c);
        }

        return text.Length > MaxLength ? line.Append('…').ToString() : line.ToString();
    }
}
