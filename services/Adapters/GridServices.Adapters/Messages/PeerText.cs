namespace GridServices.Adapters.Messages;

/// <summary>What a peer wrote, as it may stand in a line of a log: no longer than 300 characters, and no line breaks or other control characters that would make lines of their own.</summary>
public static class PeerText
{
    private const int Longest = 300;

    public static string Sanitize(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var shown = text.Length <= Longest ? text : text[..Longest] + "…";
        return string.Concat(shown.Select(c => char.IsControl(c) || c is '\u2028' or '\u2029' ? ' ' : c));
    }
}
