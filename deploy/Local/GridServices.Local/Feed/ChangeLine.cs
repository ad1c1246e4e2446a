using NodaTime;
using NodaTime.Text;

namespace GridServices.Local.Feed;

/// <summary>One line per change: when, at which site, who says so, what.</summary>
internal static class ChangeLine
{
    public const int Columns = 120;
    private const int SiteColumns = 10;
    private const int SourceColumns = 11;
    private const string Gap = "  ";
    private static readonly InstantPattern Clock = InstantPattern.CreateWithInvariantCulture("HH:mm:ss'Z'");

    /// <summary>At most <see cref="Columns"/> wide; what does not fit ends in an ellipsis.</summary>
    public static string Short(Instant at, Change change) => Cut(Full(at, change), Columns);

    /// <summary>However long it is.</summary>
    public static string Full(Instant at, Change change) => string.Join(
        Gap, Clock.Format(at), Cut(change.Site ?? "-", SiteColumns).PadRight(SiteColumns), change.Source.PadRight(SourceColumns), OneLine(change.Text));

    private static string OneLine(string text) => string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    private static string Cut(string text, int most) => text.Length <= most ? text : string.Concat(text.AsSpan(0, most - 1), "…");
}
