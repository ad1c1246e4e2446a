using System.Globalization;
using Microsoft.Net.Http.Headers;

namespace GridServices.Operations.Service.Console.Texts;

/// <summary>A language of the console, and how it writes numbers. There is one culture in the process (invariant), so each language brings its own signs.</summary>
internal sealed record Language(string Code, string Name, NumberFormatInfo Numbers)
{
    internal static readonly Language English = new("en", "English", Signs(".", ","));

    /// <summary>All of them, in the order of the menu.</summary>
    internal static readonly IReadOnlyList<Language> All = [English, new("de", "Deutsch", Signs(",", ".")), new("fr", "Français", Signs(",", "\u202f"))];

    /// <summary>The one of a BCP 47 tag (<c>fr-CA</c> is French); null where the console has no such language.</summary>
    internal static Language? Find(string? tag) => All.FirstOrDefault(
        language => tag is not null && (tag.Equals(language.Code, StringComparison.OrdinalIgnoreCase) || tag.StartsWith(language.Code + "-", StringComparison.OrdinalIgnoreCase)));

    /// <summary>What the person chose, else the best of the browser's wishes, else English.</summary>
    internal static Language Choose(string? chosen, string? acceptLanguage) => Find(chosen)
        ?? (StringWithQualityHeaderValue.TryParseList([acceptLanguage ?? string.Empty], out var wishes)
            ? wishes.Where(wish => wish.Quality != 0).OrderByDescending(wish => wish.Quality ?? 1).Select(wish => Find(wish.Value.Value)).FirstOrDefault(found => found is not null)
            : null)
        ?? English;

    private static NumberFormatInfo Signs(string point, string group) => NumberFormatInfo.ReadOnly(
        new NumberFormatInfo { NumberDecimalSeparator = point, NumberGroupSeparator = group, NegativeSign = "\u2212" });
}
