namespace GridServices.Operations.Service.Registry;

/// <summary>Personal data for who may not read it: enough to recognise, not enough to use.</summary>
internal static class Masking
{
    /// <summary><c>a•••@example.com</c>.</summary>
    internal static string? Email(string? text) => text is null ? null
        : text.IndexOf('@', StringComparison.Ordinal) is > 0 and var at ? $"{text[0]}•••{text[at..]}"
        : "•••";

    /// <summary>The last two characters: <c>•••42</c>.</summary>
    internal static string? Tail(string? text) => text is null ? null : "•••" + (text.Length > 4 ? text[^2..] : string.Empty);

    /// <summary>Initials: <c>A. S.</c>.</summary>
    internal static string Name(string text) => string.Join(' ', text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => $"{word[0]}."));
}
