using System.Text;

namespace GridServices.OpenAdr.Signatures;

/// <summary>What Canonical XML 1.0 escapes (2.3), and nothing else.</summary>
internal static class CanonicalEscape
{
    public static void Append(StringBuilder text, string value, bool isAttribute)
    {
        foreach (var c in value)
        {
            _ = c switch
            {
                '&' => text.Append("&amp;"),
                '<' => text.Append("&lt;"),
                '>' when !isAttribute => text.Append("&gt;"),
                '"' when isAttribute => text.Append("&quot;"),
                '\t' when isAttribute => text.Append("&#x9;"),
                '\n' when isAttribute => text.Append("&#xA;"),
                '\r' => text.Append("&#xD;"),
                _ => text.Append(c),
            };
        }
    }
}
