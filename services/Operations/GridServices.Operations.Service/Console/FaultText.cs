using System.Text.RegularExpressions;
using GridServices.Operations.Service.Console.Texts;

namespace GridServices.Operations.Service.Console;

/// <summary>
/// A fault of a form in the reader's language. Faults are told in English (API users and logs read them too); the texts <c>fault.*</c> hold those sentences with
/// places, and what they are in other languages. A sentence that is not among them stays as it is.
/// </summary>
internal static class FaultText
{
    private static readonly IReadOnlyList<(string Key, Regex English)> Known =
        [.. new TextSet(Language.English).Keys("fault.").Select(key => (key, Pattern(new TextSet(Language.English)[key])))];

    internal static string Translate(TextSet texts, string detail)
    {
        if (texts.Language == Language.English)
        {
            return detail;
        }

        foreach (var (key, english) in Known)
        {
            if (english.Match(detail) is { Success: true } match)
            {
                return texts[key, [.. match.Groups.Values.Skip(1).Select(group => (object?)group.Value)]];
            }
        }

        return detail;
    }

    /// <summary>Places come in order, <c>{0}</c> first.</summary>
    private static Regex Pattern(string text) => new(
        "^" + Regex.Replace(Regex.Escape(text), @"\\\{\d}", @"(\S+?)", RegexOptions.None, TimeSpan.FromSeconds(1)) + "$", RegexOptions.CultureInvariant | RegexOptions.Singleline, TimeSpan.FromSeconds(1));
}
